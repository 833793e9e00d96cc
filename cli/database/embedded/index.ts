import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MedallionError } from '../../errors/index.js';
import { type Cluster, clusterOf, clusterUrl, type Transport } from './cluster.js';
import { isAlive, processIdentity, withMutex } from './mutex.js';
import { ensureDatabase, isRunning, startServer, stopServer } from './server.js';

/** The embedded server, running as long as this command holds it. */
export interface EmbeddedServer {
  /** For psql and postgres.js. */
  url(database: string): string;
  /** Gives the server back; the last command that does so stops it, unless `mdl db start` keeps it. */
  release(): Promise<void>;
}

const leaseFolder = (cluster: Cluster) => join(cluster.home, 'leases');
const keepFile = (cluster: Cluster) => join(cluster.home, 'keep-running');
const mutexFile = (cluster: Cluster) => join(cluster.home, 'mutex');

/**
 * Takes the project's embedded Postgres into use: started when it does not run, shared with every other command of the project.
 * @param options.database is created when it does not exist; @param options.transport default: what the platform has
 * @throws MedallionError MDL2101, MDL2102
 */
export async function acquireEmbedded(options: {
  readonly projectDir: string;
  readonly database: string;
  readonly transport?: Transport;
}): Promise<EmbeddedServer> {
  const cluster = clusterOf(options.projectDir, options.transport);
  const lease = join(leaseFolder(cluster), `${process.pid}-${randomBytes(4).toString('hex')}`);
  makeHome(cluster);
  await withMutex(mutexFile(cluster), async () => {
    writeFileSync(lease, processIdentity(process.pid)!);
    try {
      if (!(await isRunning(cluster))) await startServer(cluster);
      // Saves a connection on every command after the first.
      const marker = join(cluster.data, `mdl-database-${options.database}`);
      if (!existsSync(marker)) {
        await ensureDatabase(cluster, options.database);
        writeFileSync(marker, '');
      }
    } catch (error) {
      rmSync(lease, { force: true });
      throw error;
    }
  });
  return {
    url: (database) => clusterUrl(cluster, database),
    release: () =>
      withMutex(mutexFile(cluster), async () => {
        rmSync(lease, { force: true });
        if (liveLeases(cluster) === 0 && !existsSync(keepFile(cluster))) await stopServer(cluster);
      }),
  };
}

function makeHome(cluster: Cluster): void {
  try {
    mkdirSync(leaseFolder(cluster), { recursive: true });
  } catch (cause) {
    throw new MedallionError('MDL2102', {
      message: `The folder ${cluster.home} cannot be made: ${(cause as Error).message}`,
      hint: 'Check the rights of the project folder and that the disk has room.',
      cause,
    });
  }
}

/** Leases of commands that still run; those of killed ones are taken away. */
function liveLeases(cluster: Cluster): number {
  let alive = 0;
  for (const name of readdirSync(leaseFolder(cluster))) {
    const file = join(leaseFolder(cluster), name);
    if (isAlive(readFileSync(file, 'utf8'))) alive++;
    else rmSync(file, { force: true });
  }
  return alive;
}

/** `mdl db start`: runs until `mdl db stop`. */
export async function keepEmbedded(options: {
  readonly projectDir: string;
  readonly database: string;
}): Promise<{ url: string }> {
  const server = await acquireEmbedded(options);
  writeFileSync(keepFile(clusterOf(options.projectDir)), '');
  await server.release();
  return { url: server.url(options.database) };
}

/** `mdl db stop`: commands that use the server lose it. Returns whether it ran. */
export async function stopEmbedded(projectDir: string): Promise<boolean> {
  const cluster = clusterOf(projectDir);
  if (!existsSync(cluster.home)) return false;
  makeHome(cluster);
  return withMutex(mutexFile(cluster), async () => {
    rmSync(keepFile(cluster), { force: true });
    return stopServer(cluster);
  });
}

/** Whether the server runs, where its data is and how many commands use it. */
export async function embeddedStatus(
  projectDir: string,
): Promise<{ running: boolean; home: string; users: number }> {
  const cluster = clusterOf(projectDir);
  const users = existsSync(leaseFolder(cluster)) ? liveLeases(cluster) : 0;
  return { running: await isRunning(cluster), home: cluster.home, users };
}

/**
 * `mdl db reset`: deletes the server's data, all databases of the project with it.
 * @throws MedallionError MDL5001 while a command uses the server
 */
export async function resetEmbedded(projectDir: string): Promise<void> {
  const cluster = clusterOf(projectDir);
  if (!existsSync(cluster.home)) return;
  makeHome(cluster);
  await withMutex(mutexFile(cluster), async () => {
    const users = liveLeases(cluster);
    if (users > 0)
      throw new MedallionError('MDL5001', {
        message: `${users} running command${users === 1 ? ' uses' : 's use'} the embedded Postgres.`,
        hint: 'End it first, then reset.',
      });
    await stopServer(cluster);
    rmSync(cluster.home, { recursive: true, force: true });
    rmSync(cluster.socketDir, { recursive: true, force: true });
    rmSync(`${cluster.socketDir},`, { recursive: true, force: true });
    // The mutex file went along; withMutex finds nothing left to remove.
  });
}
