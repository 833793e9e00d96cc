import { MedallionError } from '../../errors/index.js';
import type { Sql } from '../connect.js';
import { isPermissionDenied, postgresError } from '../postgres-error.js';
import { foundation } from './0001_foundation.js';
import { failingRowsInOrder } from './0002_failing_rows_in_order.js';
import { incrementalLoads } from './0003_incremental_loads.js';
import { proved } from './0004_proved.js';
import { schedules } from './0005_schedules.js';
import { web } from './0006_web.js';
import { dataVersions } from './0007_data_versions.js';
import { state } from './0008_state.js';
import { plans } from './0010_plans.js';
import { intervals } from './0011_intervals.js';
import { alive } from './0012_alive.js';

/** In order; a migration that has been released is never changed. */
const migrations: readonly string[] = [
  foundation,
  failingRowsInOrder,
  incrementalLoads,
  proved,
  schedules,
  web,
  dataVersions,
  state,
  plans,
  intervals,
  alive,
];

/** The version of the `medallion` schema that this mdl works with. */
export const schemaVersion = migrations.length;

/**
 * The version of the schema `medallion` in the database; 0 where there is none.
 * @throws MedallionError MDL2005 when it is newer than this mdl
 */
export async function readSchemaVersion(sql: Sql): Promise<number> {
  const [found] = await sql<
    { table: string | null }[]
  >`select to_regclass('medallion.schema_versions')::text as table`;
  if (!found?.table) return 0;
  const [row] = await sql<
    { version: number }[]
  >`select coalesce(max(version), 0)::int as version from medallion.schema_versions`;
  const version = row?.version ?? 0;
  if (version > schemaVersion) {
    throw new MedallionError('MDL2005', {
      message: `The schema medallion has version ${version}; this mdl knows up to ${schemaVersion}.`,
    });
  }
  return version;
}

/**
 * Brings the schema `medallion` to this mdl's version: in one transaction, under a lock, so that concurrent commands do it once.
 * @throws MedallionError MDL2003 without the right to create it, MDL2005
 */
export async function migrate(sql: Sql): Promise<void> {
  if ((await readSchemaVersion(sql)) === schemaVersion) return;
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('medallion:migrate', 0))`;
      await tx`create schema if not exists medallion`;
      await tx`
        create table if not exists medallion.schema_versions (
          version    integer primary key,
          applied_at timestamptz not null default now()
        )`;
      const [row] = await tx<
        { version: number }[]
      >`select coalesce(max(version), 0)::int as version from medallion.schema_versions`;
      for (let version = (row?.version ?? 0) + 1; version <= migrations.length; version++) {
        await tx.unsafe(migrations[version - 1]!);
        await tx`insert into medallion.schema_versions (version) values (${version})`;
      }
    });
  } catch (cause) {
    if (!isPermissionDenied(cause)) throw cause;
    throw new MedallionError('MDL2003', {
      message: 'The schema medallion cannot be created.',
      hint: 'As the database owner: grant create on database <database> to <user>;',
      cause,
      postgres: postgresError(cause),
    });
  }
}

/**
 * For who only reads: brings the schema up to date where there is one, and makes none.
 * @returns whether there is one
 * @throws MedallionError MDL2003, MDL2005
 */
export async function migrateIfMade(sql: Sql): Promise<boolean> {
  if ((await readSchemaVersion(sql)) === 0) return false;
  await migrate(sql);
  return true;
}
