import { setTimeout as sleep } from 'node:timers/promises';
import { loadSchema, loadSchemaComment } from '../bronze/index.js';
import type { Layer, Options } from '../config/options.js';
import type { Sql, Transaction } from '../database/connect.js';
import {
  maxIdentifierBytes,
  quoteIdentifier,
  quoteLiteral,
  quoteRelation,
  type Relation,
} from '../database/identifiers.js';
import { errorCode, isPermissionDenied, postgresError } from '../database/postgres-error.js';
import { endVacuums } from '../database/vacuums.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import { dropOrderSql } from '../publish/dependents.js';
import { findSchemasMarked, stageComment } from './marked-schemas.js';

/** The private schema in which relations of a layer are built before anyone can see them. */
export function stageSchema(project: string, layer: Layer): string {
  const name = `mdl_stage_${project}_${layer.name}`;
  return Buffer.byteLength(name) <= maxIdentifierBytes ? name : `mdl_stage_${project}_${layer.rank}`;
}

/** How connections of a run are named in pg_stat_activity; the token tells this run's from those of a killed one. */
export function runApplicationName(project: string, token: string): string {
  return `mdl-run:${project}:${token}`;
}

/** Creates the layers' schemas where they are missing, and an empty stage for each. Expects the run lock to be held. */
export async function prepareSchemas(sql: Sql, options: Options): Promise<void> {
  const layers = [...options.layers.values()];
  const existing = new Set(
    (await sql<{ name: string }[]>`select nspname as name from pg_namespace`).map((row) => row.name),
  );
  const statements: string[] = [];
  for (const layer of layers) {
    if (!existing.has(layer.schema)) statements.push(`create schema ${quoteIdentifier(layer.schema)}`);
    statements.push(...privateSchema(stageSchema(options.name, layer), stageComment(options.name)));
  }
  statements.push(...privateSchema(loadSchema(options.name), loadSchemaComment(options.name)));
  try {
    await sql.begin((tx) => tx.unsafe(statements.join(';\n')));
  } catch (cause) {
    if (!isPermissionDenied(cause)) throw cause;
    throw new MedallionError('MDL2003', {
      message: `The schemas ${layers.map((layer) => layer.schema).join(', ')} and the stage cannot be created: ${postgresError(cause)?.message}`,
      hint: 'As the database owner: grant create on database <database> to <user>;',
      cause,
      postgres: postgresError(cause),
    });
  }
}

function privateSchema(name: string, comment: string): string[] {
  return [
    `create schema if not exists ${quoteIdentifier(name)}`,
    `comment on schema ${quoteIdentifier(name)} is ${quoteLiteral(comment)}`,
  ];
}

/**
 * Ends connections that a killed run left behind: their statements would go on, and hold locks in the stage. Expects the run lock to be held.
 * @param database its token names this run's own connections, which stay
 */
export async function endLeftoverSessions(
  sql: Sql,
  project: string,
  database: { readonly token: string; readonly isPooled: boolean },
): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const [row] = await sql<{ left: number }[]>`
      select count(*)::int as left
        from (select pg_terminate_backend(pid)
                from pg_stat_activity
               where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
                 and starts_with(application_name, ${`mdl-run:${project}:`})
                 and application_name <> ${runApplicationName(project, database.token)}
                 -- A pooler's idle connections keep the name of whoever used them last.
                 and (not ${database.isPooled} or state <> 'idle')) ended`;
    if (row!.left === 0) return;
    await sleep(50);
  }
}

/**
 * Drops the stage of a project with all that is in it; never CASCADE, so nothing of others can go along.
 * Dropping a staged foreign key needs a lock on the published table it points to: asked for briefly and again, so that readers never wait long.
 */
export async function dropStage(sql: Sql, project: string, emit: Emit): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await dropSchemasMarked(sql, stageComment(project));
      return;
    } catch (cause) {
      if (errorCode(cause) !== '55P03') throw cause;
      if (attempt === 50) {
        emit({
          event: 'notice',
          message:
            'The stage could not be dropped, because readers hold locks on published tables; the next run drops it.',
        });
        return;
      }
      await sleep(Math.random() * 100);
    }
  }
}

/** Drops what a failed attempt has left in the stage, if it has. The same care for readers as in `dropStage`. */
export async function dropStaged(sql: Sql, relation: Relation): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sql.begin(async (tx) => {
        await dropRelations(
          tx,
          await tx<StandingRelation[]>`
            select c.oid::int8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as relkind
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = ${relation.schema} and c.relname = ${relation.name}`,
        );
      });
      return;
    } catch (cause) {
      if (errorCode(cause) !== '55P03' || attempt === 50) throw cause;
      await sleep(Math.random() * 100);
    }
  }
}

/** Drops every schema that bears the comment, with its views and tables. */
export async function dropSchemasMarked(sql: Sql, comment: string): Promise<readonly string[]> {
  const names = await findSchemasMarked(sql, comment);
  if (names.length === 0) return [];
  await sql.begin(async (tx) => {
    const relations = await tx<StandingRelation[]>`
      select c.oid::int8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as relkind
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ${tx([...names])} and c.relkind in ('r', 'v', 'm') order by 2, 3`;
    await dropRelations(tx, relations);
    await tx.unsafe(`drop schema ${names.map(quoteIdentifier).join(', ')}`);
  });
  return names;
}

interface StandingRelation extends Relation {
  readonly oid: number;
  readonly relkind: string;
}

/** Drops relations: what reads comes before what it reads, and tables last. A lock on what readers use is waited for briefly. */
async function dropRelations(tx: Transaction, relations: readonly StandingRelation[]): Promise<void> {
  const tables = relations.filter(({ relkind }) => relkind === 'r');
  const views = relations.filter(({ relkind }) => relkind !== 'r');
  const materialized = views.filter(({ relkind }) => relkind === 'm');
  await tx.unsafe(endVacuums(tables.map(quoteRelation), 50, materialized.map(quoteRelation)));
  if (materialized.length > 0) {
    const oids = `${quoteLiteral(`{${views.map(({ oid }) => oid).join(',')}}`)}::oid[]`;
    for (const { oid } of await tx.unsafe<{ oid: number }[]>(dropOrderSql(oids))) {
      const view = views.find((one) => one.oid === oid)!;
      await tx.unsafe(`drop ${view.relkind === 'm' ? 'materialized view' : 'view'} ${quoteRelation(view)}`);
    }
  } else if (views.length > 0) await tx.unsafe(`drop view ${views.map(quoteRelation).join(', ')}`);
  if (tables.length > 0) await tx.unsafe(`drop table ${tables.map(quoteRelation).join(', ')}`);
}
