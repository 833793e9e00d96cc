import type { Transaction } from '../database/connect.js';
import { quoteLiteral } from '../database/identifiers.js';
import type { DependentView } from './dependents.js';

/** A view of one of the project's environments that reads a relation about to be replaced, or a view that one is about to publish. */
export interface EnvironmentView {
  /** The project's key for the environment: `loja@dev`. */
  readonly environment: string;
  /** Statement that drops it, and before it the environment's views that read it. */
  readonly drop: string;
}

/**
 * Those of dependent views that environments of the project have made: they must never stand in the way of production, and are made anew by the next build there.
 * Expects an empty `search_path`.
 * @returns by the view's oid
 */
export async function environmentViews(
  tx: Transaction,
  project: string,
  views: readonly DependentView[],
): Promise<ReadonlyMap<number, EnvironmentView>> {
  if (views.length === 0) return new Map();
  const oids = `${quoteLiteral(`{${views.map(({ oid }) => oid).join(',')}}`)}::pg_catalog.oid[]`;
  const prefix = quoteLiteral(`${project}@`);
  const rows = await tx.unsafe<(EnvironmentView & { oid: number })[]>(`
    with recursive ours as (
      select c.oid, c.relkind,
             coalesce(r.project, substr(pg_catalog.obj_description(n.oid, 'pg_namespace'), length('medallion:stage:') + 1)) as environment
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join medallion.relations r on r.schema_name = n.nspname and r.table_name = c.relname and pg_catalog.starts_with(r.project, ${prefix})
       where c.relkind in ('v', 'm')
         and (r.project is not null or pg_catalog.starts_with(pg_catalog.obj_description(n.oid, 'pg_namespace'), 'medallion:stage:' || ${prefix}))
    ), chain as (
      select oid as root, oid, relkind, environment from ours where oid = any(${oids})
      union
      select c.root, o.oid, o.relkind, c.environment
        from chain c
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = c.oid and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        join pg_catalog.pg_rewrite w on w.oid = d.objid
        join ours o on o.oid = w.ev_class and o.oid <> c.oid
    )
    select root::int8 as oid, min(environment) as environment,
           string_agg(format('drop %s if exists %s', case relkind when 'm' then 'materialized view' else 'view' end, oid::pg_catalog.regclass), '; ' order by oid desc) as drop
      from chain group by root`);
  return new Map(rows.map(({ oid, ...view }) => [oid, view]));
}

/** Those of the views that have been dropped, in words for people. */
export async function droppedViews(
  tx: Transaction,
  views: readonly DependentView[],
  ofEnvironments: ReadonlyMap<number, EnvironmentView>,
): Promise<readonly string[]> {
  if (ofEnvironments.size === 0) return [];
  const left = await tx.unsafe<{ oid: number }[]>(
    `select oid::int8 as oid from pg_catalog.pg_class where oid = any(${quoteLiteral(`{${[...ofEnvironments.keys()].join(',')}}`)}::pg_catalog.oid[])`,
  );
  const stays = new Set(left.map(({ oid }) => oid));
  return views
    .filter(({ oid }) => ofEnvironments.has(oid) && !stays.has(oid))
    .map(
      ({ oid, name, reads }) =>
        `${name} of the environment ${ofEnvironments.get(oid)!.environment} cannot read what ${reads} is now and was dropped; the next build there makes it anew.`,
    );
}

/** Binds a view to the successor of what it reads, or drops it where that cannot be: a column that it reads has gone, say. */
export function rebindOrDrop(rebind: string, { drop }: EnvironmentView): string {
  const body = `begin execute ${quoteLiteral(rebind)}; exception when others then execute ${quoteLiteral(drop)}; end`;
  return `do ${quoteLiteral(body)}`;
}
