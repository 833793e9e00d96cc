import { build } from '../build/build.js';
import { withoutBorrowed } from '../build/environment/environment.js';
import { resolveProject } from '../build/environment/resolve.js';
import { type OpenProject, openProject } from '../build/open-project.js';
import { makePlan, type Phases } from '../build/plan.js';
import type { Emit } from '../events/events.js';
import { selectNodes } from '../graph/select.js';
import { overridesOf, type ProjectArguments } from './flags.js';
import { reportRun } from './report-run.js';

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
  readonly force?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly since?: string | undefined;
  readonly limit?: number | undefined;
  /** Of `plan`. */
  readonly samples?: number | undefined;
  /** Of `build`, of everything: the next one may find that it has nothing to do. */
  readonly remember?: boolean | undefined;
}

/**
 * What `build`, `load`, `run` and `plan` have in common: the engine with a reporter, and an exit code.
 * @param watch sees the events too
 */
export async function runEngine(
  command: string,
  phases: Phases,
  args: RunArguments,
  watch: Emit = () => {},
): Promise<void> {
  const readAtMs = args.remember ? Date.now() : undefined;
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  const select = [...args.select, ...(args.models ?? [])];
  if (args.dryRun) {
    await printPlan(project, select, phases, args);
    return;
  }
  await reportRun(args, (reporting) =>
    build(project, {
      command,
      phases,
      select,
      exclude: args.exclude,
      failFast: args.failFast,
      noWait: args.noWait,
      storeFailures: args.storeFailures ?? false,
      publish: args.publish ?? 'all',
      fullRefresh: args.fullRefresh ?? false,
      force: args.force ?? false,
      from: args.from,
      to: args.to,
      since: args.since,
      limit: args.limit,
      readAtMs,
      ...(args.samples !== undefined && { plan: { samples: args.samples } }),
      ...reporting,
      emit: (event) => {
        watch(event);
        reporting.emit(event);
      },
    }),
  );
}

async function printPlan(
  opened: OpenProject,
  select: readonly string[],
  phases: Phases,
  { exclude, json }: RunArguments,
): Promise<void> {
  const project = await resolveProject(opened, { select, exclude });
  const { graph } = project;
  const selected = withoutBorrowed(project, selectNodes(graph, { select, exclude }, project.changes));
  const plan = makePlan(graph, selected, phases);
  const kindOf = (name: string) => graph.nodes.get(name as never)!.kind;
  const line = (name: string) =>
    json ? JSON.stringify({ node: name, kind: kindOf(name) }) : `  ${kindOf(name).padEnd(6)} ${name}`;
  process.stdout.write(`${plan.order.map(line).join('\n')}\n${json ? '' : 'Nothing was done: --dry-run.\n'}`);
}
