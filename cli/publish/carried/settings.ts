/** Storage settings of the relation and of its TOAST table, unless the new one has its own. */
export const storageSettingsSql = `
    select 20, 'setting ' || s.name, format('alter %s %s set (%s = %L)', o.kind, o.oid::regclass, s.name, s.option_value)
      from (select option_name, quote_ident(option_name) as name, option_value
              from pg_class c, pg_options_to_table(c.reloptions) where c.oid = o.oid
            union all
            select option_name, 'toast.' || quote_ident(option_name), option_value
              from pg_class c join pg_class t on t.oid = c.reltoastrelid, pg_options_to_table(t.reloptions) where c.oid = o.oid) s
     where s.name <> all(coalesce(o.options, '{}'))
       and not exists (select from pg_class n, pg_options_to_table(n.reloptions) x where n.oid = o.successor and x.option_name = s.name)`;

/**
 * Defaults, `not null` and storage that others gave columns, unless the model says otherwise. Which of them are ours is null where an mdl
 * that did not record it yet published the relation: none of them is carried over then. Of a column's options only those count that people can set:
 * newer minor versions keep marks of their own among them (`pg_attver` since 15.20), on columns of views too.
 */
export const columnSettingsSql = `
    select 21, s.setting || ' of column ' || quote_ident(a.attname), format('alter table %s alter column %I ', o.oid::regclass, a.attname) || s.clause
      from pg_attribute a
      left join pg_attribute n on n.attrelid = o.successor and n.attname = a.attname and not n.attisdropped
     cross join lateral (
           select 'default' as setting, 'set default ' || pg_get_expr(d.adbin, d.adrelid) as clause
             from pg_attrdef d
            where d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = '' and a.attname <> all(o.defaults) and not coalesce(n.atthasdef, false)
           union all
           select 'not null', 'set not null' where a.attnotnull and a.attname <> all(o.not_null) and not coalesce(n.attnotnull, false)
           union all
           select 'statistics target', 'set statistics ' || a.attstattarget where a.attstattarget >= 0
           union all
           select 'storage', 'set storage ' || case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end
             from pg_type t where t.oid = a.atttypid and t.typstorage <> a.attstorage
           union all
           select 'compression', 'set compression ' || case a.attcompression when 'p' then 'pglz' else 'lz4' end where a.attcompression <> ''
           union all
           select 'setting ' || x.option_name, format('set (%I = %L)', x.option_name, x.option_value) from pg_options_to_table(a.attoptions) x
            where x.option_name in ('n_distinct', 'n_distinct_inherited')) s
     where a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped`;

/** Columns that others added hold what no build can make again; an identity has its own count. */
export const foreignColumnsSql = `
    select 0, case when a.attname = any(o.columns) then 'identity of column ' else 'column ' end || quote_ident(a.attname), null
      from pg_attribute a
     where a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped and (a.attname <> all(o.columns) or a.attidentity <> '')`;

/**
 * Sequences that columns of the relations own: each would go wherever its table goes.
 * @param oids the relations, as an SQL array
 */
export function ownedSequencesSql(oids: string): string {
  return `
    select 'sequence ' || s.oid::regclass as description, d.refobjid::regclass::text as relation,
           format('alter sequence %s owned by none', s.oid::regclass) as before,
           format('alter sequence %s owned by %s.%I', s.oid::regclass, d.refobjid::regclass, a.attname) as statement
      from pg_depend d
      join pg_class s on s.oid = d.objid and s.relkind = 'S'
      join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
     where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = any(${oids}) and d.deptype = 'a'
     order by s.oid`;
}
