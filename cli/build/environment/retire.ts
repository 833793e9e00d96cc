import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { errorCode, postgresError } from '../../database/postgres-error.js';
import { endVacuums } from '../../database/vacuums.js';
import type { Emit } from '../../events/events.js';
import type { NodeName } from '../../project/model.js';
import { effectiveParents } from '../plan.js';
import type { RunSession } from '../run-session.js';
import { forgetNodes } from './forget.js';

/** A relation that a project has published. */
export interface Published extends Relation {
  readonly node: string;
  /** What stands in its place: null where nothing does. */
  readonly kind: 'table' | 'view' | 'materialized view' | 'other' | null;
}

/**
 * Drops the relations of an environment that are no longer its own: they are what they are in production again, or have left the project. What others have hung
 * on one keeps it, with a notice. Any other target has none.
 */
export async function retireBorrowed({ project, side }: RunSession, emit: Emit): Promise<void> {
  const { environment, graph, options } = project;
  if (!environment?.own) return;
  const parentsOf = effectiveParents(graph);
  const published = await readPublished(side, options.name);
  const retired = published.filter(({ node }) => !environment.own!.has(node as NodeName));
  if (retired.length === 0) return;
  const place = new Map<string, number>(graph.order.map((name, i) => [name, i]));
  retired.sort((one, other) => (place.get(other.node) ?? Infinity) - (place.get(one.node) ?? Infinity));
  const gone = new Set<string>(
    (await dropPublished(side, options.name, retired, emit)).map(({ node }) => node),
  );
  // Counted anew when it comes back, its versions say nothing of rows that were read before.
  const readers = graph.order.filter((name) => {
    const isReader = parentsOf.get(name)!.some((parent) => gone.has(parent));
    if (isReader) gone.add(name);
    return isReader && environment.own!.has(name);
  });
  if (readers.length > 0)
    await side`
      update medallion.relations set inputs = jsonb_set(inputs, '{parents}', '{}')
       where project = ${options.name} and node = any(${readers}) and inputs is not null`;
}

/** Every relation that a project has published, met with the catalog; the later made ones first, as they mostly read the others. */
export function readPublished(sql: Sql, project: string): Promise<Published[]> {
  return sql<Published[]>`
    select r.node, r.schema_name as schema, r.table_name as name,
           case c.relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized view' else case when c.oid is not null then 'other' end end as kind
      from medallion.relations r
      left join (pg_class c join pg_namespace n on n.oid = c.relnamespace)
        on n.nspname = r.schema_name and c.relname = r.table_name
     where r.project = ${project}
     order by c.oid desc nulls last`;
}

/**
 * Drops published relations and forgets them; never CASCADE. What others depend on keeps its place, with a notice.
 * @param relations those that read others first where that is known; else it takes more rounds
 * @returns what was dropped
 */
export async function dropPublished(
  sql: Sql,
  project: string,
  relations: readonly Published[],
  emit: Emit,
): Promise<readonly Published[]> {
  const dropped: Published[] = [];
  let left = relations;
  for (;;) {
    const kept: (Kept & { readonly relation: Published })[] = [];
    for (const relation of left) {
      const why = await drop(sql, project, relation);
      if (why) kept.push({ relation, ...why });
      else dropped.push(relation);
    }
    // What is gone may have been all that kept another.
    const isStuck = kept.length === left.length || !kept.some(({ mayGo }) => mayGo);
    left = kept.map(({ relation }) => relation);
    if (!isStuck) continue;
    for (const { relation, because, hint } of kept)
      emit({
        event: 'notice',
        node: relation.node,
        message: `${quoteRelation(relation)} is no longer needed and stays: ${because}.`,
        hint,
      });
    return dropped;
  }
}

interface Kept {
  readonly because: string;
  readonly hint?: string;
  /** Something depends on it, which may go too. */
  readonly mayGo?: boolean;
}

/** Drops one; its lock is asked for briefly and again, so that readers never wait long. */
async function drop(sql: Sql, project: string, relation: Published): Promise<Kept | undefined> {
  const { node, kind } = relation;
  if (kind === 'other') return { because: 'others have put something else in its place' };
  for (let attempt = 1; ; attempt++) {
    try {
      await sql.begin(async (tx) => {
        const only = (of: Published['kind']) => (kind === of ? [quoteRelation(relation)] : []);
        await tx.unsafe(endVacuums(only('table'), 50, only('materialized view')));
        if (kind !== null) await tx.unsafe(`drop ${kind} if exists ${quoteRelation(relation)}`);
        await forgetNodes(tx, project, [node]);
      });
      return undefined;
    } catch (cause) {
      if (errorCode(cause) === '2BP01')
        return {
          because: postgresError(cause)?.detail?.split('\n')[0] ?? 'others depend on it',
          hint: 'Drop what depends on it; the next build drops the rest.',
          mayGo: true,
        };
      if (errorCode(cause) !== '55P03') throw cause;
      if (attempt === 50) return { because: 'readers hold it', hint: 'The next build drops it.' };
      await wait(Math.random() * 100);
    }
  }
}
