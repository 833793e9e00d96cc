// in one process
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { compile } from '../support/compile.ts';
import { demoProject } from '../support/demo.ts';
import type { TestProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('generate: the demo shop');
let project: TestProject;

test.before(async () => {
  project = await demoProject({}, 200_000);
  assert.is((await project.mdl('build')).code, 0);
  assert.is((await project.mdl('generate')).code, 0);
});
test.after(() => project.close());

/** Files that docs/generate.md shows. */
function shownFiles(): Record<string, string> {
  const page = readFileSync(new URL('../../docs/generate.md', import.meta.url), 'utf8');
  return Object.fromEntries(
    [...page.matchAll(/^```ts (\S+\.ts)\n([\s\S]*?)^```$/gm)].map(([, path, text]) => [path!, text!]),
  );
}

test('what docs/generate.md shows compiles and does what it says', async () => {
  const files = shownFiles();
  assert.equal(Object.keys(files), ['server/receita.ts', 'web/receita.ts', 'web/meses.ts']);
  assert.is(await compile(project, files), '');
  const wrong = Object.entries(files).map(([path, text]) => [path, text.replaceAll('receita', 'recieta')]);
  const misspelt = await compile(project, Object.fromEntries(wrong));
  assert.match(misspelt, /server\/receita\.ts\(\d+,\d+\): error/);
  assert.match(misspelt, /web\/receita\.ts\(\d+,\d+\): error/);
});

test('zod takes every row of gold that the API sends', () =>
  withApi(project, async (api) => {
    const { schemas } = await import(pathToFileURL(`${project.dir}/generated/schemas.ts`).href);
    let rows = 0;
    for (const [name, schema] of Object.entries<any>(schemas.gold))
      for (let offset = 0; ; offset += 1000) {
        const { json } = await api.get(`/${name}?offset=${offset}&limit=1000`);
        for (const row of json) schema.parse(row);
        rows += json.length;
        if (json.length < 1000) break;
      }
    assert.ok(rows > 1000, String(rows));
  }));

test('descriptions, accepted values and not null come from the contracts, for views too', async () => {
  const recorded = await project.sql`
    select proved from medallion.relations where schema_name = 'gold' and table_name = 'clientes_rfm'`;
  const { not_null, accepted } = recorded[0]!.proved;
  assert.ok(not_null.includes('segmento'));
  const segments = ['campeões', 'fiéis', 'novos', 'em risco', 'perdidos', 'ocasionais'];
  assert.equal(accepted, { segmento: segments });
  const union = segments.map((name) => `'${name}'`).join(' | ');
  for (const name of ['database.ts', 'supabase.ts'])
    assert.match(project.read(`generated/${name}`), `segmento: ${union};`);
  assert.match(project.read('generated/schemas.ts'), 'segmento: z.enum([');
  const { definitions } = JSON.parse(project.read('generated/openapi.json'));
  assert.equal(definitions.clientes_rfm.properties.segmento.enum, segments);
  assert.ok(definitions.clientes_rfm.required.includes('segmento'));
  const [table] = await project.sql`
    select r.description from (select obj_description('gold.vendas_por_mes'::regclass) as description) r`;
  assert.match(
    project.read('generated/database.ts'),
    `/** ${table!.description} */\n  'gold.vendas_por_mes'`,
  );
});

test('tests that let rows through prove nothing', async () => {
  project.write(
    'models/gold/provas.sql',
    `/*---
materialized: view
primary_key: a
columns:
  a: { type: integer }
  warned: { type: text, tests: [ { accepted_values: [x], severity: warn }, { not_null: , severity: warn } ] }
  filtered: { type: text, tests: [ { accepted_values: [x], where: a > 1 }, { not_null: , where: a > 1 } ] }
  some: { type: text, tests: [ { accepted_values: [x], error_if: ">5" } ] }
  numbers: { type: integer, tests: [ { accepted_values: [1, 2] }, not_null ] }
  short: { type: character(3), tests: [ { accepted_values: [x] } ] }
  proved: { type: text, tests: [ { accepted_values: [x, "it's"] } ] }
---*/
select 1 as a, 'x' as warned, 'x' as filtered, 'x' as some, 1 as numbers, 'x' as short, 'x' as proved`,
  );
  assert.is((await project.mdl('build', 'gold.provas')).code, 0);
  assert.is((await project.mdl('generate')).code, 0);
  const body = /GoldProvas \{\n([\s\S]*?)\n\}/.exec(project.read('generated/database.ts'))![1]!;
  assert.equal(
    body.split('\n').map((line) => line.trim()),
    [
      'a: number;',
      'warned: string | null;',
      'filtered: string | null;',
      'some: string | null;',
      'numbers: number;',
      'short: string | null;',
      `proved: 'x' | "it's" | null;`,
    ],
  );
});

test('--watch writes again after a publish, and Ctrl-C ends it in order', async () => {
  const child = project.spawn('generate', '--watch', 'zod');
  let output = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'exit');
  await until(() => output.includes('unchanged  generated/schemas.ts'));
  project.write('models/gold/nova.sql', `select 1 as id`);
  assert.is((await project.mdl('build', 'gold.nova')).code, 0);
  await until(() => output.includes('written    generated/schemas.ts'));
  assert.match(project.read('generated/schemas.ts'), 'GoldNova');
  child.kill('SIGINT');
  assert.equal(await exited, [0, null], output);
});

test('a client without a query leaves the database, and a wrong one says so', async () => {
  const { openDatabase } = await import('medallion/client');
  process.env.DATABASE_URL = project.url;
  const connections = async () => {
    const [row] = await project.sql`
      select count(*)::int as open from pg_stat_activity where datname = current_database() and application_name = 'medallion/client'`;
    return row!.open;
  };
  const db = await openDatabase<any>({ projectDir: project.dir, max: 1 });
  assert.is(await connections(), 1);
  await db.destroy();
  await until(async () => (await connections()) === 0);
  const refused = async (work: Promise<unknown>) =>
    work.then(
      () => assert.unreachable(),
      (error: { code?: string }) => error.code,
    );
  assert.is(await refused(openDatabase({ projectDir: '/' })), 'MDL1001');
  assert.is(await refused(openDatabase({ projectDir: project.dir, target: 'nowhere' })), 'MDL1006');
  process.env.DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
  assert.is(await refused(openDatabase({ projectDir: project.dir })), 'MDL2001');
});

test.run();
