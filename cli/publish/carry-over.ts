import type { Grants } from '../config/grants.js';
import type { Transaction } from '../database/connect.js';
import { quoteLiteral } from '../database/identifiers.js';
import { withdrawnRights } from './grants.js';
import type { Owned } from './owned.js';

/** A statement that gives the new relation something that others had put on the old one. */
export interface CarriedObject {
  /** For messages: `index clientes_by_city`. */
  readonly description: string;
  /** The relation, quoted and qualified. */
  readonly relation: string;
  readonly statement: string;
}

/** A relation that is about to be replaced by one of its kind. */
export interface Replaced {
  readonly oid: number;
  /** What Medallion itself made on it, which its successor has anyway or has given up on purpose. */
  readonly owned: Owned;
  /** Rights on its successor. */
  readonly grants: Grants;
}

/**
 * What others put on relations that are about to be replaced, as statements to run once their successors have their names: one round trip.
 * Expects an empty `search_path`, so that the statements are qualified.
 * @param serverVersion as Postgres counts it, e.g. 180004
 */
export async function readCarriedObjects(
  tx: Transaction,
  replaced: readonly Replaced[],
  serverVersion: number,
): Promise<CarriedObject[]> {
  if (replaced.length === 0) return [];
  const rows = replaced.map(({ oid, owned, grants }) => ({
    ...{ oid, indexes: owned.indexes, constraints: owned.constraints, comments: owned.comments },
    withdrawn: withdrawnRights(owned.grants, grants),
  }));
  return tx.unsafe<CarriedObject[]>(`
    with old as (
      select * from jsonb_to_recordset(${quoteLiteral(JSON.stringify(rows))})
                    as o (oid oid, indexes text[], constraints text[], comments text[], withdrawn jsonb)
    )
    select o.oid::regclass::text as relation, found.description, found.statement
      from old o
     cross join lateral (${attachedSql} union all ${grantsSql} union all ${commentsSql} union all ${publicationsSql(serverVersion)}) found`);
}

/** Indexes, constraints, triggers, policies, statistics and settings: all that Postgres drops along with a table. */
const attachedSql = `
    select 'index ' || quote_ident(x.relname) as description, pg_get_indexdef(i.indexrelid) as statement
      from pg_index i join pg_class x on x.oid = i.indexrelid
     where i.indrelid = o.oid and x.relname <> all(o.indexes)
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = i.indrelid)
    union all
    select 'constraint ' || quote_ident(conname),
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint
     where conrelid = o.oid and contype in ('c', 'u', 'p', 'x', 'f') and conname <> all(o.constraints)
    union all
    select 'trigger ' || quote_ident(tgname), pg_get_triggerdef(oid) ||
           case tgenabled when 'D' then format('; alter table %s disable trigger %I', tgrelid::regclass, tgname)
                          when 'R' then format('; alter table %s enable replica trigger %I', tgrelid::regclass, tgname)
                          when 'A' then format('; alter table %s enable always trigger %I', tgrelid::regclass, tgname)
                          else '' end
      from pg_trigger where tgrelid = o.oid and not tgisinternal
    union all
    select 'policy ' || quote_ident(polname),
           format('create policy %I on %s as %s for %s to %s', polname, polrelid::regclass,
                  case when polpermissive then 'permissive' else 'restrictive' end,
                  case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                  (select string_agg(case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ') from unnest(polroles) role))
           || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
           || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '')
      from pg_policy where polrelid = o.oid
    union all
    select 'row-level security', format('alter table %s enable row level security', oid::regclass) from pg_class where oid = o.oid and relrowsecurity
    union all
    select 'row-level security', format('alter table %s force row level security', oid::regclass) from pg_class where oid = o.oid and relforcerowsecurity
    union all
    select 'statistics ' || quote_ident(stxname), pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxrelid = o.oid
    union all
    select 'replica identity', format('alter table %s replica identity full', oid::regclass) from pg_class where oid = o.oid and relreplident = 'f' and relkind = 'r'
    union all
    select 'setting ' || s.option_name, format('alter table %s set (%I = %L)', c.oid::regclass, s.option_name, s.option_value)
      from pg_class c, pg_options_to_table(c.reloptions) s where c.oid = o.oid and c.relkind = 'r'`;

/** Rights that others granted on the relation and its columns; those that the configuration gave and has taken back are left out. */
const grantsSql = `
    select 'grant ' || lower(a.privilege_type) || ' to ' || a.role,
           format('grant %s%s on %s to %s%s', a.privilege_type, coalesce(' (' || quote_ident(a.attname) || ')', ''), o.oid::regclass, a.role,
                  case when a.is_grantable then ' with grant option' else '' end)
      from (select c.relowner, r.attname, x.*, case when x.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end as role
              from pg_class c
             cross join lateral (select null::name as attname, c.relacl as acl
                                 union all
                                 select t.attname, t.attacl from pg_attribute t where t.attrelid = c.oid) r
             cross join lateral aclexplode(r.acl) x
             where c.oid = o.oid) a
     where a.grantee <> a.relowner
       and not (a.attname is null and exists (select from jsonb_to_recordset(o.withdrawn) as w ("right" text, role text)
                                              where w."right" = lower(a.privilege_type) and quote_ident(w.role) = a.role))`;

/** Comments that others put on the relation and its columns, where the model has no description. */
const commentsSql = `
    select 'comment',
           case when d.objsubid = 0
                then format('comment on %s %s is %L', case c.relkind when 'v' then 'view' else 'table' end, c.oid::regclass, d.description)
                else format('comment on column %s.%I is %L', c.oid::regclass, a.attname, d.description) end
      from pg_description d
      join pg_class c on c.oid = d.objoid
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
     where d.classoid = 'pg_class'::regclass and d.objoid = o.oid and coalesce(a.attname::text, '') <> all(o.comments)`;

/** Logical replication: the new table joins the publications of the old one (with its row filter and columns since Postgres 15). */
function publicationsSql(serverVersion: number): string {
  const details =
    serverVersion < 150_000
      ? `''`
      : `coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any(r.prattrs::int2[])) || ')', '')
           || coalesce(' where (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')`;
  return `
    select 'publication ' || quote_ident(p.pubname),
           format('alter publication %I add table %s', p.pubname, r.prrelid::regclass) || ${details}
      from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
     where r.prrelid = o.oid`;
}
