import type { Sql } from '../../database/connect.js';
import type { ModelNode } from '../../graph/node.js';
import { policyConditions } from '../../project/model.js';
import { formatNumber } from '../../text/format.js';
import type { ModelBuild } from '../model-build.js';
import { relationFinder } from '../relation-finder.js';
import { type BuiltSnapshot, buildSnapshot } from '../snapshot/build.js';
import { readStates } from '../state/read-states.js';
import type { NodeContext } from './context.js';

/** Builds a snapshot in the stage, and tells what it leaves as it is. */
export async function carryOutSnapshot(
  { session, state, relations, loadRequest, emit }: NodeContext,
  node: ModelNode,
  sql: Sql,
  build: ModelBuild,
): Promise<BuiltSnapshot> {
  // Runs come one after the other, and each has begun at a moment of its own.
  const [run] = await sql<{ moment: string }[]>`
    select started_at::text as moment from medallion.runs where run_id = ${session.runId}`;
  const stands = state.published(node.name)?.stands ?? 'missing';
  const built = await buildSnapshot(sql, {
    ...build,
    published: relations.published(node.name),
    stands,
    begins: stands === 'missing' ? await historyElsewhere(session, node) : undefined,
    hasSameContract: state.hasSameContract(node),
    isBound: isReadByPolicy(session.project.graph, node),
    moment: run!.moment,
  });
  if (loadRequest.full && built.hasHistory)
    emit({
      event: 'notice',
      message: `${node.name} keeps its history: a full refresh does not begin a snapshot again. To begin again, drop its relation.`,
    });
  if (built.goneBack > 0)
    emit({
      event: 'notice',
      message: `${node.name}: ${formatNumber(built.goneBack)} ${built.goneBack === 1 ? 'row has' : 'rows have'} an earlier time of change than the current version; the history stays as it is.`,
    });
  return built;
}

/** An environment goes on with the history of the target that it reads from, in a relation of its own. */
async function historyElsewhere({ project, side }: NodeContext['session'], node: ModelNode) {
  if (!project.environment) return undefined;
  const { production } = project.environment;
  const relation = relationFinder(production, new Set()).published(node.name);
  const states = await readStates(side, production.options.name, [{ node: node.name, ...relation }]);
  const { stands } = states.get(node.name) ?? { stands: 'missing' };
  return { relation, stands };
}

/** A policy is bound to a relation, and goes along when its table takes a place: a view of the stage would not. */
function isReadByPolicy(
  { nodes, resolve }: NodeContext['session']['project']['graph'],
  node: ModelNode,
): boolean {
  return [...nodes.values()].some(
    (other) =>
      other.kind === 'model' &&
      policyConditions(other.parsed.model).some(({ template }) =>
        template.references.some(({ helper, name }) => resolve(helper, name) === node.name),
      ),
  );
}
