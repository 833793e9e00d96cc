import { policyConditions } from '../dependents.js';

// Each of these queries is a lateral one over `o`: a relation that is about to be replaced, see carry-over.ts.

/** Postgres's comment on an object, as a statement to append; empty where there is none. */
function withComment(target: string, catalog: string, oid: string): string {
  return `coalesce('; comment on ' || ${target} || ' is ' || quote_literal(obj_description(${oid}, '${catalog}')), '')`;
}

/** Indexes, constraints, triggers, rules, policies and statistics of others: all that Postgres drops along with a relation. */
export const attachedSql = `
    select 10 as step, 'index ' || quote_ident(x.relname) as description,
           pg_get_indexdef(i.indexrelid) || ${withComment(`'index ' || x.oid::regclass`, 'pg_class', 'x.oid')} as statement
      from pg_index i join pg_class x on x.oid = i.indexrelid
     where i.indrelid = o.oid and x.relname <> all(o.indexes)
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = i.indrelid)
    union all
    select 11, 'constraint ' || quote_ident(conname),
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
           || ${withComment(`format('constraint %I on %s', conname, conrelid::regclass)`, 'pg_constraint', 'oid')}
      from pg_constraint
     where conrelid = o.oid and contype in ('c', 'u', 'p', 'x', 'f') and conname <> all(o.constraints)
    union all
    select 12, 'replica identity',
           case c.relreplident when 'f' then format('alter table %s replica identity full', c.oid::regclass)
                               when 'n' then format('alter table %s replica identity nothing', c.oid::regclass)
                               else format('alter table %s replica identity using index %I', c.oid::regclass,
                                           (select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisreplident)) end
      from pg_class c where c.oid = o.oid and c.relkind = 'r' and c.relreplident <> 'd'
    union all
    select 12, 'cluster mark', format('alter table %s cluster on %I', o.oid::regclass, x.relname)
      from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = o.oid and i.indisclustered
    union all
    select 13, 'trigger ' || quote_ident(tgname),
           pg_get_triggerdef(oid) || ${enabledState('trigger', 'tgname', 'tgrelid', 'tgenabled')}
           || ${withComment(`format('trigger %I on %s', tgname, tgrelid::regclass)`, 'pg_trigger', 'oid')}
      from pg_trigger where tgrelid = o.oid and not tgisinternal
    union all
    select 14, 'rule ' || quote_ident(rulename),
           rtrim(pg_get_ruledef(oid), '; ') || ${enabledState('rule', 'rulename', 'ev_class', 'ev_enabled')}
           || ${withComment(`format('rule %I on %s', rulename, ev_class::regclass)`, 'pg_rewrite', 'oid')}
      from pg_rewrite where ev_class = o.oid and rulename <> '_RETURN'
    union all
    select 15, 'policy ' || quote_ident(polname),
           format('create policy %I on %s as %s for %s to %s', polname, polrelid::regclass,
                  case when polpermissive then 'permissive' else 'restrictive' end,
                  case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                  (select string_agg(case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ') from unnest(polroles) role))
           || ${policyConditions('p')}
           || ${withComment(`format('policy %I on %s', polname, polrelid::regclass)`, 'pg_policy', 'oid')}
      from pg_policy p where polrelid = o.oid and polname <> all(o.policies)
    union all
    -- What the model asked for and no longer does goes, unless others have come to rely on it.
    select 16, 'row-level security', format('alter table %s enable row level security', oid::regclass) from pg_class
     where oid = o.oid and relrowsecurity
       and (not o.row_security or exists (select from pg_policy where polrelid = o.oid and polname <> all(o.policies)))
    union all
    select 16, 'row-level security', format('alter table %s force row level security', oid::regclass) from pg_class where oid = o.oid and relforcerowsecurity
    union all
    -- Statistics stay in their schema when their table leaves it, so that their name has to be made free.
    select 17, 'statistics object ' || name,
           format('drop statistics %1$s; %2$s; alter statistics %1$s owner to %3$I', name, pg_get_statisticsobjdef(oid), pg_get_userbyid(stxowner))
           || case when stxstattarget >= 0 then format('; alter statistics %s set statistics %s', name, stxstattarget) else '' end
           || ${withComment(`'statistics ' || name`, 'pg_statistic_ext', 'oid')}
      from (select s.*, quote_ident(n.nspname) || '.' || quote_ident(s.stxname) as name
              from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where s.stxrelid = o.oid) s`;

/** A trigger or rule that fires otherwise than a new one would: a statement to append. */
function enabledState(kind: 'trigger' | 'rule', name: string, relation: string, state: string): string {
  return `case ${state} when 'D' then format('; alter table %s disable ${kind} %I', ${relation}::regclass, ${name})
                        when 'R' then format('; alter table %s enable replica ${kind} %I', ${relation}::regclass, ${name})
                        when 'A' then format('; alter table %s enable always ${kind} %I', ${relation}::regclass, ${name})
                        else '' end`;
}
