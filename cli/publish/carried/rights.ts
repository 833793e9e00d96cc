/** Rights that others granted on the relation and its columns; those that the configuration gave and has taken back are left out. */
export const rightsSql = `
    select 30, 'grant ' || lower(a.privilege_type) || ' to ' || a.role,
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

/** Comments of others on the relation and its columns, where the model has no description. */
export const commentsSql = `
    select 31, 'comment' || coalesce(' on column ' || quote_ident(a.attname), ''),
           case when d.objsubid = 0
                then format('comment on %s %s is %L', o.kind, o.oid::regclass, d.description)
                else format('comment on column %s.%I is %L', o.oid::regclass, a.attname, d.description) end
      from pg_description d
      left join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
     where d.classoid = 'pg_class'::regclass and d.objoid = o.oid and coalesce(a.attname::text, '') <> all(o.comments)
       and not exists (select from pg_description x
                         left join pg_attribute n on n.attrelid = x.objoid and n.attnum = x.objsubid
                        where x.classoid = d.classoid and x.objoid = o.successor and n.attname is not distinct from a.attname)`;

/**
 * Logical replication: the new table joins the publications of the old one, with its row filter and columns since Postgres 15.
 * @param serverVersion as Postgres counts it, e.g. 180004
 */
export function publicationsSql(serverVersion: number): string {
  const details =
    serverVersion < 150_000
      ? `''`
      : `coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any(r.prattrs::int2[])) || ')', '')
           || coalesce(' where (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')`;
  return `
    select 32, 'publication ' || quote_ident(p.pubname),
           format('alter publication %I add table %s', p.pubname, r.prrelid::regclass) || ${details}
      from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
     where r.prrelid = o.oid`;
}

/**
 * Rights that `alter default privileges in schema` promises on relations made there: those that come by a move have to be given them.
 * @param relations `[{ schema, name }]` as a JSON string constant
 */
export function defaultRightsSql(relations: string): string {
  return `
    select 'default privilege ' || lower(x.privilege_type) || ' of its schema' as description, t.name as relation,
           format('grant %s on %s to %s%s', x.privilege_type, t.name,
                  case when x.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end,
                  case when x.is_grantable then ' with grant option' else '' end) as statement
      from jsonb_to_recordset(${relations}) as r (schema name, name name)
      join pg_namespace n on n.nspname = r.schema
      join pg_default_acl d on d.defaclnamespace = n.oid and d.defaclobjtype = 'r'
                           and d.defaclrole = (select oid from pg_roles where rolname = current_user)
     cross join lateral aclexplode(d.defaclacl) x
     cross join lateral (select quote_ident(r.schema) || '.' || quote_ident(r.name) as name) t
     where x.grantee <> d.defaclrole`;
}
