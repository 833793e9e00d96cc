import type { Argv } from 'yargs';
import { loadOptions } from '../config/load.js';
import type { Options } from '../config/options.js';
import { MedallionError } from '../errors/index.js';
import { runDaemon } from '../orchestrate/daemon.js';
import { createOperations } from '../orchestrate/operations.js';
import { capabilities, makeStyle } from '../report/style.js';
import { type ServeEvent, serve } from '../serve/serve.js';
import { plural } from '../text/format.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';
import { daemonReporter } from './schedule.js';

export const builder = (yargs: Argv) =>
  yargs
    .options({
      ...projectFlags,
      host: { type: 'string', describe: 'Address to listen on; default: this machine only' },
      port: { type: 'number', describe: 'Default 3000; 0: one that is free' },
      schedule: {
        type: 'boolean',
        describe: 'Carry out the schedules and triggers of the project as well',
        default: false,
      },
      json: { type: 'boolean', describe: 'One event on each line, as JSON', default: false },
    })
    .example('mdl serve', 'gold as a REST API, and the web app, at http://127.0.0.1:3000')
    .example('mdl serve --schedule', 'runs by schedules and triggers as well')
    .example('mdl serve --port 8080 --host 0.0.0.0', 'for other machines as well');

interface Arguments extends ProjectArguments {
  readonly host?: string;
  readonly port?: number;
  readonly schedule: boolean;
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  if (args.port !== undefined && !(Number.isInteger(args.port) && args.port >= 0 && args.port <= 65_535))
    throw new MedallionError('MDL1004', { message: '--port takes a whole number from 0 to 65535.' });
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const interrupt = interruptSignal(() => {});
  const project = { dir: args.projectDir, ...overridesOf(args) };
  const operations = createOperations({ project, options });
  try {
    const server = await serve(
      {
        ...options,
        serve: {
          ...options.serve,
          ...(args.host !== undefined && { host: args.host }),
          ...(args.port !== undefined && { port: args.port }),
        },
      },
      args.json
        ? (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
        : (event) => tell(event, options),
      operations,
    );
    const stopped = new Promise((stop) => interrupt.signal.addEventListener('abort', stop, { once: true }));
    try {
      if (args.schedule)
        await runDaemon({
          project,
          signal: interrupt.signal,
          ...daemonReporter(args.json),
        });
      await stopped;
    } finally {
      await operations.close();
      await server.close();
    }
  } finally {
    interrupt.release();
  }
}

function tell(event: ServeEvent, { serve: { ui }, environment, target }: Options): void {
  const style = makeStyle(capabilities(process.stdout, process.env).color);
  switch (event.event) {
    case 'serve.started': {
      const { url, relations, database, role } = event;
      const shown = relations.slice(0, 3).map((relation) => relation.slice(relation.indexOf('.') + 1));
      const lines = [
        style.bold(url),
        ...(ui ? ['  in a browser   dashboards, explore, catalog, lineage, runs'] : []),
        `  REST API       ${plural(relations.length, 'relation')} of ${database}, read as ${role}`,
        ...(environment && !environment.grants
          ? [
              style.yellow(
                `  What ${target} has built is for its owner only: targets.${target}.grants lets ${role} read it.`,
              ),
            ]
          : []),
        ...shown.map((name) => style.dim(`                 ${url}/${encodeURIComponent(name)}`)),
        style.dim('Ctrl-C stops it.'),
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
      break;
    }
    case 'serve.refreshed':
      process.stdout.write(style.dim(`Published anew: ${plural(event.relations, 'relation')}.\n`));
      break;
    case 'serve.cut':
      process.stderr.write(`${plural(event.requests, 'request')} cut off: no answer within 10 seconds.\n`);
      break;
    case 'serve.failed':
      process.stderr.write(`${event.error instanceof Error ? event.error.message : String(event.error)}\n`);
  }
}
