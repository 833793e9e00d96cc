import type { Distribution } from '../../config/distribution.js';
import { citusVersion, distributeSql, placedAs } from '../../database/citus.js';
import type { Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { relationFinder } from '../relation-finder.js';
import { distributionOf } from '../scale-out.js';
import type { Check, Examined } from './check.js';

/** A table that is to be distributed, and where it is published. */
interface Wanted {
  readonly node: string;
  readonly relation: Relation;
  readonly distribution: Distribution;
}

/** The nodes of a Citus cluster, and how the tables of the project lie on them. */
export async function examineScaleOut({ sql, project }: Examined): Promise<Check[]> {
  const relations = relationFinder(project, new Set());
  const wanted = [...project.graph.nodes.values()].flatMap((node): Wanted[] => {
    const distribution = distributionOf(node);
    return distribution ? [{ node: node.name, relation: relations.published(node.name), distribution }] : [];
  });
  const version = await citusVersion(sql);
  if (version === undefined)
    return wanted.length === 0
      ? []
      : [
          {
            status: 'ok',
            what: `no citus extension: ${wanted.length === 1 ? `${wanted[0]!.node} is` : `${wanted.length} tables are`} not distributed here`,
          },
        ];
  return [
    { status: 'ok', what: `Citus ${version}` },
    ...(await examineNodes(sql)),
    ...(await examineTables(sql, wanted)),
  ];
}

async function examineNodes(sql: Sql): Promise<Check[]> {
  const nodes = await sql<
    { name: string; role: string; active: boolean; holds: boolean; coordinator: boolean }[]
  >`
    select nodename || ':' || nodeport as name, noderole::text as role, isactive as active, shouldhaveshards as holds, groupid = 0 as coordinator
      from pg_catalog.pg_dist_node order by groupid, nodename, nodeport`;
  const checks = nodes.map(({ name, role, active, holds, coordinator }): Check => {
    const what = `${coordinator ? 'coordinator' : 'worker'} ${name}, ${role}`;
    return active
      ? { status: 'ok', what: `${what}${holds ? '' : ', holds no shards'}` }
      : {
          status: 'fail',
          what: `${what} is not active`,
          fix: `when it is up again: select citus_activate_node('${name.slice(0, name.lastIndexOf(':')).replaceAll("'", "''")}', ${name.slice(name.lastIndexOf(':') + 1)});`,
        };
  });
  if (nodes.some(({ active, holds }) => active && holds)) return checks;
  return [
    ...checks,
    {
      status: 'fail',
      what: 'no node of the cluster may hold shards, so nothing can be distributed',
      fix: `select citus_add_node('<host>', 5432);`,
    },
  ];
}

async function examineTables(sql: Sql, wanted: readonly Wanted[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const table of wanted) {
    if (!(await exists(sql, table.relation))) continue;
    checks.push(await examineTable(sql, table));
  }
  return checks;
}

async function exists(sql: Sql, { schema, name }: Relation): Promise<boolean> {
  const found = await sql`
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = ${schema} and c.relname = ${name}`;
  return found.length > 0;
}

async function examineTable(sql: Sql, { node, relation, distribution }: Wanted): Promise<Check> {
  const now = await placedAs(sql, relation);
  if (now !== distribution.kind)
    return {
      status: 'warn',
      what: `${node} is ${describe[now]}, and should be ${describe[distribution.kind]}`,
      fix:
        now === 'local'
          ? `build it anew, or: ${distributeSql(relation, distribution.kind === 'column' ? { ...distribution, with: undefined } : distribution)};`
          : 'build it anew; a bronze table with: npx mdl load --full-refresh, where load is replace',
    };
  if (now === 'reference') return { status: 'ok', what: `${node} is ${describe.reference}` };
  return balance(node, relation, await sizes(sql, relation));
}

const describe = {
  column: 'distributed by a column',
  reference: 'whole on every node',
  local: 'on one node only',
} as const;

interface NodeSize {
  readonly name: string;
  readonly shards: number;
  readonly bytes: number;
  readonly largest: number;
}

/** Nodes that may hold shards and hold none of a table count too. */
function sizes(sql: Sql, { schema, name }: Relation): Promise<NodeSize[]> {
  return sql<NodeSize[]>`
    select d.nodename || ':' || d.nodeport as name, count(s.shardid)::int as shards, coalesce(sum(s.shard_size), 0)::int8 as bytes,
           coalesce(max(s.shard_size), 0)::int8 as largest
      from pg_catalog.pg_dist_node d
      left join pg_catalog.citus_shards s
        on s.nodename = d.nodename and s.nodeport = d.nodeport
       and s.table_name = (select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                            where n.nspname = ${schema} and c.relname = ${name})
     where d.isactive and d.shouldhaveshards and d.noderole = 'primary'
     group by 1 order by 1`;
}

function formatBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** Below this a table says nothing about balance: an empty shard with its indexes takes some pages too. */
const smallTable = 64 * 2 ** 20;

function balance(node: string, relation: Relation, nodes: readonly NodeSize[]): Check {
  const shards = nodes.reduce((sum, each) => sum + each.shards, 0);
  const bytes = nodes.reduce((sum, each) => sum + each.bytes, 0);
  const what = `${node}: ${shards} shards, ${formatBytes(bytes)}: ${nodes.map((each) => `${each.name} has ${each.shards} with ${formatBytes(each.bytes)}`).join(', ')}`;
  const fullest = Math.max(...nodes.map((each) => each.bytes));
  const largest = Math.max(...nodes.map((each) => each.largest));
  if (bytes < smallTable || shards < 2) return { status: 'ok', what };
  if (largest > (4 * bytes) / shards)
    return {
      status: 'warn',
      what: `${what}; one shard holds ${Math.round((100 * largest) / bytes)}% of it, so few values are in most rows`,
      fix: `distribute ${node} by a column whose values are more even`,
    };
  if (fullest > (1.5 * bytes) / nodes.length)
    return {
      status: 'warn',
      what: `${what}; one node holds ${Math.round((100 * fullest) / bytes)}% of it`,
      fix: `select citus_rebalance_start(); (shards of tables that are co-located with ${quoteRelation(relation)} move along)`,
    };
  return { status: 'ok', what };
}
