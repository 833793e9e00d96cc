import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('nothing to do');

const config = (rest = '') =>
  `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) }, ${rest} });`;

const files = {
  'medallion.config.ts': config(),
  'seeds/people.csv': 'id,name\n1,Ana\n2,José\n',
  'macros/upper_name.hbs': 'upper(name)',
  'macros/text.ts': `import { defineMacro } from 'medallion';
export const quoted = defineMacro({ description: 'a text', render: (text: string) => "'" + text + "'" });`,
  'models/silver/people.sql': `/*---
primary_key: id
columns: { id: int, name: text }
---*/
select id::int as id, {{> upper_name}} as name from {{ref "bronze.people"}}`,
  'models/gold/count.sql': 'select count(*) as n, {{quoted "x"}} as x from {{ref "silver.people"}}',
  'tests/some.sql': 'select 1 from {{ref "gold.count"}} c, {{ref "silver.people"}} p where c.n = 0',
};

/** What a file was made of a moment ago may change once more at the same time: nothing is remembered of such files. */
const settled = () => sleep(2100);

/** Builds; `recalled`: without looking at anything. Then no load has taken any time. */
async function built(project: TestProject, ...args: string[]) {
  const events = await project.events('build', ...args);
  const of = (name: string) => events.filter(({ event }) => event === name);
  const last = events.at(-1)!;
  assert.is(last.status, 'succeeded', JSON.stringify(last));
  return {
    recalled: of('load.finished').every(({ durationMs }) => durationMs === 0),
    reasons: Object.fromEntries(of('model.started').map(({ node, reason }) => [node, reason])),
    events,
    counts: last.counts,
  };
}

/** Something has changed: the next build looks, and those after it need not. */
async function looks(project: TestProject, what: string, reasons: Record<string, string> = {}) {
  const seen = await built(project);
  assert.not(seen.recalled, what);
  assert.equal(seen.reasons, reasons, what);
  assert.ok((await built(project)).recalled, `after ${what}`);
}

const memory = (project: TestProject) => {
  const dir = join(project.dir, '.medallion/cache');
  return readdirSync(dir).flatMap((name) => (name.startsWith('unchanged-') ? [join(dir, name)] : []));
};

test('a build after one that was whole looks at no model, tells the same, and is in the history', () =>
  withProject(files, async (project) => {
    await settled();
    assert.equal(Object.keys((await built(project)).reasons), ['silver.people', 'gold.count']);
    const again = await built(project);
    assert.ok(again.recalled);
    rmSync(memory(project)[0]!);
    const looked = await built(project);
    assert.not(looked.recalled);
    const told = (events: typeof again.events) =>
      events.map(({ time, runId, durationMs, ...event }) => event);
    assert.equal(told(again.events), told(looked.events));
    assert.equal(again.counts, looked.counts);
    const runs = await project.sql`
      select status, counts, finished_at >= started_at as ends,
             (select count(*)::int from medallion.run_nodes n where n.run_id = r.run_id) as nodes,
             (select count(*)::int from medallion.run_events e where e.run_id = r.run_id) as events,
             (select string_agg(status || ' ' || read, ',') from medallion.loads l where l.run_id = r.run_id) as loads
        from medallion.runs r where run_id > 1 order by run_id`;
    assert.is(runs.length, 2);
    assert.equal(runs[0], runs[1]);
    const written = await project.sql<{ event: object }[]>`
      select event from medallion.run_events where run_id = 2 order by seq`;
    assert.equal(
      written.map(({ event }) => event),
      again.events.map(({ time, ...event }) => event),
    );
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 0);
    assert.match(stdout, 'Nothing to publish: readers see these rows already.');
  }));

test('files and the environment', () =>
  withProject(files, async (project) => {
    await settled();
    await built(project);
    const change = async (path: string, text: string, reasons: Record<string, string>) => {
      project.write(path, text);
      await settled();
      await looks(project, path, reasons);
    };
    await change('models/gold/count.sql', 'select count(*) as n, 1 as x from {{ref "silver.people"}}', {
      'gold.count': 'sql changed',
    });
    await change('macros/upper_name.hbs', 'lower(name)', {
      'silver.people': 'sql changed',
      'gold.count': 'silver.people changed',
    });
    await change('seeds/people.csv', 'id,name\n1,Ana\n2,José\n3,Li\n', {
      'silver.people': 'bronze.people has 3 new rows',
      'gold.count': 'silver.people changed',
    });
    await change('seeds/cities.csv', 'id\n1\n', {});
    await change('models/gold/deep/cities.sql', 'select * from {{ref "bronze.cities"}}', {
      'gold.cities': 'never built',
    });
    await change('medallion.config.ts', config('vars: { a: 1 }'), {});
    process.env.MDL_TEST_OTHER = 'x';
    try {
      await looks(project, 'a variable of the environment');
    } finally {
      delete process.env.MDL_TEST_OTHER;
    }
    // Written to just now, as far as its times tell: looked at, and not remembered.
    project.write('models/gold/count.sql', 'select count(*) as n from {{ref "silver.people"}}');
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(join(project.dir, 'models/gold/count.sql'), later, later);
    assert.equal((await built(project)).reasons, { 'gold.count': 'sql changed' });
    assert.not((await built(project)).recalled);
  }));

test('the database', () =>
  withProject(files, async (project) => {
    await settled();
    await built(project);
    const change = async (sql: string, reasons: Record<string, string>) => {
      await project.sql.unsafe(sql);
      await looks(project, sql, reasons);
    };
    await change('alter table gold.count alter column n type numeric', { 'gold.count': 'altered by others' });
    await change('drop table gold.count', { 'gold.count': 'dropped by others' });
    await change(`delete from medallion.relations where node = 'gold.count'; drop table gold.count`, {
      'gold.count': 'never built',
    });
    await change('delete from medallion.passed_tests', {});
    await change(`create function public.f() returns int language sql as 'select 1'`, {});
    await change('create index on silver.people (name)', {});
    await project.sql.unsafe(
      'analyze; create table public.other (x int); insert into public.other values (1)',
    );
    assert.ok((await built(project)).recalled, 'what is none of ours is no reason to look');
    await project.sql`insert into medallion.runs (project, command, target, mdl_version, host, pid) values ('loja', 'build', 'default', '0', 'x', 1)`;
    await looks(project, 'a run that never ended');
    const history =
      await project.sql`select status, count(*)::int as runs from medallion.runs group by 1 order by 1`;
    // What was begun for a build that then had to look is taken back whole.
    assert.equal(
      [...history],
      [
        { status: 'crashed', runs: 1 },
        { status: 'succeeded', runs: 2 + 2 * 7 },
      ],
    );
  }));

test('only a whole build is remembered, and only for one', () =>
  withProject(files, async (project) => {
    await settled();
    assert.not((await built(project, '--select', '+silver.people')).recalled);
    assert.equal(memory(project), []);
    await built(project);
    for (const args of [['--select', 'bronze.people'], ['--force'], ['--full-refresh'], ['--vars', 'a=1']])
      assert.not((await built(project, ...args)).recalled, args.join(' '));
    await built(project);
    assert.ok((await built(project)).recalled);
  }));

test('what may say something else the next time is looked at each time', async () => {
  const cases: readonly [string, Record<string, string>][] = [
    [
      'a clock in the configuration',
      { 'medallion.config.ts': config('vars: { day: new Date().toISOString() }') },
    ],
    [
      'a package in a macro',
      {
        'macros/more.ts': `import { tmpdir } from 'node:os';\nimport { defineMacro } from 'medallion';\nexport const here = defineMacro({ description: 'a folder', render: () => tmpdir() });`,
      },
    ],
    ['a volatile model', { 'models/gold/now.sql': 'select now() as n' }],
    ['a hook', { 'medallion.config.ts': config(`hooks: { on_run_end: ['select 1'] }`) }],
  ];
  await Promise.all(
    cases.map(([what, more]) =>
      withProject({ ...files, ...more }, async (project) => {
        await settled();
        await built(project);
        assert.not((await built(project)).recalled, what);
      }),
    ),
  );
});

test('a result is used for as long as it may be', () =>
  withProject(
    { ...files, 'models/gold/now.sql': '/*---\nfreshness: 1h\n---*/\nselect now() as n' },
    async (project) => {
      await settled();
      await built(project);
      assert.ok((await built(project)).recalled);
      const [file] = memory(project);
      const remembered = JSON.parse(readFileSync(file!, 'utf8'));
      assert.ok(Math.abs(remembered.until - Date.now() - 3_600_000) < 300_000);
      writeFileSync(file!, JSON.stringify({ ...remembered, until: Date.now() - 1 }));
      assert.not((await built(project)).recalled);
    },
  ));

test('no password is kept', () =>
  withProject({ ...files, 'medallion.config.ts': config() }, async (project) => {
    await settled();
    await built(project);
    const [file] = memory(project);
    const text = readFileSync(file!, 'utf8');
    assert.not.match(text, project.url);
    assert.match(text, '"variable":"DATABASE_URL"');
  }));

test.run();
