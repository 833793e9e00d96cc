import yargs from 'yargs';
import { failWith } from './commands/fail.js';
import { unknownArguments, unknownCommand, usageError } from './commands/usage-errors.js';

/** The commands: what `--help` says of them, and the module that is imported when one is called. */
const commands = [
  ['init <folder>', 'Make a small working project in a new folder', () => import('./commands/init.js')],
  [
    'build [models..]',
    'Load, build, test and publish: what most people type',
    () => import('./commands/build.js'),
  ],
  ['load [models..]', 'Bring sources into bronze', () => import('./commands/load.js')],
  [
    'run [models..]',
    'Build, test and publish models on the bronze that is there',
    () => import('./commands/run.js'),
  ],
  [
    'plan [models..]',
    'Build and test, and show what publishing would change',
    () => import('./commands/plan.js'),
  ],
  ['publish', 'Publish the open plan', () => import('./commands/publish.js')],
  ['test [models..]', 'Run data tests against what is published', () => import('./commands/test.js')],
  [
    'compile [models..]',
    'Render the SQL of models to .medallion/compiled/',
    () => import('./commands/compile.js'),
  ],
  ['ls [models..]', 'List bronze tables, models and tests', () => import('./commands/ls.js')],
  ['show <model>', 'Print rows of a published model', () => import('./commands/show.js')],
  [
    'diff [a] [b]',
    'Compare the shape and the rows of two relations or targets',
    () => import('./commands/diff.js'),
  ],
  [
    'serve',
    'Serve what is published: dashboards, catalog and runs in a browser, and a REST API',
    () => import('./commands/serve.js'),
  ],
  [
    'generate [files..]',
    'Write types and schemas for clients of what is published',
    () => import('./commands/generate.js'),
  ],
  ['runs [action] [id]', 'List past runs; runs show ID tells of one', () => import('./commands/runs.js')],
  [
    'db <action>',
    'The embedded Postgres: start, stop, status, url, psql, reset',
    () => import('./commands/db.js'),
  ],
  [
    'clean',
    'Remove compiled files, caches and what killed runs left behind',
    () => import('./commands/clean.js'),
  ],
  ['schedule', 'Run the project when its schedule says', () => import('./commands/schedule.js')],
  ['notify [channels..]', 'Send a test message to who is told of runs', () => import('./commands/notify.js')],
  ['doctor', 'Check configuration, connection, versions and rights', () => import('./commands/doctor.js')],
] as const;

/** What yargs' types leave out. */
interface DrawsHelp {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}

/** Carries out one command; how it ended is in `process.exitCode`. @param argv without the program's own name */
export async function main(argv: readonly string[]): Promise<void> {
  const names = commands.map(([usage]) => usage.split(' ')[0]!);
  const called = commands[names.indexOf(argv[0] ?? '')];
  if (!called && argv[0] !== undefined && !argv[0].startsWith('-')) {
    failWith(unknownCommand(argv[0], names), argv.includes('--json'));
    return;
  }
  const parser = yargs([...argv])
    .scriptName('mdl')
    .detectLocale(false)
    .usage('$0 <command>\n\nSQL-first ELT for Postgres: bronze, silver, gold.')
    .version(false)
    .option('version', { alias: 'v', describe: 'Show the version' });
  parser.parserConfiguration({
    'boolean-negation': false,
    'parse-positional-numbers': false,
    'greedy-arrays': false,
  });
  // For a command that runs, yargs would draw its help, in case it is asked for afterwards: that takes longer than many a command.
  (parser as unknown as DrawsHelp).getInternalMethods().getUsageInstance().cacheHelpMessage = () => {};
  for (const [usage, description, load] of commands) {
    // Only the command that was called is imported; the others need no more than their line of help.
    if (called?.[0] === usage) {
      const module = await load();
      parser.command(usage, description, module.builder as never, module.handler as never);
    } else parser.command(usage, description);
  }
  parser
    .demandCommand(1, 'Name a command.')
    .strict()
    .help()
    .alias('help', 'h')
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .fail((message, error) => {
      throw error ?? usageError(message);
    });
  try {
    await parser.parseAsync();
  } catch (error) {
    const explained = (await unknownArguments(error, () => parser.getHelp())) ?? error;
    failWith(explained, argv.includes('--json'));
  }
}
