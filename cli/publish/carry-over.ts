import type { Transaction } from '../database/connect.js';
import type { Owned } from './relations.js';

/** A statement that gives the new relation something that others had put on the old one. */
export interface CarriedObject {
  /** For messages: `index clientes_by_city`. */
  readonly description: string;
  readonly statement: string;
}

/**
 * What others put on a relation that is about to be replaced, as statements to run once its successor has its name.
 * Expects an empty `search_path`, so that the statements are qualified.
 * @param oid the old relation; @param owned what Medallion itself made on it, which its successor has anyway or has given up on purpose
 */
export async function readCarriedObjects(
  tx: Transaction,
  oid: number,
  owned: Owned,
  grantSelect: readonly string[],
): Promise<CarriedObject[]> {
  const withdrawn = owned.grants.filter((role) => !grantSelect.includes(role));
  const [attached, grants, comments, publications] = [
    await attachedObjects(tx, oid, owned),
    await foreignGrants(tx, oid, withdrawn),
    await foreignComments(tx, oid, owned),
    await publicationMemberships(tx, oid),
  ];
  return [...attached, ...grants, ...comments, ...publications];
}

/** Indexes, constraints, triggers, policies, statistics and settings: all that Postgres drops along with a table. */
function attachedObjects(tx: Transaction, oid: number, owned: Owned): Promise<CarriedObject[]> {
  return tx.unsafe<CarriedObject[]>(
    `
    select 'index ' || quote_ident(x.relname) as description, pg_get_indexdef(i.indexrelid) as statement
      from pg_index i join pg_class x on x.oid = i.indexrelid
     where i.indrelid = $1::oid and x.relname <> all($2::text[])
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = i.indrelid)
    union all
    select 'constraint ' || quote_ident(conname),
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint
     where conrelid = $1::oid and contype in ('c', 'u', 'p', 'x', 'f') and conname <> all($3::text[])
    union all
    select 'trigger ' || quote_ident(tgname), pg_get_triggerdef(oid) ||
           case tgenabled when 'D' then format('; alter table %s disable trigger %I', tgrelid::regclass, tgname)
                          when 'R' then format('; alter table %s enable replica trigger %I', tgrelid::regclass, tgname)
                          when 'A' then format('; alter table %s enable always trigger %I', tgrelid::regclass, tgname)
                          else '' end
      from pg_trigger where tgrelid = $1::oid and not tgisinternal
    union all
    select 'policy ' || quote_ident(polname),
           format('create policy %I on %s as %s for %s to %s', polname, polrelid::regclass,
                  case when polpermissive then 'permissive' else 'restrictive' end,
                  case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                  (select string_agg(case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ') from unnest(polroles) role))
           || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
           || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '')
      from pg_policy where polrelid = $1::oid
    union all
    select 'row-level security', format('alter table %s enable row level security', oid::regclass) from pg_class where oid = $1::oid and relrowsecurity
    union all
    select 'row-level security', format('alter table %s force row level security', oid::regclass) from pg_class where oid = $1::oid and relforcerowsecurity
    union all
    select 'statistics ' || quote_ident(stxname), pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxrelid = $1::oid
    union all
    select 'replica identity', format('alter table %s replica identity full', oid::regclass) from pg_class where oid = $1::oid and relreplident = 'f' and relkind = 'r'
    union all
    select 'setting ' || o.option_name, format('alter table %s set (%I = %L)', c.oid::regclass, o.option_name, o.option_value)
      from pg_class c, pg_options_to_table(c.reloptions) o where c.oid = $1::oid and c.relkind = 'r'`,
    [oid, owned.indexes as never, owned.constraints as never],
  );
}

/** Rights that others granted on the relation and its columns; those that the configuration gave and has taken back are left out. */
function foreignGrants(tx: Transaction, oid: number, withdrawn: readonly string[]): Promise<CarriedObject[]> {
  return tx.unsafe<CarriedObject[]>(
    `
    with rights as (
      select c.oid, c.relowner, null::name as attname, a.* from pg_class c, aclexplode(c.relacl) a where c.oid = $1::oid
      union all
      select c.oid, c.relowner, t.attname, a.* from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a where c.oid = $1::oid
    ), named as (
      select *, case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as role from rights
    )
    select 'grant ' || lower(privilege_type) || ' to ' || role as description,
           format('grant %s%s on %s to %s%s', privilege_type, coalesce(' (' || quote_ident(attname) || ')', ''), oid::regclass, role,
                  case when is_grantable then ' with grant option' else '' end) as statement
      from named
     where grantee <> relowner
       and not (privilege_type = 'SELECT' and attname is null and role = any(select quote_ident(r) from unnest($2::text[]) r))`,
    [oid, withdrawn as never],
  );
}

/** Comments that others put on the relation and its columns, where the model has no description. */
function foreignComments(tx: Transaction, oid: number, owned: Owned): Promise<CarriedObject[]> {
  return tx.unsafe<CarriedObject[]>(
    `
    select 'comment' as description,
           case when d.objsubid = 0
                then format('comment on %s %s is %L', case c.relkind when 'v' then 'view' else 'table' end, c.oid::regclass, d.description)
                else format('comment on column %s.%I is %L', c.oid::regclass, a.attname, d.description) end as statement
      from pg_description d
      join pg_class c on c.oid = d.objoid
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
     where d.classoid = 'pg_class'::regclass and d.objoid = $1::oid and coalesce(a.attname::text, '') <> all($2::text[])`,
    [oid, owned.comments as never],
  );
}

/** Logical replication: the new table joins the publications of the old one (with its row filter and columns since Postgres 15). */
async function publicationMemberships(tx: Transaction, oid: number): Promise<CarriedObject[]> {
  const [server] = await tx<
    { filtered: boolean }[]
  >`select current_setting('server_version_num')::int >= 150000 as filtered`;
  const details = server!.filtered
    ? `coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any(r.prattrs::int2[])) || ')', '')
       || coalesce(' where (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')`
    : `''`;
  return tx.unsafe<CarriedObject[]>(
    `
    select 'publication ' || quote_ident(p.pubname) as description,
           format('alter publication %I add table %s', p.pubname, r.prrelid::regclass) || ${details} as statement
      from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
     where r.prrelid = $1::oid`,
    [oid],
  );
}
