import { type Driver, Kysely } from 'kysely';
import { PostgresJSDialect, type PostgresJSDialectConfig } from 'kysely-postgres-js';
import { openDatabase as openProjectDatabase } from './build/open-database.js';
import { loadOptions } from './config/load.js';
import { driverValues } from './generate/driver-values.js';

/** Which project's database to open, and how. */
export interface OpenDatabaseOptions {
  /** A folder in the project. Default: the current one. */
  readonly projectDir?: string;
  /** One of the targets of the configuration; default: its `defaultTarget`. */
  readonly target?: string;
  /** Connections at most; they are opened when needed. Default 10. */
  readonly max?: number;
}

/**
 * Opens a project's database for [Kysely](https://kysely.dev), typed by the `DB` that `mdl generate kysely` writes. The embedded Postgres is started when it does
 * not run, and is left by `destroy()`, which has to be called.
 *
 * ```ts
 * const db = await openDatabase<DB>();
 * const months = await db.selectFrom('gold.vendas_por_mes').select(['mes', 'receita']).execute();
 * await db.destroy();
 * ```
 *
 * Queries that Postgres refuses throw its own error, with the SQLSTATE as `code`.
 * @throws MedallionError MDL1001, MDL1002, MDL1003, MDL1006 (the configuration), MDL2001, MDL2002, MDL2004, MDL2101, MDL2102 (the database)
 */
export async function openDatabase<DB>(options: OpenDatabaseOptions = {}): Promise<Kysely<DB>> {
  const project = await loadOptions(options.projectDir ?? '.', { target: options.target });
  const database = await openProjectDatabase(project);
  try {
    const postgres = database.connect({
      max: options.max ?? 10,
      applicationName: 'medallion/client',
      types: driverValues,
    });
    const db = new Kysely<DB>({
      dialect: new ProjectDialect({ postgres: postgres as never }, () => database.close()),
    });
    // Kysely ends only what has begun; without a query the embedded server would not be left.
    await db.connection().execute(async () => {});
    return db;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Kysely over postgres.js, leaving the database as a whole when it ends. */
class ProjectDialect extends PostgresJSDialect {
  readonly #leave: () => Promise<void>;

  constructor(config: PostgresJSDialectConfig, leave: () => Promise<void>) {
    super(config);
    this.#leave = leave;
  }

  override createDriver(): Driver {
    return Object.assign(super.createDriver(), { destroy: this.#leave });
  }
}
