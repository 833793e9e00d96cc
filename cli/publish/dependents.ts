import type { Relation } from '../database/identifiers.js';

/** A view of others (or a view model of ours that is not being replaced) that reads a relation about to be replaced. */
export interface DependentView {
  readonly oid: number;
  /** Quoted and qualified. */
  readonly name: string;
  readonly isMaterialized: boolean;
  /** The model of ours that it is; null: it belongs to others. */
  readonly node: string | null;
  /** Its query, every name qualified. */
  readonly definition: string;
  /** `with (security_barrier=true)`, or empty. */
  readonly options: string;
  /** The relation that it reads, quoted and qualified. */
  readonly reads: string;
}

/** A foreign key, with its table: quoted and qualified. */
export interface KeyBetween {
  readonly table: string;
  readonly constraint: string;
}

/** A foreign key of a table that stays, onto a table about to be replaced. */
export interface DependentKey extends KeyBetween {
  /** The table's place, as it is named. */
  readonly on: Relation;
  readonly definition: string;
  readonly references: string;
}

/** A policy or rule of a relation that stays, or a function, that reads a relation about to be replaced and can be made to read its successor. */
export interface DependentObject {
  /** As Postgres describes it: `policy team on table theirs.notes`. */
  readonly description: string;
  /** The relation that it reads, quoted and qualified. */
  readonly reads: string;
  /** The table that it is on and that has to be locked, quoted and qualified; null for a function or a view's rule (views are locked anyway). */
  readonly table: string | null;
  readonly statement: string;
}

export interface OtherDependent {
  readonly description: string;
  readonly dependsOn: string;
}

// The queries take the relations' oids as an SQL array and expect `search_path` to be empty, so that pg_get_viewdef and its like qualify every name.
// Types count too: a view may use a table's row type without reading the table.
const objectsOf = (oids: string) => `
  select oid as object, 'pg_class'::regclass as class, oid as relation from pg_class where oid = any(${oids})
  union all
  select t.oid, 'pg_type'::regclass, t.typrelid from pg_type t where t.typrelid = any(${oids})
  union all
  select a.oid, 'pg_type'::regclass, t.typrelid from pg_type t join pg_type a on a.oid = t.typarray where t.typrelid = any(${oids})`;

/** Views that read one of the relations and are not among them. */
export function dependentViewsSql(oids: string): string {
  return `
    with objects as (${objectsOf(oids)})
    select v.oid::int8 as oid,
           v.oid::regclass::text as name,
           v.relkind = 'm' as "isMaterialized",
           (select min(r.node) from medallion.relations r join pg_namespace n on n.nspname = r.schema_name
             where n.oid = v.relnamespace and r.table_name = v.relname) as node,
           rtrim(pg_get_viewdef(v.oid), '; ') as definition,
           coalesce((select 'with (' || string_agg(quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ') || ')'
                       from pg_options_to_table(v.reloptions) o), '') as options,
           min(o.relation::regclass::text) as reads
      from objects o
      join pg_depend d  on d.refclassid = o.class and d.refobjid = o.object and d.classid = 'pg_rewrite'::regclass
      join pg_rewrite r on r.oid = d.objid
      join pg_class v   on v.oid = r.ev_class and v.relkind in ('v', 'm')
     where v.oid <> all(${oids})
     group by v.oid, v.relkind, v.reloptions, v.relname, v.relnamespace
     order by v.oid`;
}

/** A view, quoted and qualified, with its owner, quoted. */
export interface ViewToLock {
  readonly name: string;
  readonly kind: 'view' | 'materialized view';
  readonly owner: string;
}

/** Views among the relations, and views that read one of them: the later made ones first, because they may read the others. */
export function viewsToLockSql(oids: string): string {
  return `
    with objects as (${objectsOf(oids)})
    select v.oid::regclass::text as name, case v.relkind when 'm' then 'materialized view' else 'view' end as kind, quote_ident(pg_get_userbyid(v.relowner)) as owner
      from pg_class v
     where v.relkind in ('v', 'm')
       and (v.oid = any(${oids})
            or exists (select from objects o
                         join pg_depend d  on d.refclassid = o.class and d.refobjid = o.object and d.classid = 'pg_rewrite'::regclass
                         join pg_rewrite r on r.oid = d.objid
                        where r.ev_class = v.oid))
     order by v.oid desc`;
}

/** Foreign keys onto one of the relations, of tables that are not among them. */
export function dependentKeysSql(oids: string): string {
  return `
    select c.conrelid::regclass::text as "table",
           json_build_object('schema', n.nspname, 'name', t.relname) as "on",
           quote_ident(c.conname) as "constraint",
           pg_get_constraintdef(c.oid) as definition,
           c.confrelid::regclass::text as "references"
      from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
     where c.contype = 'f' and c.confrelid = any(${oids}) and c.conrelid <> all(${oids}) and c.conparentid = 0
     order by c.oid`;
}

/** A foreign key that we made on a table about to be replaced, onto one that stays. */
export interface OwnKey extends KeyBetween {
  /** Where it points to, as it is named. */
  readonly onto: Relation;
}

/** @param project an SQL literal */
export function ownKeysSql(oids: string, project: string): string {
  return `
    select c.conrelid::regclass::text as "table", quote_ident(c.conname) as "constraint",
           json_build_object('schema', rn.nspname, 'name', t.relname) as "onto"
      from pg_constraint c join pg_class t on t.oid = c.confrelid join pg_namespace rn on rn.oid = t.relnamespace
      join pg_class f on f.oid = c.conrelid join pg_namespace n on n.oid = f.relnamespace
      join medallion.relations r on r.project = ${project} and r.schema_name = n.nspname and r.table_name = f.relname
     where c.contype = 'f' and c.conrelid = any(${oids}) and c.confrelid <> all(${oids}) and c.conparentid = 0
       and r.owned -> 'constraints' ? c.conname::text
     order by c.oid`;
}

/** Tables that foreign keys of the replaced ones point to: dropping such a key locks them. */
export function referencedTablesSql(oids: string): string {
  return `
    select distinct c.confrelid::regclass::text as name
      from pg_constraint c
     where c.contype = 'f' and c.conrelid = any(${oids}) and c.confrelid <> all(${oids})
     order by 1`;
}

/** Both conditions of a row of pg_policy, as `create policy` and `alter policy` take them. */
export function policyConditions(policy: string): string {
  return `coalesce(' using (' || pg_get_expr(${policy}.polqual, ${policy}.polrelid) || ')', '')
           || coalesce(' with check (' || pg_get_expr(${policy}.polwithcheck, ${policy}.polrelid) || ')', '')`;
}

/**
 * What reads one of the relations and can be stated anew, without being dropped, once its successor has its name: policies and rules of relations
 * that stay, and functions whose bodies Postgres tracks (`begin atomic`).
 */
export function dependentObjectsSql(oids: string): string {
  return `
    with reading as (
      select d.classid, d.objid, min(d.refobjid::regclass::text) as reads
        from pg_depend d
       where d.refclassid = 'pg_class'::regclass and d.refobjid = any(${oids}) and d.deptype = 'n'
       group by 1, 2
    )
    select pg_describe_object(d.classid, d.objid, 0) as description, d.reads, t.oid::regclass::text as "table", o.statement
      from reading d
     cross join lateral (
           select p.polrelid as on_table, format('alter policy %I on %s', p.polname, p.polrelid::regclass) || ${policyConditions('p')} as statement
             from pg_policy p where d.classid = 'pg_policy'::regclass and p.oid = d.objid and p.polrelid <> all(${oids})
           union all
           select r.ev_class, regexp_replace(pg_get_ruledef(r.oid), '^CREATE RULE', 'create or replace rule')
             from pg_rewrite r
            where d.classid = 'pg_rewrite'::regclass and r.oid = d.objid and r.ev_class <> all(${oids}) and r.rulename <> '_RETURN'
           union all
           select null, pg_get_functiondef(f.oid)
             from pg_proc f where d.classid = 'pg_proc'::regclass and f.oid = d.objid and f.prosqlbody is not null) o
      left join pg_class t on t.oid = o.on_table and t.relkind in ('r', 'p')
     order by d.classid, d.objid`;
}

/** Everything else that would be in the way of dropping the relations: functions on their row type, tables with a column of it, children. */
export function otherDependentsSql(oids: string): string {
  return `
    with objects as (${objectsOf(oids)})
    select pg_describe_object(d.classid, d.objid, d.objsubid) as description,
           min(o.relation::regclass::text) as "dependsOn"
      from objects o
      join pg_depend d on d.refclassid = o.class and d.refobjid = o.object and d.deptype in ('n', 'e')
     where d.classid <> 'pg_rewrite'::regclass
       and not (d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_class'::regclass
                and exists (select from pg_proc f where f.oid = d.objid and f.prosqlbody is not null))
       and not (d.classid = 'pg_constraint'::regclass and exists (select from pg_constraint c where c.oid = d.objid and c.contype = 'f'))
       and not (d.classid in ('pg_constraint'::regclass) and exists (select from pg_constraint c where c.oid = d.objid and c.conrelid = any(${oids})))
       and d.classid <> 'pg_policy'::regclass
       and not (d.classid = 'pg_trigger'::regclass and exists (select from pg_trigger t where t.oid = d.objid and t.tgrelid = any(${oids})))
       and not (d.classid = 'pg_class'::regclass and d.objid = any(${oids}))
       and not (d.classid = 'pg_class'::regclass and exists (select from pg_index i where i.indexrelid = d.objid and i.indrelid = any(${oids})))
       and not (d.classid = 'pg_attrdef'::regclass and exists (select from pg_attrdef f where f.oid = d.objid and f.adrelid = any(${oids})))
     group by 1
     order by 1`;
}

/**
 * In which order views can be dropped without taking others along: what reads comes before what it reads.
 * @param oids relations of any kind, as an SQL array
 */
export function dropOrderSql(oids: string): string {
  return `
    with recursive reads as (
      select distinct r.ev_class as reader, d.refobjid as read
        from pg_rewrite r
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
       where r.ev_class = any(${oids}) and d.refobjid = any(${oids}) and d.refobjid <> r.ev_class
    ), levels as (
      select o.oid, 0 as level from unnest(${oids}) o (oid)
      union
      select reads.read, levels.level + 1 from levels join reads on reads.reader = levels.oid
    )
    select oid::int8 as oid from levels group by oid order by max(level), oid desc`;
}
