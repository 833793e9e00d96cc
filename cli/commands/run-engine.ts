import { build } from '../build/build.js';
import { openProject } from '../build/open-project.js';
import { makePlan, type Phases } from '../build/plan.js';
import { errorCodes } from '../errors/index.js';
import { selectNodes } from '../graph/select.js';
import { jsonLinesReporter } from '../report/json-lines.js';
import { capabilities } from '../report/style.js';
import { terminalReporter } from '../report/terminal.js';
import { commandLine, projectWords, sameCommand } from './command-line.js';
import { overridesOf, type ProjectArguments } from './flags.js';
import { interruptSignal } from './interrupt.js';

export interface RunArguments extends ProjectArguments {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly models?: readonly string[] | undefined;
  readonly failFast: boolean;
  readonly noWait: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly storeFailures?: boolean | undefined;
  readonly publish?: 'all' | 'passing' | undefined;
  readonly fullRefresh?: boolean | undefined;
  readonly since?: string | undefined;
  readonly limit?: number | undefined;
}

/** What `build`, `load` and `run` have in common: the engine with a reporter, and an exit code. */
export async function runEngine(command: string, phases: Phases, args: RunArguments): Promise<void> {
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  const select = [...args.select, ...(args.models ?? [])];
  if (args.dryRun) {
    const plan = makePlan(
      project.graph,
      selectNodes(project.graph, { select, exclude: args.exclude }),
      phases,
    );
    const line = (name: string) =>
      args.json
        ? JSON.stringify({ node: name, kind: project.graph.nodes.get(name as never)!.kind })
        : `  ${project.graph.nodes.get(name as never)!.kind.padEnd(6)} ${name}`;
    process.stdout.write(
      `${plan.order.map(line).join('\n')}\n${args.json ? '' : 'Nothing was done: --dry-run.\n'}`,
    );
    return;
  }
  const reporter = args.json
    ? jsonLinesReporter(process.stdout)
    : terminalReporter(process.stdout, capabilities(process.stdout, process.env), {
        keepRows: sameCommand('--store-failures'),
        showRun: (runId) => commandLine('runs', 'show', String(runId), ...projectWords(args)),
      });
  const interrupt = interruptSignal(() =>
    reporter.say('Interrupting: running statements are cancelled. Press Ctrl-C again to leave at once.'),
  );
  try {
    const outcome = await build(project, {
      command,
      phases,
      select,
      exclude: args.exclude,
      failFast: args.failFast,
      noWait: args.noWait,
      storeFailures: args.storeFailures ?? false,
      publish: args.publish ?? 'all',
      fullRefresh: args.fullRefresh ?? false,
      since: args.since,
      limit: args.limit,
      emit: reporter.emit,
      signal: interrupt.signal,
    });
    process.exitCode =
      outcome.status === 'succeeded'
        ? 0
        : outcome.status === 'interrupted'
          ? 130
          : outcome.error
            ? errorCodes[outcome.error.code].exit
            : 1;
  } finally {
    reporter.finish();
    interrupt.release();
  }
}
