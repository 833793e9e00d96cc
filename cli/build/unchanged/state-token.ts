import type { Queryable } from '../../database/connect.js';
import { readSettings } from '../state/settings.js';

/**
 * A word for all that a build looks at in the database to tell whether something has to be built: as long as it is the same, the answer is. Made of the
 * versions of rows (`xmin`), of which each statement that changes one makes a new one, so that no content has to be read, and of the session's settings.
 * @param schemas where the project publishes
 */
export async function stateToken(
  sql: Queryable,
  project: string,
  schemas: readonly string[],
): Promise<string> {
  const settings = JSON.stringify(await readSettings(sql));
  const [row] = await sql<{ token: string }[]>`
    with ours as materialized (
      select c.oid, c.xmin, c.relname, c.relkind, n.nspname
        from medallion.relations r
        join pg_namespace n on n.nspname = r.schema_name
        join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
       where r.project = ${project}),
    parts as (
      select 'server' as part, 0::oid as oid, 0 as n, current_setting('server_version_num') as version
      union all select 'settings', 0, 0, ${settings}
      union all select 'bookkeeping', 0, max(version), '' from medallion.schema_versions
      union all select 'relation ' || node, 0, 0, xmin::text || ctid::text from medallion.relations where project = ${project}
      union all select 'test ' || node, 0, 0, xmin::text || ctid::text from medallion.passed_tests where project = ${project}
      union all select 'interval ' || node || extract(epoch from starts_at)::text, 0, 0, xmin::text || ctid::text from medallion.intervals where project = ${project}
      union all select 'schema ' || nspname, oid, 0, xmin::text from pg_namespace where nspname = any(${schemas as string[]})
      union all select 'class', oid, 0, xmin::text from ours
      union all select 'column', a.attrelid, a.attnum, a.xmin::text from pg_attribute a join ours on ours.oid = a.attrelid where a.attnum > 0
      union all select 'default', d.adrelid, d.adnum, d.xmin::text from pg_attrdef d join ours on ours.oid = d.adrelid
      union all select 'constraint', k.oid, 0, k.xmin::text from pg_constraint k join ours on ours.oid = k.conrelid
      union all select 'index', i.indexrelid, 0, i.xmin::text || ' ' || c.xmin::text
                  from pg_index i join ours on ours.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
      union all select 'rule', w.oid, 0, w.xmin::text from pg_rewrite w join ours on ours.oid = w.ev_class
      union all select 'policy', p.oid, 0, p.xmin::text from pg_policy p join ours on ours.oid = p.polrelid
      union all select 'trigger', t.oid, 0, t.xmin::text from pg_trigger t join ours on ours.oid = t.tgrelid
      union all select 'operator', o.oid, 0, o.xmin::text from pg_operator o where o.oprnamespace <> 'pg_catalog'::regnamespace
      -- Those of Postgres itself have smaller numbers.
      union all select 'cast', k.oid, 0, k.xmin::text from pg_cast k where k.oid >= 16384
      union all select 'check of a domain', k.oid, 0, k.xmin::text from pg_constraint k where k.contypid <> 0 and k.oid >= 16384
      union all select 'function', f.oid, 0, f.xmin::text from pg_proc f
                 where f.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
    -- A sum needs no order, which would take as long again as all the rest.
    select count(*) || ' ' || sum(hashtextextended(concat_ws(' ', part, oid, n, version), 0)) as token
      from parts`;
  return row!.token;
}
