import type { Argv } from 'yargs';
import { openDatabase } from '../build/open-database.js';
import { loadOptions } from '../config/load.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import { type Generated, type GeneratedKind, generate, generatedKinds } from '../generate/generate.js';
import { afterEachPublish } from '../generate/watch.js';
import { capabilities, makeStyle } from '../report/style.js';
import { plural } from '../text/format.js';
import { failWith } from './fail.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('files', {
      type: 'string',
      array: true,
      describe: `Which to write: ${generatedKinds.join(', ')}; default: all`,
    })
    .options({
      ...projectFlags,
      check: { type: 'boolean', default: false, describe: 'Write nothing; fail when a file is out of date' },
      watch: { type: 'boolean', default: false, describe: 'Write again after each publish' },
    })
    .example('mdl generate', 'all of them, into generated/')
    .example('mdl generate supabase zod', 'only these')
    .example('mdl generate --check', 'in CI: fails when they are out of date');

interface Arguments extends ProjectArguments {
  readonly files?: readonly string[];
  readonly check: boolean;
  readonly watch: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  const kinds = (args.files ?? []).map(requireKind);
  if (args.check && args.watch)
    throw new MedallionError('MDL1004', { message: 'Give one of --check and --watch.' });
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const work = { kinds: kinds.length > 0 ? kinds : generatedKinds, isCheck: args.check };
  const database = await openDatabase(options);
  const interrupt = interruptSignal(() => {});
  try {
    const write = async () => {
      const made = await generate(options, database, work);
      if (args.check) requireCurrent(made);
      tell(made, options.serve.schemas);
    };
    if (!args.watch) return await write();
    if (database.isPooled)
      throw new MedallionError('MDL1004', {
        message:
          '--watch is told of publishes over a connection that lasts; a transaction pooler gives none.',
        hint: 'Connect directly or through a session pooler.',
      });
    const listener = database.connect({ max: 1, applicationName: 'mdl generate --watch' });
    process.stdout.write('Writing again after each publish. Ctrl-C stops it.\n');
    await afterEachPublish(listener, write, (error) => failWith(error, false), interrupt.signal);
    process.exitCode = 0;
  } finally {
    interrupt.release();
    await database.close();
  }
}

function requireKind(name: string): GeneratedKind {
  const kind = generatedKinds.find((known) => known === name);
  if (kind) return kind;
  throw new MedallionError('MDL1004', {
    message: `There is nothing called "${name}" to generate.`,
    hint: didYouMean(name, generatedKinds) ?? `Name some of: ${generatedKinds.join(', ')}.`,
  });
}

function requireCurrent({ files }: Generated): void {
  const old = files.filter(({ state }) => state !== 'unchanged');
  if (old.length === 0) return;
  throw new MedallionError('MDL6101', {
    message: `${plural(old.length, 'file')} ${old.length === 1 ? 'differs' : 'differ'} from what is published: ${old
      .map(({ path, state }) => (state === 'missing' ? `${path} (missing)` : path))
      .join(', ')}.`,
  });
}

function tell({ files, relations }: Generated, schemas: readonly string[]): void {
  const style = makeStyle(capabilities(process.stdout, process.env).color);
  for (const { path, state } of files)
    process.stdout.write(
      state === 'unchanged' ? style.dim(`  unchanged  ${path}\n`) : `  written    ${path}\n`,
    );
  if (relations === 0)
    process.stdout.write(`Nothing is published in ${schemas.join(', ')} yet: npx mdl build\n`);
}
