import type { Argv } from 'yargs';
import { loadOptions } from '../config/load.js';
import { MedallionError } from '../errors/index.js';
import { runSchedules } from '../orchestrate/daemon.js';
import { plural } from '../report/format.js';
import { capabilities, makeStyle } from '../report/style.js';
import { type ServeEvent, serve } from '../serve/serve.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';
import { scheduleReporter } from './schedule.js';

export const builder = (yargs: Argv) =>
  yargs
    .options({
      ...projectFlags,
      host: { type: 'string', describe: 'Address to listen on; default: this machine only' },
      port: { type: 'number', describe: 'Default 3000; 0: one that is free' },
      schedule: { type: 'boolean', describe: 'Run the schedules of the project as well', default: false },
      json: { type: 'boolean', describe: 'One event on each line, as JSON', default: false },
    })
    .example('mdl serve', 'the read API of gold at http://127.0.0.1:3000')
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
      args.json ? (event) => process.stdout.write(`${JSON.stringify(event)}\n`) : tell,
    );
    const stopped = new Promise((stop) => interrupt.signal.addEventListener('abort', stop, { once: true }));
    try {
      if (args.schedule)
        await runSchedules({
          project: { dir: args.projectDir, ...overridesOf(args) },
          signal: interrupt.signal,
          ...scheduleReporter(args.json),
        });
      await stopped;
    } finally {
      await server.close();
    }
  } finally {
    interrupt.release();
  }
}

function tell(event: ServeEvent): void {
  const style = makeStyle(capabilities(process.stdout, process.env).color);
  switch (event.event) {
    case 'serve.started':
      process.stdout.write(
        `${style.bold(event.url)}  ${plural(event.relations.length, 'relation')} of ${event.database}, read as ${event.role}\n${event.relations
          .slice(0, 5)
          .map(
            (relation) => `  ${event.url}/${encodeURIComponent(relation.slice(relation.indexOf('.') + 1))}\n`,
          )
          .join('')}${style.dim('Ctrl-C stops it.')}\n`,
      );
      break;
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
