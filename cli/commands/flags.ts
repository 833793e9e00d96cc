import type { Options } from 'yargs';
import type { Overrides } from '../config/options.js';
import { MedallionError } from '../errors/index.js';

/** Flags that several commands share. */
export const projectFlags = {
  'project-dir': { type: 'string', describe: 'A folder in the project', default: '.' },
  target: { type: 'string', alias: 't', describe: 'One of the targets of the configuration' },
  vars: { type: 'string', describe: 'Values for {{var}}: JSON or a=1,b=2' },
} as const satisfies Record<string, Options>;

export const selectionFlags = {
  select: {
    type: 'string',
    array: true,
    alias: 's',
    describe: 'What to take: gold.x, +gold.x, silver.*, tag:x, path:models/gold, a,b',
    default: [] as string[],
  },
  exclude: { type: 'string', array: true, describe: 'What to leave out of that', default: [] as string[] },
} as const satisfies Record<string, Options>;

export const runFlags = {
  ...projectFlags,
  ...selectionFlags,
  threads: { type: 'number', describe: 'Connections that build at the same time' },
  'fail-fast': { type: 'boolean', describe: 'Start nothing more after the first failure', default: false },
  'no-wait': { type: 'boolean', describe: 'Fail at once when another run is going on', default: false },
  'dry-run': { type: 'boolean', describe: 'Show what would be done, and do nothing', default: false },
  json: { type: 'boolean', describe: 'One event on each line, as JSON', default: false },
} as const satisfies Record<string, Options>;

/** Flags of the commands that build models. */
export const buildFlags = {
  ...runFlags,
  publish: {
    choices: ['all', 'passing'],
    default: 'all',
    describe: 'passing: publish what passed, although something else failed',
  },
  force: {
    type: 'boolean',
    default: false,
    describe: 'Build the models also where nothing has changed',
  },
  from: {
    type: 'string',
    describe: 'Fill models that are filled by time again from here on: 2024-01-31',
  },
  to: { type: 'string', describe: 'Fill them up to here, excluded' },
  'store-failures': {
    type: 'boolean',
    default: false,
    describe: 'Keep failing rows in medallion.test_failures',
  },
} as const satisfies Record<string, Options>;

/** @throws MedallionError MDL1004 */
export function requireLimit(limit: number, least: number): void {
  if (!Number.isSafeInteger(limit) || limit < least)
    throw new MedallionError('MDL1004', {
      message: `--limit takes a whole number${least > 0 ? ` from ${least}` : ''}.`,
    });
}

export interface ProjectArguments {
  readonly projectDir: string;
  readonly target?: string | undefined;
  readonly vars?: string | undefined;
  readonly threads?: number | undefined;
}

/** @throws MedallionError MDL1004 */
export function overridesOf(args: ProjectArguments): Overrides {
  if (
    args.threads !== undefined &&
    !(Number.isInteger(args.threads) && args.threads >= 1 && args.threads <= 64)
  ) {
    throw new MedallionError('MDL1004', { message: '--threads takes a whole number from 1 to 64.' });
  }
  return {
    target: args.target,
    threads: args.threads,
    vars: args.vars === undefined ? undefined : parseVars(args.vars),
  };
}

function parseVars(text: string): Record<string, unknown> {
  const wrong = () =>
    new MedallionError('MDL1004', {
      message: `--vars: "${text}" is neither JSON nor a=1,b=2.`,
      hint: `For example: --vars '{"since": "2024-01-01"}' or --vars since=2024-01-01`,
    });
  if (text.trim().startsWith('{')) {
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      throw wrong();
    }
  }
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw wrong();
      return [pair.slice(0, equals).trim(), pair.slice(equals + 1)];
    }),
  );
}
