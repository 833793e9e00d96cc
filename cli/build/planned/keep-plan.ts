import type { NodeName } from '../../project/model.js';
import type { NodeContext } from '../nodes/context.js';
import { effectiveParents } from '../plan.js';
import type { Publication } from '../publication.js';
import type { PublicationKeeper } from '../publish-run.js';
import { readBasis, readStage } from './basis.js';
import { describeModels } from './describe-models.js';
import { foresee } from './foresee.js';
import { type PublishPlan, publishPlanVersion } from './publish-plan.js';
import { storePlan } from './stored-plan.js';

export interface PlanOptions {
  /** Changed rows to show of each column, at most. */
  readonly samples: number;
}

type Context = Pick<NodeContext, 'session' | 'relations' | 'audit' | 'emit' | 'signal'>;

/** Keeps what a run would publish as the open plan, and tells what publishing it would do. A run with nothing to publish keeps none. */
export function openPlanKeeper(context: Context, { samples }: PlanOptions): PublicationKeeper {
  const { session, emit } = context;
  const { side, project } = session;
  let described: Awaited<ReturnType<typeof describeModels>> = [];
  return {
    async look(models, publication) {
      described = await describeModels(context, models, publication, samples);
    },
    async keep(publication) {
      if (described.length === 0) return;
      const { others, refusals } = await foresee(
        session,
        publication.moves.map(({ move }) => move),
      );
      const models = described.map((model) => ({
        ...model,
        reaches: { ...model.reaches, others: others.get(model.node) ?? [] },
      }));
      const plan: PublishPlan = {
        ...{ version: publishPlanVersion, publication, models, refusals },
        stage: await readStage(side, project.options.name),
        basis: await readBasis(side, placesOf(context, publication)),
      };
      // Waits for the disk, and so for all that was staged before.
      const madeAt = await storePlan(side, project.options.name, session.runId, plan);
      session.keepStage(true);
      emit({ event: 'plan.made', runId: session.runId, madeAt: madeAt.toISOString(), models, refusals });
    },
  };
}

/** What is replaced, and what was read for it: what a view shows is what it reads. */
function placesOf({ session, relations }: Context, { moves, kept, tests }: Publication) {
  const { graph } = session.project;
  const parentsOf = effectiveParents(graph);
  const made = [...moves.map(({ move }) => move.node), ...kept.map(({ node }) => node)] as NodeName[];
  const known = new Set<NodeName>(made);
  const isView = (name: NodeName) => {
    const node = graph.nodes.get(name)!;
    return node.kind === 'model' && node.parsed.model.materialized === 'view';
  };
  for (const name of [...made, ...(tests.map(({ node }) => node) as NodeName[])])
    for (const parent of parentsOf.get(name)!) known.add(parent);
  for (const name of known) if (isView(name)) for (const parent of parentsOf.get(name)!) known.add(parent);
  return [...known].map((node) => ({ node, ...relations.published(node) }));
}
