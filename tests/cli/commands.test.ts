// in one process
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, testProject } from '../support/project.ts';

const test = suite('commands');
let project: TestProject;

test.before(async () => {
  project = await testProject({
    'seeds/people.csv': 'id,name\n1,Ana\n2,José\n3,\n',
    'macros/tests.ts': `import { defineMacro } from 'medallion';
export const test_even = defineMacro({ description: 'x', render: ({ model, column, args }: { model: string; column: string; args: unknown }) =>
  'select ' + column + ' from ' + model + ' where ' + column + ' % 2 > 0 and ' + column + ' not in (' + args + ')' });`,
    'macros/test_short.hbs': 'select {{column}} from {{model}} where length({{column}}) > {{args.most}}',
    'models/silver/people.sql':
      '/*---\nprimary_key: id\ncolumns:\n  id: { type: int, tests: [ { even: [1, 3] }, { even: 1, severity: warn } ] }\n  name: { type: text, tests: [ { short: { most: 10 } }, { not_null: true, severity: warn } ] }\n---*/\nselect id, name from {{source "loja.people"}}',
    'models/gold/names.sql':
      '/*---\nmaterialized: view\n---*/\nselect name, id > 1 as "later?" from {{ref "silver.people"}}',
  });
  const { code, stdout } = await project.mdl('build');
  assert.is(code, 0, stdout);
});
test.after(() => project.close());

test('show: as a table, as CSV, as JSON; in the order of the key', async () => {
  const { stdout } = await project.mdl('show', 'silver.people', '--limit', '2');
  assert.match(
    stdout,
    /^id {2}name\n── {2}────\n 1 {2}Ana\n 2 {2}José\nthe first 2 rows; more with --limit\n$/,
  );
  assert.is(
    (await project.mdl('show', 'gold.names', '--order-by', 'name nulls first', '--output', 'csv')).stdout,
    'name,later?\n,true\nAna,false\nJosé,true\n',
  );
  assert.equal(
    JSON.parse(
      (await project.mdl('show', 'silver.people', '--where', 'name is null', '--output', 'json')).stdout,
    ),
    [{ id: '3', name: null }],
  );
});

test('show: unknown models, wrong conditions and limits exit with 2', async () => {
  for (const args of [
    ['silver.peopel'],
    ['silver.people', '--where', 'nothing = 1'],
    ['silver.people', '--limit', 'x'],
  ]) {
    const { code, stderr } = await project.mdl('show', ...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, /error MDL1\d\d\d .*\n[\s\S]*hint: /);
  }
});

test('show: a statement that takes longer than it may says what to do', async () => {
  const name = 'medallion.config.ts';
  const before = project.read(name);
  project.write(name, before.replace('defineConfig({', `defineConfig({ statementTimeout: '100ms',`));
  const { code, stderr } = await project.mdl('show', 'silver.people', '--where', 'pg_sleep(1) is null');
  project.write(name, before);
  assert.is(code, 1, stderr);
  assert.match(stderr, /error MDL5101 .*statement timeout[\s\S]*hint: .*statementTimeout: '1h'/);
});

test('a command that cannot do anything with what was named says so', async () => {
  for (const [args, hint] of [
    [['load', 'silver.people'], 'npx mdl build +silver.people'],
    [['run', 'bronze.people'], 'npx mdl load bronze.people'],
    [['test', 'bronze.people'], 'npx mdl load bronze.people'],
    [['db', 'psql', '-c', 'select 1'], 'npx mdl db psql -- -c'],
  ] as const) {
    const { code, stdout, stderr } = await project.mdl(...args);
    assert.is(code, 2, stdout);
    assert.match(`${stdout}${stderr}`, hint);
  }
});

test('test: --json ends with run.finished; what was never published is one error', async () => {
  const { stdout } = await project.mdl('test', '--json');
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!);
  assert.is(last.event, 'run.finished');
  assert.is(last.status, 'succeeded');
  assert.is(last.counts.testsPassed, 2);
  assert.is(last.counts.testsWarned, 2);
  assert.ok(last.time);
  project.write(
    'models/gold/new.sql',
    '/*---\ntests: [ { row_count: { equals: 1 } } ]\n---*/\nselect 1 as x',
  );
  const { code, stderr } = await project.mdl('test');
  assert.is(code, 2);
  assert.match(stderr, /^error MDL1301 Not published yet: gold\.new\.$/m);
  assert.is((await project.mdl('test', '--exclude', 'gold.new')).code, 0);
  rmSync(join(project.dir, 'models/gold/new.sql'));
});

test('ls, compile and its manifest', async () => {
  assert.is(
    (await project.mdl('ls', '+gold.names', '--output', 'name')).stdout,
    'bronze.people\nsilver.people\ngold.names\n',
  );
  assert.match((await project.mdl('compile')).stdout, 'Compiled 2 files');
  assert.is(
    project.read('.medallion/compiled/models/silver/people.sql'),
    'select id, name from "bronze"."people";\n',
  );
  const manifest = JSON.parse((await project.mdl('compile', '--json')).stdout);
  assert.equal(
    manifest.nodes.map((node: any) => [node.name, node.kind, node.parents]),
    [
      ['bronze.people', 'load', []],
      ['silver.people', 'model', ['bronze.people']],
      ['gold.names', 'model', ['silver.people']],
    ],
  );
});

test('test: on what is published', async () => {
  const { code, stdout } = await project.mdl('test');
  assert.is(code, 0, stdout);
  assert.match(stdout, /2 tests passed, 2 warned, 0 failed/);
  await project.sql`update silver.people set name = 'much too long a name' where id = 1`;
  const broken = await project.mdl('test', 'silver.people');
  assert.is(broken.code, 1);
  assert.match(broken.stdout, 'short (name): 1 failure');
  assert.match(broken.stdout, 'name = much too long a name');
  await project.sql`update silver.people set name = 'Ana' where id = 1`;
});

test('runs lists and shows; an unknown one is MDL5003', async () => {
  assert.match((await project.mdl('runs')).stdout, /1 {2}today \d\d:\d\d {2}build {4}by hand {2}succeeded/);
  const { stdout } = await project.mdl('runs', 'show', '1');
  assert.match(stdout, 'run 1: mdl build');
  assert.match(stdout, /bronze\.people {2}loja\.people/);
  assert.is(JSON.parse((await project.mdl('runs', '--json')).stdout)[0].status, 'succeeded');
  assert.match((await project.mdl('runs', 'show', '999')).stderr, 'MDL5003');
  assert.is((await project.mdl('runs', 'show')).code, 2);
});

test('doctor says that all is well, or what is not', async () => {
  const good = await project.mdl('doctor');
  assert.is(good.code, 0, good.stdout);
  assert.match(good.stdout, 'All well');
  const other = await testProject({
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'x', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) }, bronze: { t: { from: 's.t' } }, grants: { gold: { select: ['nobody_is_named_so'] } } });`,
  });
  try {
    const { code, stdout } = await other.mdl('doctor');
    assert.is(code, 1);
    assert.match(stdout, 'There is no file seeds/t.csv');
    assert.match(stdout, 'create role "nobody_is_named_so" nologin;');
  } finally {
    await other.close();
  }
});

test('dry-run does nothing; clean removes what is ours', async () => {
  const before = (await project.sql`select count(*)::int as runs from medallion.runs`)[0]!.runs;
  const { stdout } = await project.mdl('build', '--dry-run');
  assert.match(stdout, 'bronze.people');
  assert.is((await project.sql`select count(*)::int as runs from medallion.runs`)[0]!.runs, before);
  await project.sql.unsafe(
    `create schema left_over; comment on schema left_over is 'medallion:stage:loja'; create table left_over.t (x int); create view left_over.v as select * from left_over.t`,
  );
  assert.match(
    (await project.mdl('clean', '--dry-run')).stdout,
    /Would remove schema left_over, schema mdl_load_loja/,
  );
  assert.match((await project.mdl('clean')).stdout, /Removed schema left_over/);
  assert.is((await project.sql`select to_regnamespace('left_over') as n`)[0]!.n, null);
});

test('wrong usage exits with 2 and says so; every command has help with an example', async () => {
  for (const args of [
    ['buidl'],
    ['build', '--slect', 'x'],
    [],
    ['build', '--threads', '0'],
    ['build', '--vars', 'x'],
    ['build', '--select', 'nothing'],
  ]) {
    const { code, stdout, stderr } = await project.mdl(...args);
    assert.is(code, 2, `${args.join(' ')}: ${stdout}${stderr}`);
    assert.match(stdout + stderr, args.includes('nothing') ? 'MDL1005' : 'MDL1004');
  }
  assert.match((await project.mdl('buidl')).stderr, /no command "buidl"[\s\S]*Did you mean build\?/);
  assert.match(
    (await project.mdl('build', '--ful-refresh')).stderr,
    /Unknown flag: --ful-refresh\n[\s\S]*Did you mean --full-refresh\?/,
  );
  for (const command of [
    'init',
    'build',
    'load',
    'run',
    'test',
    'compile',
    'ls',
    'show',
    'runs',
    'db',
    'clean',
    'doctor',
  ]) {
    const { code, stdout } = await project.mdl(command, '--help');
    assert.is(code, 0);
    assert.match(stdout, new RegExp(`Examples:[\\s\\S]*mdl ${command}`), command);
  }
});

test('a database that cannot be reached: MDL2001 or MDL2002, and no password anywhere', async () => {
  for (const url of ['postgres://u:s3cret@127.0.0.1:1/x', `${project.url}_gone`]) {
    const other = await testProject({
      'medallion.config.ts': `export default { name: 'x', database: ${JSON.stringify(url)} };`,
      'models/silver/a.sql': 'select 1 as x',
    });
    try {
      const { code, stdout, stderr } = await other.mdl('build');
      assert.is(code, 1);
      assert.match(stdout + stderr, /MDL200[12]/);
      assert.not.match(stdout + stderr, 's3cret');
    } finally {
      await other.close();
    }
  }
});

test('no project here is MDL1001', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mdl-none-'));
  const { code, stderr } = await project.mdl('build', '--project-dir', dir);
  rmSync(dir, { recursive: true });
  assert.is(code, 2);
  assert.match(stderr, 'MDL1001');
});

test('npm pack, install elsewhere, init, build', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const dir = mkdtempSync(join(tmpdir(), 'mdl-pack-'));
  execFileSync('chmod', ['755', dir]);
  const npm = (cwd: string, command: string, ...args: string[]) =>
    execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DATABASE_URL: '' },
    });
  try {
    npm(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', dir);
    const tarball = readdirSync(dir).find((name) => name.endsWith('.tgz'))!;
    npm(dir, 'npm', 'init', '-y');
    npm(dir, 'npm', 'install', '--prefer-offline', `./${tarball}`);
    assert.match(npm(dir, 'npx', 'mdl', '--version'), /^\d+\.\d+\.\d+\n$/);
    assert.match(npm(dir, 'npx', 'mdl', 'init', 'Minha Loja é'), 'npx mdl build');
    const shop = join(dir, 'Minha Loja é');
    assert.ok(existsSync(join(shop, '.gitignore')));
    const output = npm(shop, 'npx', 'mdl', 'build');
    assert.match(output, 'minha_loja_e on embedded Postgres 18');
    assert.match(output, 'Published 3 models');
    assert.match(npm(shop, 'npx', 'mdl', 'show', 'gold.sales_by_month'), '1343.40');
    assert.throws(() => npm(dir, 'npx', 'mdl', 'init', 'Minha Loja é'), /MDL1007/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();
