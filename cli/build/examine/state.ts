import { loadSchemaComment } from '../../bronze/index.js';
import { readSchemaVersion, schemaVersion } from '../../database/migrations/index.js';
import { findSchemasMarked, stageComment } from '../marked-schemas.js';
import { readOpenPlan } from '../planned/stored-plan.js';
import type { Check, Examined } from './check.js';

/** The bookkeeping, what runs left behind and the clock. */
export async function examineState({ sql, project: { options } }: Examined): Promise<Check[]> {
  const checks: Check[] = [];
  const [clock] = await sql<
    { seconds: number }[]
  >`select extract(epoch from clock_timestamp())::float8 as seconds`;
  const skew = Math.abs(Date.now() / 1000 - clock!.seconds);
  if (skew > 60)
    checks.push({
      status: 'warn',
      what: `the clocks of this machine and the server differ by ${Math.round(skew)} s`,
      fix: 'set both by NTP: times of loads and freshness tests depend on them',
    });
  const version = await readSchemaVersion(sql);
  checks.push({
    status: 'ok',
    what:
      version === 0
        ? 'the schema medallion will be made'
        : `the schema medallion has version ${version}${version < schemaVersion ? ` and will be brought to ${schemaVersion}` : ''}`,
  });
  const leftovers = [
    ...(await findSchemasMarked(sql, stageComment(options.name))),
    ...(await findSchemasMarked(sql, loadSchemaComment(options.name))),
  ];
  const tables =
    leftovers.length === 0
      ? []
      : await sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ${sql([...leftovers])} and c.relkind in ('r', 'v', 'm')`;
  const plan = version === schemaVersion ? await readOpenPlan(sql, options.name) : undefined;
  if (plan)
    checks.push({
      status: 'ok',
      what: `the plan of run ${plan.runId} is open and can be published: ${tables.length} relations are in ${leftovers.join(', ')}`,
    });
  else if (tables.length > 0)
    checks.push({
      status: 'warn',
      what: `a run is going on or was killed: ${leftovers.join(', ')} hold ${tables.length} relations`,
      fix: 'the next build goes on from there; or remove them with: npx mdl clean',
    });
  return checks;
}
