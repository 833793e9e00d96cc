import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import type { Argv } from 'yargs';
import { loadOptions } from '../config/load.js';
import type { Options } from '../config/options.js';
import {
  acquireEmbedded,
  embeddedStatus,
  keepEmbedded,
  resetEmbedded,
  stopEmbedded,
} from '../database/embedded/index.js';
import { MedallionError } from '../errors/index.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';

const actions = ['start', 'stop', 'status', 'url', 'psql', 'reset'] as const;

export const builder = (yargs: Argv) =>
  yargs
    .positional('action', {
      choices: actions,
      demandOption: true,
      describe: 'What to do with the embedded Postgres',
    })
    .options({
      ...projectFlags,
      yes: { type: 'boolean', alias: 'y', default: false, describe: 'reset: do not ask' },
    })
    .example('mdl db start', 'keep the server running between commands')
    .example('mdl db psql -- -c "select * from gold.vendas_por_mes"', 'a psql session, or one statement')
    .example('psql "$(npx mdl db url)"', 'the same with any client');

interface Arguments extends ProjectArguments {
  readonly action: (typeof actions)[number];
  readonly yes: boolean;
  readonly '--'?: readonly string[];
  readonly _: readonly (string | number)[];
}

export async function handler(args: Arguments): Promise<void> {
  const options = await loadOptions(args.projectDir, overridesOf(args));
  if (options.database !== undefined) {
    throw new MedallionError('MDL2103', {
      message: `${options.name} sets database in ${options.configFile}, so there is no embedded Postgres to ${args.action}.`,
    });
  }
  await run[args.action](options.environment?.production ?? options, args);
}

const say = (text: string) => process.stdout.write(`${text}\n`);

const run: Readonly<Record<Arguments['action'], (options: Options, args: Arguments) => Promise<void>>> = {
  async start({ projectDir, name }) {
    const { url } = await keepEmbedded({ projectDir, database: name });
    say(`The embedded Postgres runs until: npx mdl db stop\n${url}`);
  },
  async stop({ projectDir }) {
    say(
      (await stopEmbedded(projectDir))
        ? 'The embedded Postgres has stopped.'
        : 'The embedded Postgres did not run.',
    );
  },
  async status({ projectDir }) {
    const { running, home, users } = await embeddedStatus(projectDir);
    say(`${running ? `Running, used by ${users} commands.` : 'Not running.'} Data in ${home}`);
  },
  async url({ projectDir, name }) {
    // Printed for other programs to connect with, so the server has to outlive this command.
    const { url } = await keepEmbedded({ projectDir, database: name });
    say(url);
  },
  async psql({ projectDir, name }, args) {
    const server = await acquireEmbedded({ projectDir, database: name });
    try {
      const result = spawnSync('psql', [server.url(name), ...args._.slice(1).map(String)], {
        stdio: 'inherit',
      });
      if (result.error)
        throw new MedallionError('MDL1004', {
          message: `psql cannot be started: ${result.error.message}`,
          hint: "Install Postgres's client (Debian: apt install postgresql-client), or use: npx mdl show",
        });
      process.exitCode = result.status ?? 1;
    } finally {
      await server.release();
    }
  },
  async reset({ projectDir }, args) {
    const { home } = await embeddedStatus(projectDir);
    if (!args.yes && !(await confirmed(`Delete the database in ${home} with all its tables?`))) {
      say('Nothing was deleted.');
      return;
    }
    await resetEmbedded(projectDir);
    say('The embedded Postgres is gone; the next command makes a new, empty one.');
  },
};

/** Asks on a terminal; without one nobody could answer, so the answer is no. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new MedallionError('MDL1004', {
      message: `${question} There is no terminal to ask on.`,
      hint: 'Add --yes.',
    });
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|yes)$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
