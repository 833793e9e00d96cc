/** A view of others (or a view model of ours that is not being replaced) that reads a relation about to be replaced. */
export interface DependentView {
  readonly oid: number;
  /** Quoted and qualified. */
  readonly name: string;
  readonly isMaterialized: boolean;
  /** Its query, every name qualified. */
  readonly definition: string;
  /** `with (security_barrier=true)`, or empty. */
  readonly options: string;
  /** The relation that it reads, quoted and qualified. */
  readonly reads: string;
}

/** A foreign key of a table that stays, onto a table about to be replaced. */
export interface DependentKey {
  readonly table: string;
  readonly constraint: string;
  readonly definition: string;
  readonly references: string;
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
           rtrim(pg_get_viewdef(v.oid), '; ') as definition,
           coalesce((select 'with (' || string_agg(quote_ident(o.option_name) || '=' || quote_literal(o.option_value), ', ') || ')'
                       from pg_options_to_table(v.reloptions) o), '') as options,
           min(o.relation::regclass::text) as reads
      from objects o
      join pg_depend d  on d.refclassid = o.class and d.refobjid = o.object and d.classid = 'pg_rewrite'::regclass
      join pg_rewrite r on r.oid = d.objid
      join pg_class v   on v.oid = r.ev_class and v.relkind in ('v', 'm')
     where v.oid <> all(${oids})
     group by v.oid, v.relkind, v.reloptions
     order by v.oid`;
}

/** Views among the relations, and views that read one of them: the later made ones first, because they may read the others. */
export function viewsToLockSql(oids: string): string {
  return `
    with objects as (${objectsOf(oids)})
    select v.oid::regclass::text as name, quote_ident(pg_get_userbyid(v.relowner)) as owner
      from pg_class v
     where v.relkind = 'v'
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
           quote_ident(c.conname) as "constraint",
           pg_get_constraintdef(c.oid) as definition,
           c.confrelid::regclass::text as "references"
      from pg_constraint c
     where c.contype = 'f' and c.confrelid = any(${oids}) and c.conrelid <> all(${oids}) and c.conparentid = 0
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

/** Everything else that would be in the way of dropping the relations: functions on their row type, children, rules. */
export function otherDependentsSql(oids: string): string {
  return `
    with objects as (${objectsOf(oids)})
    select pg_describe_object(d.classid, d.objid, d.objsubid) as description,
           min(o.relation::regclass::text) as "dependsOn"
      from objects o
      join pg_depend d on d.refclassid = o.class and d.refobjid = o.object and d.deptype in ('n', 'e')
      left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
      left join pg_class ev  on ev.oid = r.ev_class
     where not (d.classid = 'pg_rewrite'::regclass and (ev.relkind in ('v', 'm') or ev.oid = any(${oids})))
       and not (d.classid = 'pg_constraint'::regclass and exists (select from pg_constraint c where c.oid = d.objid and c.contype = 'f'))
       and not (d.classid in ('pg_constraint'::regclass) and exists (select from pg_constraint c where c.oid = d.objid and c.conrelid = any(${oids})))
       and not (d.classid = 'pg_policy'::regclass and exists (select from pg_policy p where p.oid = d.objid and p.polrelid = any(${oids})))
       and not (d.classid = 'pg_trigger'::regclass and exists (select from pg_trigger t where t.oid = d.objid and t.tgrelid = any(${oids})))
       and not (d.classid = 'pg_class'::regclass and d.objid = any(${oids}))
       and not (d.classid = 'pg_class'::regclass and exists (select from pg_index i where i.indexrelid = d.objid and i.indrelid = any(${oids})))
       and not (d.classid = 'pg_attrdef'::regclass and exists (select from pg_attrdef f where f.oid = d.objid and f.adrelid = any(${oids})))
     group by 1
     order by 1`;
}
