// in one process
import { once } from 'node:events';
import { build, openProject } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith, place } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { sleepingBackends, until } from '../support/wait.ts';

const test = suite('hooks');

const config = (hooks: string, more = '') => `import { csv, defineConfig } from 'medallion';
${more}
export default defineConfig({
  name: 'loja',
  database: process.env.DATABASE_URL,
  sources: { loja: csv({ dir: 'seeds' }) },
  layers: { gold: {} },
  hooks: ${hooks},
});
`;
const files = (hooks: string, more?: string) => ({
  'medallion.config.ts': config(hooks, more),
  'seeds/people.csv': 'id,name\n1,Ana\n2,Bia\n',
  'models/gold/people.sql': 'select id::int as id, name from {{ref "bronze.people"}}',
});
const failing = {
  'models/gold/people.sql':
    '/*---\ncolumns: { id: { tests: [unique] } }\n---*/\nselect 1 as id from {{ref "bronze.people"}}',
};

/** What the hooks of a test wrote down, in order. */
async function told(project: TestProject): Promise<string[]> {
  const rows = await project.sql<{ what: string }[]>`select what from ops.told order by id`;
  return rows.map(({ what }) => what);
}
const table = 'create schema if not exists ops; create table if not exists ops.told (id serial, what text)';
/** A hook that writes down its moment, and what it knows of the run. */
const tells = (moment: string) =>
  `async ({ sql, status, failures, published, counts, error }) => {
    await sql\`insert into ops.told (what) values (\${[${JSON.stringify(moment)}, status, counts.loads + ' loaded', published.join(), failures.map((f) => f.node + ' ' + (f.tests[0]?.title ?? f.error?.code)).join(), error?.code].filter(Boolean).join('; ')})\`;
  }`;
const all = `{
  on_run_start: [${JSON.stringify(table)}, ${tells('start')}],
  on_run_end: ${tells('end')},
  on_failure: ${tells('failure')},
}`;

test('SQL, files and functions are called before and after, with what the run knows', () =>
  withProject(
    {
      ...files(`{
  on_run_start: '${table}',
  on_run_end: [
    { name: 'write down', file: 'hooks/end.sql' },
    'insert into ops.told (what) select \\'people: \\' || count(*) from {{ref "gold.people"}}',
    { name: 'look', run: async ({ sql, runId, project, target, command, cause, log }) => {
      const [{ nodes }] = await sql\`select count(*) as nodes from medallion.run_nodes where run_id = \${runId}\`;
      log(\`\${project} \${target} \${command} \${cause}: \${nodes} nodes are in the history\`);
    } },
  ],
}`),
      'hooks/end.sql': `-- two statements, one transaction
insert into ops.told (what) values ('{{command}} {{run_id}} {{status}} on {{target}}: {{#each published}}{{this}}{{/each}}');
{{#if counts.testsFailed}}insert into ops.told (what) values ('never');{{/if}}
insert into ops.told (what) values ('{{var "season" "winter"}}, {{cause}}, {{counts.loads}} load of {{project}}');
`,
    },
    async (project) => {
      const events = await project.events('build');
      assert.equal(await told(project), [
        'build 1 succeeded on default: gold.people',
        'winter, by hand, 1 load of loja',
        'people: 2',
      ]);
      const hooks = events.filter(({ event }) => event === 'hook.finished');
      assert.equal(
        hooks.map(({ hook, moment, status }) => `${hook} ${moment} ${status}`),
        [
          'on_run_start[0] on_run_start succeeded',
          'write down on_run_end succeeded',
          'on_run_end[1] on_run_end succeeded',
          'look on_run_end succeeded',
        ],
      );
      const at = (name: string) => events.findIndex(({ event }) => event === name);
      assert.ok(at('run.started') < at('hook.started') && at('hook.finished') < at('load.started'));
      assert.ok(events.findIndex(({ hook }) => hook === 'write down') > at('publish.finished'));
      assert.ok(
        events.some(
          ({ message }) => message === 'look: loja default build by hand: 2 nodes are in the history',
        ),
      );
      assert.is(events.at(-1)!.event, 'run.finished');
      const { stdout } = await project.mdl('build');
      assert.match(stdout, /hook {4}on_run_start\[0\]/);
      assert.match(stdout, /hook {4}write down .*on_run_end/);
      assert.match(stdout, 'note    look: loja');
    },
  ));

test('one of on_run_start that fails ends the run before anything is done, at its place', () =>
  withProject(
    files(
      `{
  on_run_start: ['select 1', \`insert into ops.told (what)
    values ('a');
    select no_such_function(1)\`, 'create table public.after ()'],
  on_failure: 'create table public.failed as select \\'{{status}}\\' as status',
  on_run_end: 'create table public.ended as select \\'{{status}}\\' as status',
}`,
    ),
    async (project) => {
      await project.sql.unsafe('create schema ops; create table ops.told (what text)');
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(
        stdout,
        /MDL7001 The hook on_run_start\[1\] failed: function no_such_function\(integer\) does not exist/,
      );
      assert.match(stdout, 'medallion.config.ts:11:12');
      assert.is(stdout.split('MDL7001').length, 2, 'it is told once');
      // The first statement of the hook went with it.
      assert.is((await project.sql`select from ops.told`).count, 0);
      const made = await project.sql`
        select to_regclass('bronze.people') as loaded, to_regclass('gold.people') as published, to_regclass('public.after') as after,
               (select status from public.ended) || ', ' || (select status from public.failed) as status, (select array_agg(status) from medallion.runs) as runs`;
      assert.equal(
        { ...made[0] },
        { loaded: null, published: null, after: null, status: 'failed, failed', runs: ['failed'] },
      );
      const [run] =
        await project.sql`select error->>'code' as code, error->'where'->>'line' as line from medallion.runs`;
      assert.equal({ ...run }, { code: 'MDL7001', line: '11' });
      const shown = await project.mdl('runs', 'show', '1');
      assert.match(shown.stdout, 'MDL7001');
    },
  ));

test('one of on_run_end that fails makes the run fail; what is published stays, and the others are called', () =>
  withProject(
    files(
      `{ on_run_start: '${table}', on_run_end: [broken, ${tells('end')}], on_failure: ${tells('failure')} }`,
      `import { broken } from './hooks.ts';`,
    ),
    async (project) => {
      project.write('hooks.ts', `\nexport async function broken() {\n  throw new Error('no luck');\n}\n`);
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(stdout, 'The hook on_run_end[0] failed: no luck');
      assert.match(stdout, 'at hooks.ts:3');
      assert.match(stdout, 'Published 1 model, which readers see; a hook failed after that.');
      assert.equal(await told(project), [
        'end; failed; 1 loaded; gold.people; on_run_end[0] MDL7001; MDL7001',
        'failure; failed; 1 loaded; gold.people; on_run_end[0] MDL7001; MDL7001',
      ]);
      const [run] =
        await project.sql`select status, published_at is not null as published from medallion.runs`;
      assert.equal({ ...run }, { status: 'failed', published: true });
      assert.is((await project.sql`select from gold.people`).count, 2);
    },
  ));

test('on_failure is called for failures only, and knows what failed', () =>
  withProject(files(all), async (project) => {
    await project.mdl('build');
    project.write('models/gold/people.sql', failing['models/gold/people.sql']);
    const { code } = await project.mdl('build');
    assert.is(code, 1);
    assert.equal(await told(project), [
      'start; running; 0 loaded',
      'end; succeeded; 1 loaded; gold.people',
      'start; running; 0 loaded',
      'end; failed; 1 loaded; gold.people unique (id)',
      'failure; failed; 1 loaded; gold.people unique (id)',
    ]);
    const { stdout } = await project.mdl('build', '--dry-run');
    assert.match(stdout, 'Nothing was done');
    assert.is((await told(project)).length, 5);
  }));

test('Ctrl-C ends a hook on the server too, and no other is called', () =>
  withProject(
    files(
      `{ on_run_end: ['select pg_sleep(600)', 'create table public.after ()'], on_failure: 'create table public.after ()' }`,
    ),
    async (project) => {
      const child = project.spawn('build');
      let stdout = '';
      child.stdout!.on('data', (chunk) => (stdout += chunk));
      await sleepingBackends(project.sql);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      assert.is(code, 130);
      assert.match(stdout, 'Published 1 model, then interrupted.');
      await until(async () => (await sleepers(project)) === 0);
      assert.is((await project.sql`select to_regclass('public.after') as after`)[0]!.after, null);
      assert.is((await project.sql`select status from medallion.runs`)[0]!.status, 'interrupted');
    },
  ));

async function sleepers(project: TestProject): Promise<number> {
  const [row] = await project.sql`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  return row!.n;
}

test('a hook that takes longer than hooks.timeout fails; nothing of it goes on', () =>
  withProject(
    files(`{ timeout: '300 ms', on_run_end: [
    { name: 'sleepy', sql: 'select pg_sleep(600)' },
    { name: 'deaf', run: () => new Promise(() => {}) },
    { name: 'asleep', run: async ({ sql }) => { await sql\`select pg_sleep(600)\`; } },
    { name: 'heedful', run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)) },
  ] }`),
    async (project) => {
      const events = await project.events('build');
      const hooks = events.filter(({ event }) => event === 'hook.finished');
      assert.equal(
        hooks.map(({ error }) => `${error.code} ${error.message}`),
        ['sleepy', 'deaf', 'asleep', 'heedful'].map(
          (name) => `MDL7001 The hook ${name} took longer than 0.3 s.`,
        ),
      );
      assert.is(await sleepers(project), 0);
      assert.equal([events.at(-1)!.status, events.at(-1)!.counts.published], ['failed', 1]);
    },
  ));

test('a run that is given up because it takes too long has failed for its hooks', () =>
  withProject(files(all), async (project) => {
    project.write('models/gold/people.sql', 'select pg_sleep(600)::text as slept');
    process.env.DATABASE_URL = project.url;
    const opened = await openProject({ dir: project.dir });
    const late = new AbortController();
    const running = build(opened, { cause: 'schedule nightly', signal: late.signal });
    await sleepingBackends(project.sql);
    late.abort(new DOMException('It took too long.', 'TimeoutError'));
    const outcome = await running;
    assert.equal([outcome.status, outcome.error?.message], ['interrupted', 'It took too long.']);
    assert.equal(await told(project), [
      'start; running; 0 loaded',
      'end; interrupted; 1 loaded; MDL5002',
      'failure; interrupted; 1 loaded; MDL5002',
    ]);
  }));

test('each hook has connections of its own, and a statement that no transaction may hold', () =>
  withProject(
    files(`{ on_run_end: [
    \`set application_name = 'left behind'; set role pg_read_all_data\`,
    { name: 'who', run: async ({ sql, log }) => {
      const [row] = await sql.begin(async () => sql\`select current_user = session_user as same, 9007199254740991::int8 as big\`);
      log(JSON.stringify(row));
    } },
    'vacuum bronze.people',
    { name: 'no table', sql: 'select {{this}}' },
  ] }`),
    async (project) => {
      const events = await project.events('build');
      const failed = events.filter(({ event, status }) => event === 'hook.finished' && status === 'failed');
      assert.equal(
        failed.map(({ hook, error }) => `${hook} ${error.code}`),
        ['no table MDL7002'],
        JSON.stringify(failed),
      );
      assert.ok(events.some(({ message }) => message === 'who: {"same":true,"big":9007199254740991}'));
    },
  ));

test('what is wrong with a hook is found before any run, at its place', async () => {
  const wrong = async (code: string, at: string, hooks: string, more: Record<string, string> = {}) => {
    const error = await failsWith(code, () =>
      openFiles({ ...files(hooks), 'seeds/people.csv': 'id\n1\n', ...more }),
    );
    assert.is(place(error), at, error.message);
    return error.message;
  };
  const line = (column: number) => `medallion.config.ts:8:${column}`;
  assert.is(
    await wrong('MDL1301', line(39), `{ on_run_end: 'select * from {{ref "gold.nobody"}}' }`),
    'The hook on_run_end[0]: There is no model or bronze table "gold.nobody".',
  );
  assert.match(await wrong('MDL1204', line(33), `{ on_run_end: ['select {{run_ids}}'] }`), '"run_ids"');
  assert.match(
    await wrong('MDL1203', 'medallion.config.ts', `{ on_run_end: 'select ' + '{{#if' }`),
    'on_run_end[0]',
  );
  assert.match(
    await wrong('MDL1301', 'hooks/x.sql:2:15', `{ on_run_end: { file: 'hooks/x.sql' } }`, {
      'hooks/x.sql': '\nselect * from {{ref "nobody"}}',
    }),
    'nobody',
  );
  assert.match(
    await wrong('MDL7002', 'medallion.config.ts', `{ on_failure: { file: 'hooks/y.sql' } }`),
    'there is no file hooks/y.sql',
  );
  assert.match(
    await wrong('MDL7002', line(39), `{ on_run_end: 'select * from {{ref "gold.e"}}' }`, {
      'models/gold/e.sql': '/*---\nmaterialized: ephemeral\n---*/\nselect 1 as id',
    }),
    'gold.e is ephemeral',
  );
  for (const [hooks, message] of [
    [`{ on_run_ends: 'select 1' }`, 'hooks.on_run_ends: unknown setting "on_run_ends"'],
    [`{ on_run_end: [''] }`, 'hooks.on_run_end[0].sql: holds no SQL'],
    [`{ on_run_end: [7] }`, 'hooks.on_run_end[0]'],
    [`{ on_run_end: { name: 'x' } }`, 'needs one of sql, file and run'],
    [`{ on_run_end: { sql: 'select 1', run: () => {} } }`, 'needs one of sql, file and run'],
    [`{ timeout: 'soon' }`, 'hooks.timeout: must be a time'],
  ] as const) {
    const error = await failsWith('MDL1003', () => openFiles(files(hooks)));
    assert.match(error.message, message);
  }
});

test.run();
