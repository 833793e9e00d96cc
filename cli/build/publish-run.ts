import { hash } from 'node:crypto';
import { quoteRelation } from '../database/identifiers.js';
import { insist } from '../database/insist.js';
import type { Emit } from '../events/events.js';
import type { Graph, TestNode } from '../graph/node.js';
import { type NodeName, relationKind } from '../project/model.js';
import type { Move } from '../publish/move.js';
import type { Kept } from '../publish/relations.js';
import { provedBy } from '../tests/index.js';
import { bindViews } from './bind-views.js';
import { foreignKeysSql } from './contract-sql.js';
import { crashError } from './crash-watch.js';
import type { RunDefinitions } from './definitions.js';
import { readPublishedState } from './history.js';
import type { Plan } from './plan.js';
import { type Publication, publishAll } from './publication.js';
import type { DecidedMove } from './publish-moves.js';
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
      readersSee: await insist(() => readPublishedState(session.side, session.project.options.name)),
    });
    return;
  }
  const good = plan.models.flatMap((name) => (bad.has(name) ? [] : (staged.get(name) ?? [])));
  const passed = [...options.tested].filter((name) =>
    graph.nodes.get(name)!.parents.every((parent) => !bad.has(parent)),
  );
  await session.flush();
  const lost = good.find(
    ({ node, way, since }) => way.how !== 'same' && !session.crashWatch.hasKept(node.name, since),
  );
  if (lost) throw crashError(`what ${lost.node.name} had in the stage`);
  await publishStaged(session, good, passed, options);
}

async function publishStaged(
  session: RunSession,
  models: readonly StagedModel[],
  passed: readonly NodeName[],
  { relations, definitions, state, keeper, emit }: PublishRunOptions,
): Promise<void> {
  const { graph } = session.project;
  const since = session.crashWatch.crashes();
  const together = publishTogether(models, graph, new Map());
  const kept = together.filter(({ way, isKept }) => way.how === 'same' && !isKept).map(keptOf);
  const tests = passed.map((node) => ({
    node,
    fingerprint: state.testFingerprint(graph.nodes.get(node) as TestNode),
  }));
  const intervals = filledBy(models);
  const planned = movesOf(together, relations, new Set());
  if (planned.length === 0 && !keeper) {
    await publishAll(
      session,
      { moves: [], kept, tests, definitions: [], intervals },
      { decide: async () => [], since, emit },
    );
    return;
  }
  // Views that readers have already lose their staged rows when they are bound.
  await keeper?.look(
    together.filter(({ way, isKept }) => way.how !== 'same' || !isKept),
    { moves: planned, kept },
  );
  const moves = movesOf(together, relations, await bindViews(session, together, relations, new Map()));
  const prepared = await definitions.prepare(together.map(({ node }) => node.name));
  const publication = { moves, kept, tests, definitions: prepared, intervals };
  if (keeper) {
    await session.crashWatch.requireNone(since, 'what was in the stage');
    await keeper.keep(publication);
    return;
  }
  await publishAll(session, publication, {
    async decide(forced) {
      const anew = publishTogether(models, graph, forced);
      return movesOf(anew, relations, await bindViews(session, anew, relations, forced));
    },
    since,
    emit,
  });
}

function filledBy(models: readonly StagedModel[]): Publication['intervals'] {
  return models.flatMap(({ node, way: { intervals } }) =>
    intervals ? [{ node: node.name, intervals }] : [],
  );
}

/** @param empty materialized views that are to be filled */
function movesOf(
  models: readonly StagedModel[],
  relations: RelationFinder,
  empty: ReadonlySet<NodeName>,
): readonly DecidedMove[] {
  return models
    .filter(({ way }) => way.how !== 'same')
    .map((model) => ({
      move: moveOf(model, relations, empty),
      why: model.way.why,
      mustStay: model.node.parsed.model.publish === 'delta',
    }));
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

function moveOf(staged: StagedModel, relations: RelationFinder, empty: ReadonlySet<NodeName>): Move {
  const { node, way } = staged;
  const { model } = node.parsed;
  const [kind, to] = [relationKind(model), relations.published(node.name)];
  const isWritten = way.how === 'delta';
  const lateKeys = foreignKeysSql(to, model.contract, relations.target, {
    named: model.distribution !== null,
    late: true,
  }).map(({ text }) => text);
  const refreshed = `${isWritten ? 'concurrently ' : ''}${quoteRelation(to)}`;
  return {
    ...keptOf(staged),
    ...{ kind, to, hasSameRows: staged.hasSameRows },
    from: relations.current(node.name),
    grants: model.grants,
    delta: isWritten ? way.delta : undefined,
    lateKeys: lateKeys.length > 0 ? lateKeys : undefined,
    refresh:
      kind === 'materialized_view' && (isWritten || empty.has(node.name))
        ? `refresh materialized view ${refreshed}`
        : undefined,
  };
}
