// The queries take the published relations with their successors, as the literal of a JSON array of { published, staged }, both quoted and qualified.
const pairsOf = (pairs: string) => `
  select p.published::pg_catalog.regclass as old, p.staged, p.staged::pg_catalog.regclass as new
    from pg_catalog.json_to_recordset(${pairs}::text::json) as p (published text, staged text)
   where pg_catalog.to_regclass(p.published) is not null and pg_catalog.to_regclass(p.staged) is not null`;

/** Views that stay and read a column that the successor does not have. */
export function brokenViews(pairs: string): string {
  return `
    with pairs as (${pairsOf(pairs)})
    select distinct v.oid::regclass::text as view, a.attname as column, p.old::text as relation
      from pairs p
      join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = p.old and d.refobjsubid > 0
       and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      join pg_catalog.pg_rewrite r on r.oid = d.objid
      join pg_catalog.pg_class v on v.oid = r.ev_class and v.relkind = 'v'
      join pg_catalog.pg_attribute a on a.attrelid = p.old and a.attnum = d.refobjsubid
     where v.oid not in (select old from pairs)
       and not exists (select from pg_catalog.pg_attribute s
                        where s.attrelid = p.new and s.attname = a.attname and s.attnum > 0 and not s.attisdropped)
     order by 1, 2`;
}

/** Foreign keys of tables that stay, each with the query that counts the rows whose parent the successor does not have. */
export function brokenKeys(pairs: string): string {
  const columns = (template: string) => `
    (select pg_catalog.string_agg(pg_catalog.format(${template}, f.attname, r.attname), ' and ')
       from unnest(k.conkey, k.confkey) as c (f, r)
       join pg_catalog.pg_attribute f on f.attrelid = k.conrelid and f.attnum = c.f
       join pg_catalog.pg_attribute r on r.attrelid = k.confrelid and r.attnum = c.r)`;
  return `
    with pairs as (${pairsOf(pairs)})
    select k.conname as name, k.conrelid::regclass::text as "table", p.old::text as relation,
           pg_catalog.format('select pg_catalog.count(*) as lost from %s t where %s and not exists (select from %s s where %s)',
             k.conrelid::regclass, ${columns(`'t.%1$I is not null'`)}, p.staged, ${columns(`'s.%2$I = t.%1$I'`)}) as count
      from pairs p
      join pg_catalog.pg_constraint k on k.confrelid = p.old and k.contype = 'f' and k.conparentid = 0
     where k.conrelid not in (select old from pairs)
     order by k.oid`;
}
