// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withProject } from '../support/project.ts';

const test = suite('state');

const config = (rest = '') =>
  `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { people: { from: 's.people', key: 'id', load: 'upsert' } }, ${rest} });`;

const files = {
  'medallion.config.ts': config(),
  'seeds/people.csv': 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",Olinda\n',
  'models/silver/people.sql': `/*---
primary_key: id
columns:
  id: int
  name: text
  city: text
  came_in: { type: timestamptz, default: clock_timestamp() }
---*/
select id::int as id, name, city from {{ref "bronze.people"}}`,
  'models/gold/by_city.sql': 'select city, count(*) as people from {{ref "silver.people"}} group by city',
  'models/gold/shown.sql':
    '/*---\nmaterialized: view\ntests: [ { expression: people > 0 } ]\n---*/\nselect * from {{ref "gold.by_city"}}',
  'tests/sum.sql':
    'select 1 from (select sum(people) as s from {{ref "gold.shown"}}) a, (select count(*) as c from {{ref "bronze.people"}}) b where s <> c',
};

interface Built {
  readonly reasons: Readonly<Record<string, string>>;
  readonly how: Readonly<Record<string, string>>;
  readonly tests: readonly string[];
  readonly stdout: string;
}

type Mdl = (...args: string[]) => Promise<{ code: number | null; stdout: string }>;

/** Builds; which models were built, why, and how they were published. */
async function built(mdl: Mdl, ...args: string[]): Promise<Built> {
  const { code, stdout } = await mdl('build', '--json', ...args);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(code, 0, stdout);
  const of = (name: string) => events.filter(({ event }) => event === name);
  return {
    stdout,
    reasons: Object.fromEntries(of('model.started').map(({ node, reason }) => [node, reason])),
    how: Object.fromEntries(
      of('model.finished').flatMap(({ node, publishing: p }) =>
        p
          ? [[node, [p.how, p.inserted, p.updated, p.deleted].filter((part) => part !== undefined).join(' ')]]
          : [],
      ),
    ),
    tests: of('test.finished')
      .filter(({ isUnchanged }) => !isUnchanged)
      .map(({ node }) => node),
  };
}

test('nothing changed, nothing built; a changed row rebuilds what it reaches, and writes the rows that differ', () =>
  withProject(files, async ({ mdl, write, read, sql }) => {
    assert.equal((await built(mdl)).reasons, {
      'silver.people': 'never built',
      'gold.by_city': 'never built',
      'gold.shown': 'never built',
    });
    const again = await built(mdl);
    assert.equal([again.reasons, again.tests], [{}, []]);
    const before =
      await sql`select 'silver.people'::regclass::oid as oid, array_agg(came_in order by id) as stamps from silver.people`;

    write('seeds/people.csv', `${read('seeds/people.csv').replace('Recife', 'Natal')}4,Eva,Natal\n`);
    const changed = await built(mdl);
    assert.equal(changed.reasons, {
      'silver.people': 'bronze.people has 1 new, 1 changed rows',
      'gold.by_city': 'silver.people changed',
      'gold.shown': 'gold.by_city changed',
    });
    assert.equal(changed.how, {
      'silver.people': 'delta 1 1 0',
      'gold.by_city': 'swap',
      'gold.shown': 'same',
    });
    assert.equal(changed.tests, ['test.sum']);
    const after =
      await sql`select 'silver.people'::regclass::oid as oid, array_agg(came_in order by id) as stamps from silver.people`;
    assert.is(after[0]!.oid, before[0]!.oid, 'the table is the one that readers had');
    const [was, is] = [before[0]!.stamps, after[0]!.stamps];
    assert.equal([is[0], is[2]], [was[0], was[2]], 'rows that stay keep what a default filled in');
    assert.ok(is[1] > was[1], 'a changed row came in now');
    assert.equal(
      (await sql`select city, people::int from gold.shown order by 1`).map(
        (row) => `${row.city} ${row.people}`,
      ),
      ['Natal 2', 'Olinda 2'],
    );

    // The rows of silver change, those of gold come out as they were: what reads gold is not built.
    write('seeds/people.csv', read('seeds/people.csv').replace('Ana', 'Anna'));
    const cut = await built(mdl);
    assert.equal(cut.how, { 'silver.people': 'delta 0 1 0', 'gold.by_city': 'same' });
    assert.equal(Object.keys((await built(mdl)).reasons), []);
    const reasons =
      await sql`select reason from medallion.run_nodes where node = 'gold.by_city' and reason is not null order by run_id`;
    assert.equal(
      reasons.map(({ reason }) => reason),
      ['never built', 'silver.people changed', 'silver.people changed'],
    );
  }));

test('what counts as a change of a model, and what does not', () =>
  withProject(
    {
      ...files,
      'macros/up.hbs': 'upper({{this.[0]}})',
      'models/gold/plain.sql': 'select name, {{var "n" 1}} as n from {{ref "silver.people"}}',
    },
    async ({ mdl, write, read, sql }) => {
      await built(mdl);
      const edit = async (file: string, from: string, to: string) => {
        assert.ok(read(file).includes(from));
        write(file, read(file).replace(from, to));
        return (await built(mdl)).reasons;
      };
      const silver = 'models/silver/people.sql';
      assert.equal(await edit(silver, 'select id::int as id,', '-- the key\nSELECT  id::int AS id ,'), {});
      assert.equal(await edit(silver, 'name: text', 'name: { type: text, description: As written }'), {
        'silver.people': 'contract changed',
        'gold.by_city': 'silver.people changed',
        'gold.plain': 'silver.people changed',
      });
      assert.equal(await edit(silver, ' name,', ' upper(name) as name,'), {
        'silver.people': 'sql changed',
        'gold.by_city': 'silver.people changed',
        'gold.plain': 'silver.people changed',
      });
      assert.equal(await edit('models/gold/shown.sql', 'people > 0', 'people > -1'), {
        'gold.shown': 'tests changed',
      });
      assert.equal((await built(mdl, '--vars', 'n=2')).reasons, { 'gold.plain': 'sql changed' });
      assert.equal((await built(mdl, '--vars', 'n=2')).reasons, {});
      assert.equal(
        Object.keys((await built(mdl, '--vars', 'n=2', '--force', '--select', 'gold.plain')).reasons),
        ['gold.plain'],
      );
      assert.equal((await built(mdl, '--vars', 'n=2', '--full-refresh', '--select', 'gold.plain')).reasons, {
        'gold.plain': '--full-refresh',
      });

      await sql.unsafe('drop table gold.plain');
      assert.equal((await built(mdl, '--vars', 'n=2')).reasons, { 'gold.plain': 'dropped by others' });
      await sql.unsafe('alter table gold.plain alter n type bigint');
      assert.equal((await built(mdl, '--vars', 'n=2')).reasons, { 'gold.plain': 'altered by others' });
      assert.equal((await built(mdl, '--vars', 'n=2')).reasons, {});
      await sql.unsafe('create index by_others on gold.plain (n)');
      assert.equal((await built(mdl, '--vars', 'n=2')).reasons, {}, 'what others add is not altered');
    },
  ));

test('what depends on the moment is never taken for unchanged, unless it says how long it may be used', () =>
  withProject(
    {
      ...files,
      'models/gold/now.sql': 'select count(*) as people, now() as at from {{ref "silver.people"}}',
      'models/gold/fresh.sql': '/*---\nfreshness: 1h\n---*/\nselect current_date as today, random() as r',
      'models/gold/v.sql':
        '/*---\nmaterialized: view\n---*/\nselect city, clock_timestamp() as at from {{ref "silver.people"}}',
      'models/gold/of_v.sql': 'select city from {{ref "gold.v"}}',
      'models/gold/foreign.sql': 'select n from public.notes',
      'models/gold/own.sql': 'select public.rate(people::int) as r from {{ref "gold.by_city"}}',
      'tests/late.sql': `select 1 from {{ref "silver.people"}} where came_in < now() - interval '1 day'`,
    },
    async ({ mdl, sql }) => {
      await sql.unsafe(
        `create table public.notes (n int); create function public.rate(n int) returns int immutable language sql as 'select n * 2'`,
      );
      await built(mdl);
      const second = await built(mdl);
      assert.equal(second.reasons, {
        'gold.now': 'volatile: now()',
        'gold.v': 'volatile: clock_timestamp()',
        'gold.of_v': 'volatile: clock_timestamp() in gold.v',
        'gold.foreign': 'volatile: reads public.notes, which is no model',
      });
      assert.equal(second.tests, ['test.late']);
      assert.is(second.how['gold.foreign'], 'same');
      await sql.unsafe(
        `create or replace function public.rate(n int) returns int immutable language sql as 'select n * 3'`,
      );
      assert.is((await built(mdl)).reasons['gold.own'], 'a function that it calls changed');
      await sql`update medallion.relations set inputs = jsonb_set(inputs, '{builtAt}', to_jsonb((now() - interval '61 min')::text)) where node = 'gold.fresh'`;
      assert.match((await built(mdl)).reasons['gold.fresh']!, /^61 min 0\d s old$/);
    },
  ));

test('a failed test is run again, a build that failed changes nothing of what is known', () =>
  withProject(files, async ({ mdl, write, read }) => {
    await built(mdl);
    const sound = read('tests/sum.sql');
    write('tests/sum.sql', 'select 1 as wrong');
    for (let i = 0; i < 2; i++) {
      const { code, stdout } = await mdl('build');
      assert.is(code, 1);
      assert.match(stdout, /sum: 1 failure/);
    }
    write('tests/sum.sql', sound);
    assert.equal((await built(mdl)).tests, []);
    write(
      'models/silver/people.sql',
      read('models/silver/people.sql').replace('select id', 'select 1/0 as z, id'),
    );
    assert.is((await mdl('build')).code, 1);
    write('models/silver/people.sql', read('models/silver/people.sql').replace('1/0 as z, ', ''));
    assert.equal((await built(mdl)).reasons, {});
  }));

test('a column that the source has got, without a value in it yet, is one that readers of every column get', () =>
  withProject(
    { ...files, 'models/gold/all.sql': 'select * from {{ref "bronze.people"}}' },
    async ({ mdl, write, sql }) => {
      await built(mdl);
      write('seeds/people.csv', 'id,name,city,phone\n1,Ana,Olinda,\n2,José,Recife,\n3,"Li, Wei",Olinda,\n');
      assert.ok('gold.all' in (await built(mdl)).reasons);
      assert.equal((await sql`select phone from gold.all`).length, 3);
      assert.equal((await built(mdl)).reasons, {});
    },
  ));

test.run();
