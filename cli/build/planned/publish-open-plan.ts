import type { Sql } from '../../database/connect.js';
import { MedallionError } from '../../errors/index.js';
import type { Emit } from '../../events/events.js';
import type { NodeName } from '../../project/model.js';
import { carryOutRun, type RunOptions, type RunOutcome, type RunReporting } from '../build.js';
import { callFirst } from '../carry-out.js';
import { refillDelta } from '../compare-staged.js';
import { resolveProject } from '../environment/resolve.js';
import type { OpenProject } from '../open-project.js';
import { publishAll } from '../publication.js';
import { asSwap, type DecidedMove } from '../publish-moves.js';
import type { RunSession } from '../run-session.js';
import { definitionParts } from '../state/definition-parts.js';
import type { Inputs } from '../state/read-states.js';
import { readBasis, readStage, whatLeftStage, whatMoved } from './basis.js';
import { endOpenPlan } from './end-plan.js';
import { type PublishPlan, publishPlanVersion } from './publish-plan.js';
import { readOpenPlan } from './stored-plan.js';
import { noOpenPlan, withPlans } from './with-plans.js';

/**
 * Publishes the open plan: a run of its own, with lock, hooks and history, that builds nothing. What was planned is published, whatever the project's
 * files say now; where they say something else, a notice tells.
 * @throws MedallionError MDL4321 (there is no open plan): nothing has begun then. All else is in the outcome: MDL4322 (what it was made on has moved),
 * MDL4323 (its stage is gone), MDL4324 (another mdl made it), MDL43xx
 */
export async function publishOpenPlan(
  project: OpenProject,
  options: Pick<RunOptions, 'cause' | 'noWait' | 'emit' | 'signal'> = {},
): Promise<RunOutcome> {
  await withPlans(project.options, async (sql) => {
    if (!(await readOpenPlan(sql, project.options.name))) throw await noOpenPlan(sql, project.options.name);
  });
  return carryOutRun(project, { ...options, command: 'publish', adoptStage: true }, async () => ({
    project: await resolveProject(project),
    work: publishPlanned,
  }));
}

async function publishPlanned(session: RunSession, reporting: RunReporting): Promise<void> {
  const { side, project } = session;
  const { emit } = reporting;
  const { name } = project.options;
  const stored = await readOpenPlan(side, name);
  // Whoever waits for another run may find that it was this plan's end.
  if (!stored) throw await noOpenPlan(side, name);
  // From here on it is lost only by what makes it worthless.
  session.keepStage(true);
  const { runId, plan } = stored;
  emit({
    ...{ event: 'run.started', runId: session.runId, project: name, command: session.command },
    ...{ target: project.options.target, database: session.database.description },
    layers: [...project.options.layers.keys()],
    nodes: plan.version === publishPlanVersion ? plan.publication.moves.map(({ move }) => move.node) : [],
  });
  emit({ event: 'notice', message: `Publishing the plan of run ${runId}.` });
  await callFirst(session, reporting);
  await requireUnmoved(session, runId, plan);
  tellChanged(session, plan, reporting);
  const publication = {
    ...plan.publication,
    moves: await compareAgain(side, plan.publication.moves, emit),
  };
  await publishAll(session, publication, {
    async alongside(tx) {
      await endOpenPlan(tx, name, 'published', `mdl ${session.command}`);
    },
    decide: async (forced) => {
      // Staged views read what was to stay; only a build can make them anew.
      if (publication.moves.some(({ move }) => move.kind !== 'table'))
        throw new MedallionError('MDL4322', {
          message: `The plan of run ${runId} cannot be published as it was made: other keys forbid to write rows one by one.`,
        });
      return publication.moves.map((one) => asSwap(one, forced.get(one.move.node)));
    },
    since: session.crashWatch.crashes(),
    emit,
  });
  session.keepStage(false);
}

/** Others may have written into what is published since: rows that no delta would touch among them. */
async function compareAgain(
  side: Sql,
  moves: readonly DecidedMove[],
  emit: Emit,
): Promise<readonly DecidedMove[]> {
  const compared: DecidedMove[] = [];
  for (const one of moves) {
    const { move } = one;
    if (!move.delta?.isWhole || move.delta.refill === undefined) {
      compared.push(one);
      continue;
    }
    const delta = await refillDelta(side, move.delta);
    const [before, now] = [move.delta.counts, delta.counts].map(
      ({ inserted, updated, deleted }) => `${inserted} new, ${updated} changed, ${deleted} deleted`,
    );
    if (before !== now)
      emit({
        ...{ event: 'notice', node: move.node },
        message: `others have written into it since it was planned: what is published is what was staged, by ${now} rows and not ${before}.`,
      });
    compared.push({ ...one, move: { ...move, delta } });
  }
  return compared;
}

/** A plan that cannot be published any more is open no longer. @throws MedallionError MDL4322, MDL4323, MDL4324 */
async function requireUnmoved(session: RunSession, runId: number, plan: PublishPlan): Promise<void> {
  const { side, project } = session;
  const { name } = project.options;
  const refuse = async (code: 'MDL4322' | 'MDL4323' | 'MDL4324', message: string) => {
    await endOpenPlan(side, name, 'outdated', `mdl ${session.command}`);
    session.keepStage(false);
    throw new MedallionError(code, { message });
  };
  if (plan.version !== publishPlanVersion)
    return refuse('MDL4324', `The plan of run ${runId} was made by another version of mdl.`);
  const left = whatLeftStage(plan.stage, await readStage(side, name));
  if (left.length > 0)
    return refuse('MDL4323', `The plan of run ${runId} cannot be published: ${summed(left)}.`);
  const moved = whatMoved(plan.basis, await readBasis(side, plan.basis));
  if (moved.length > 0) return refuse('MDL4322', `The plan of run ${runId} is outdated: ${summed(moved)}.`);
}

const mostNamed = 5;

function summed(parts: readonly string[]): string {
  const more = parts.length - mostNamed;
  return `${parts.slice(0, mostNamed).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** Says of which models the files are not what was planned any more. */
function tellChanged({ project }: RunSession, { publication }: PublishPlan, { emit }: RunReporting): void {
  const define = definitionParts(project);
  const isChanged = (name: string, inputs: Inputs | null) => {
    const node = project.graph.nodes.get(name as NodeName);
    if (node?.kind !== 'model') return true;
    try {
      const now = define(node);
      return !inputs || now.textHash !== inputs.textHash || now.contract !== inputs.contract;
    } catch {
      // Not even to be rendered.
      return true;
    }
  };
  for (const { node, inputs } of [...publication.moves.map(({ move }) => move), ...publication.kept])
    if (isChanged(node, inputs as Inputs | null))
      emit({
        ...{ event: 'notice', node },
        message: 'the project has another definition by now; what is published is what was planned.',
      });
}
