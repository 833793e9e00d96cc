import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { arrayTypes } from '../../dist/database/array-types.js';
import { inProcess } from './in-process.ts';

const mdlBin = fileURLToPath(new URL('../../dist/mdl.js', import.meta.url));

/** Files that begin with `// in one process` call the commands in their own. */
const isInProcess = process.env.MDL_TEST_IN_PROCESS === '1';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in a folder of its own, on a database of its own. */
export interface TestProject {
  readonly dir: string;
  readonly url: string;
  readonly sql: postgres.Sql;
  /** Runs a command to its end: in a process of its own, or in this one (see `// in one process`). */
  mdl(...args: string[]): Promise<Finished>;
  /** Runs a command with `--json`; its events. */
  events(...args: string[]): Promise<Record<string, any>[]>;
  spawn(...args: string[]): ChildProcess;
  write(path: string, text: string | Buffer): void;
  read(path: string): string;
  close(): Promise<void>;
}

const defaultConfig = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) } });
`;

/**
 * Makes a project of these files (text by path); `medallion.config.ts` has a default.
 * @param crashes its server will crash: no connection of the test asks for types, for the driver ends the process when that question is cut off
 */
export async function testProject(
  files: Readonly<Record<string, string | Buffer>>,
  { crashes = false }: { readonly crashes?: boolean } = {},
): Promise<TestProject> {
  const server = process.env.MDL_TEST_URL;
  if (!server) throw new Error('Run the tests with: npm test [filter]');
  const dir = mkdtempSync(join(tmpdir(), 'mdl-project-'));
  const database = `t_${randomBytes(6).toString('hex')}`;
  const driver = { onnotice: () => {}, ...(crashes && { fetch_types: false, types: arrayTypes }) };
  const admin = postgres(server, { max: 1, ...driver });
  await admin.unsafe(`create database ${database} template template0 encoding 'UTF8'`);
  const url = server.replace(/\/postgres$/, `/${database}`);
  const mdlUrl = process.env.MDL_TEST_MDL_URL!.replace(/\/postgres$/, `/${database}`);
  const sql = postgres(url, { max: 4, ...driver });
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const [path, text] of Object.entries({ 'medallion.config.ts': defaultConfig, ...files }))
    write(path, text);
  const start = (...args: string[]) =>
    spawn(process.execPath, [mdlBin, ...args], { cwd: dir, env: { ...process.env, DATABASE_URL: mdlUrl } });
  const inNewProcess = (...args: string[]) =>
    new Promise<Finished>((resolve) => {
      const child = start(...args);
      let stdout = '';
      let stderr = '';
      child.stdout!.on('data', (chunk) => (stdout += chunk));
      child.stderr!.on('data', (chunk) => (stderr += chunk));
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  const mdl = async (...args: string[]) => {
    const finished = isInProcess ? await inProcess(dir, args, ['DATABASE_URL', mdlUrl]) : undefined;
    return finished ?? inNewProcess(...args);
  };
  return {
    dir,
    url,
    sql,
    mdl,
    async events(...args) {
      const { stdout } = await mdl(...args, '--json');
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
    spawn: start,
    write,
    read: (path) => readFileSync(join(dir, path), 'utf8'),
    async close() {
      await sql.end({ timeout: 1 });
      await admin.unsafe(`drop database if exists ${database} with (force)`);
      await admin.end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A project of these files for one test. */
export async function withProject(
  files: Readonly<Record<string, string | Buffer>>,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  const project = await testProject(files);
  try {
    await work(project);
  } finally {
    await project.close();
  }
}
