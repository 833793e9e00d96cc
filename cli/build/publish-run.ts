import type { Options } from '../config/options.js';
import type { Emit } from '../events/events.js';
import type { Graph, ModelNode } from '../graph/node.js';
import type { NodeName } from '../project/model.js';
import type { Move } from '../publish/move.js';
import { type Postgrest, type PostgrestNotice, watchShapes } from '../publish/postgrest.js';
import { provedBy } from '../tests/index.js';
import { markPublished, readPublishedState } from './history.js';
import type { Plan } from './plan.js';
import type { RelationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';

export interface PublishRunOptions {
  /** Nodes that failed or were skipped, and models that a failed test guards. */
  readonly spoiled: ReadonlySet<NodeName>;
  /** `all`: publish nothing when anything is spoiled. */
  readonly publish: 'all' | 'passing';
  readonly emit: Emit;
}

/**
 * The one transaction in which everything that may be seen is seen.
 * @throws MedallionError MDL43xx, MDL5002
 */
export async function publishRun(
  session: RunSession,
  plan: Plan,
  relations: RelationFinder,
  { spoiled, publish, emit }: PublishRunOptions,
): Promise<void> {
  if (plan.models.length === 0) return;
  const { graph, options } = session.project;
  const bad = spread(spoiled, plan, graph);
  const good = plan.models.filter((name) => !bad.has(name));
  if (spoiled.size > 0 && (publish !== 'passing' || good.length === 0)) {
    emit({
      event: 'publish.refused',
      because: [...spoiled],
      readersSee: await readPublishedState(session.side, options.name),
    });
    return;
  }
  const moves = good.map((name) => moveOf(graph.nodes.get(name) as ModelNode, relations));
  const tellPostgrest = await watchShapes(
    session.side,
    postgrestOf(options),
    moves.map(({ to }) => to),
  );
  let notice: PostgrestNotice | undefined;
  const { durationMs, attempts } = await session.publish(moves, async (tx) => {
    await markPublished(tx, session.runId);
    notice = await tellPostgrest(tx);
  });
  emit({ event: 'publish.finished', nodes: good, durationMs, attempts });
  if (notice) emit({ event: 'notice', ...notice });
}

/** What reads a spoiled model is spoiled too, also where it was built before the test that failed. */
function spread(spoiled: ReadonlySet<NodeName>, plan: Plan, graph: Graph): ReadonlySet<NodeName> {
  const bad = new Set(spoiled);
  const isBadModel = (name: NodeName) => bad.has(name) && graph.nodes.get(name)!.kind === 'model';
  for (const name of plan.order) if (plan.parents.get(name)!.some(isBadModel)) bad.add(name);
  return bad;
}

/** PostgREST as the configuration describes it. */
function postgrestOf({ layers, postgrest }: Options): Postgrest {
  const exposed = [...layers.values()].filter(({ expose }) => expose).map(({ schema }) => schema);
  return { ...postgrest, exposed };
}

function moveOf({ name, parsed: { model } }: ModelNode, relations: RelationFinder): Move {
  return {
    node: name,
    kind: model.materialized === 'view' ? 'view' : 'table',
    from: relations.current(name),
    to: relations.published(name),
    grants: model.grants,
    fingerprint: null,
    proved: provedBy(model.contract, model.tests),
  };
}
