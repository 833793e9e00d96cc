import { hash } from 'node:crypto';
import type { Emit } from '../events/events.js';
import type { Graph, TestNode } from '../graph/node.js';
import type { NodeName } from '../project/model.js';
import type { Move } from '../publish/move.js';
import type { Kept } from '../publish/relations.js';
import { provedBy } from '../tests/index.js';
import { bindViews } from './bind-views.js';
import type { RunDefinitions } from './definitions.js';
import { readPublishedState } from './history.js';
import type { Plan } from './plan.js';
import { type Publication, publishAll } from './publication.js';
import { publishTogether } from './publish-together.js';
import type { RelationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';
import type { StagedModel } from './staged.js';
import type { RunState } from './state/run-state.js';

export interface PublishRunOptions {
  readonly relations: RelationFinder;
  readonly state: RunState;
  readonly definitions: RunDefinitions;
  /** Models that were built and have passed. */
  readonly staged: ReadonlyMap<NodeName, StagedModel>;
  /** Tests of their own that have passed. */
  readonly tested: ReadonlySet<NodeName>;
  /** Nodes that failed or were skipped, and models that a failed test guards. */
  readonly spoiled: ReadonlySet<NodeName>;
  /** `all`: publish nothing when anything is spoiled. */
  readonly publish: 'all' | 'passing';
  /** Takes what would be published, to be published later. */
  readonly keeper?: PublicationKeeper | undefined;
  readonly emit: Emit;
}

export interface PublicationKeeper {
  /** The stage shows all rows as they would be. */
  look(models: readonly StagedModel[], publication: Pick<Publication, 'moves' | 'kept'>): Promise<void>;
  /** The stage is ready to be published. */
  keep(publication: Publication): Promise<void>;
}

/**
 * The one transaction in which everything that may be seen is seen.
 * @throws MedallionError MDL43xx, MDL5002
 */
export async function publishRun(session: RunSession, plan: Plan, options: PublishRunOptions): Promise<void> {
  if (plan.models.length === 0) return;
  const { spoiled, publish, emit, staged } = options;
  const { graph } = session.project;
  const bad = spread(spoiled, plan, graph);
  if (spoiled.size > 0 && (publish !== 'passing' || plan.models.every((name) => bad.has(name)))) {
    emit({
      event: 'publish.refused',
      because: [...spoiled],
      readersSee: await readPublishedState(session.side, session.project.options.name),
    });
    return;
  }
  const good = plan.models.flatMap((name) => (bad.has(name) ? [] : (staged.get(name) ?? [])));
  const passed = [...options.tested].filter((name) =>
    graph.nodes.get(name)!.parents.every((parent) => !bad.has(parent)),
  );
  await publishStaged(session, publishTogether(good, graph), passed, options);
}

async function publishStaged(
  session: RunSession,
  models: readonly StagedModel[],
  passed: readonly NodeName[],
  { relations, definitions, state, keeper, emit }: PublishRunOptions,
): Promise<void> {
  const { nodes } = session.project.graph;
  const kept = models.filter(({ way }) => way.how === 'same').map((model) => keptOf(model));
  const tests = passed.map((node) => ({
    node,
    fingerprint: state.testFingerprint(nodes.get(node) as TestNode),
  }));
  const moves = models
    .filter(({ way }) => way.how !== 'same')
    .map((model) => ({
      move: moveOf(model, relations),
      why: model.way.why,
      mustStay: model.node.parsed.model.publish === 'delta',
    }));
  if (moves.length === 0 && !keeper) {
    if (kept.length + passed.length > 0)
      await publishAll(session, { moves, kept, tests, definitions: [] }, { rebind: async () => {}, emit });
    return;
  }
  // Views that readers have already lose their staged rows when they are bound.
  await keeper?.look(models, { moves, kept });
  await bindViews(session, models, relations, new Set());
  const prepared = await definitions.prepare(models.map(({ node }) => node.name));
  const publication = { moves, kept, tests, definitions: prepared };
  if (keeper) await keeper.keep(publication);
  else
    await publishAll(session, publication, {
      rebind: (swapped) => bindViews(session, models, relations, swapped),
      emit,
    });
}

/** What reads a spoiled model is spoiled too, also where it was built before the test that failed. */
function spread(spoiled: ReadonlySet<NodeName>, plan: Plan, graph: Graph): ReadonlySet<NodeName> {
  const bad = new Set(spoiled);
  const isBadModel = (name: NodeName) => bad.has(name) && graph.nodes.get(name)!.kind === 'model';
  for (const name of plan.order) if (plan.parents.get(name)!.some(isBadModel)) bad.add(name);
  return bad;
}

function keptOf({ node, inputs }: StagedModel): Kept {
  const { model } = node.parsed;
  return {
    ...{ node: node.name, inputs, charts: model.charts },
    fingerprint: hash('sha256', JSON.stringify({ ...inputs, builtAt: undefined }), 'base64url'),
    proved: provedBy(model.contract, model.tests),
  };
}

function moveOf(staged: StagedModel, relations: RelationFinder): Move {
  const { node, way } = staged;
  const { model } = node.parsed;
  return {
    ...keptOf(staged),
    kind: model.materialized === 'view' ? 'view' : 'table',
    from: relations.current(node.name),
    to: relations.published(node.name),
    grants: model.grants,
    delta: way.how === 'delta' ? way.delta : undefined,
  };
}
