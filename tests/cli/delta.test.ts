// core: runs on both servers
// in one process
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { build, openProject } from '../../dist/index.js';
import { testProject, withProject } from '../support/project.ts';

const test = suite('delta');

const config = `import { defineConfig } from 'medallion';\nexport default defineConfig({ name: 'loja', database: process.env.DATABASE_URL });\n`;

const published = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find(({ event }) => event === 'publish.finished')?.how as
    | { node: string; how: string; why: string; inserted?: number; updated?: number; deleted?: number }[]
    | undefined;

const short = (stdout: string) =>
  published(stdout)?.map(({ node, how, inserted, updated, deleted }) =>
    [node, how, inserted, updated, deleted].filter((part) => part !== undefined).join(' '),
  );

const pair = (people: string, pets: string) => ({
  'models/silver/Pessoas.sql': `/*---\nprimary_key: "o id"\nunique: [ [nome] ]\ncolumns: { "o id": int, nome: text }\n---*/\nselect * from (values ${people}) as x ("o id", nome)`,
  'models/silver/pets.sql': `/*---\nprimary_key: pet\nforeign_keys: [ { columns: dono, references: silver.Pessoas } ]\ncolumns: { pet: text, dono: int }\n---*/\nselect * from (values ${pets}) as x (pet, dono)`,
});

test('rows come and go in the order that foreign keys ask for; readers keep their tables', () =>
  withProject(
    { 'medallion.config.ts': config, ...pair(`(1, 'Ana'), (2, 'José')`, `('Rex', 1), ('Tom', 2)`) },
    async ({ mdl, write, sql }) => {
      const change = async (people: string, pets: string) => {
        for (const [file, text] of Object.entries(pair(people, pets))) write(file, text);
        const { code, stdout } = await mdl('build', '--json');
        assert.is(code, 0, stdout);
        return short(stdout);
      };
      assert.is((await mdl('build')).code, 0);
      const oids =
        await sql`select array['silver."Pessoas"'::regclass::oid, 'silver.pets'::regclass::oid] as o`;
      assert.equal(
        await change(`(1, 'Ana'), (3, 'Li''; drop table x --')`, `('Rex', 1), ('Tom', 3), ('Bo', 3)`),
        ['silver.Pessoas delta 1 0 1', 'silver.pets delta 1 1 0'],
      );
      // The name goes from one person to another: the old row has to go before the new one comes.
      assert.equal(await change(`(1, 'Ana'), (4, 'Li''; drop table x --')`, `('Rex', 1)`), [
        'silver.Pessoas delta 1 0 1',
        'silver.pets delta 0 0 2',
      ]);
      assert.equal(
        await sql`select array['silver."Pessoas"'::regclass::oid, 'silver.pets'::regclass::oid] as o`,
        oids,
      );
      // Two names change places, which no order of single updates allows: both rows go, and come anew.
      assert.equal(await change(`(1, 'Li''; drop table x --'), (4, 'Ana')`, `('Rex', 1)`), [
        'silver.Pessoas delta 0 2 0',
      ]);
      // A swapped table takes those along that keys bind to it: the new pet belongs to a person who is new.
      const file = 'models/silver/Pessoas.sql';
      const people = (rows: string) =>
        write(file, pair(rows, '')[file].replace('nome: text', 'nome: varchar'));
      const pets = (rows: string) =>
        write('models/silver/pets.sql', pair('', rows)['models/silver/pets.sql']);
      const names = `(1, 'Li''; drop table x --'), (4, 'Ana')`;
      people(`${names}, (5, 'Zé')`);
      pets(`('Rex', 1), ('Zig', 5)`);
      assert.equal(short((await mdl('build', '--json')).stdout), ['silver.Pessoas swap', 'silver.pets swap']);
      people(names);
      pets(`('Rex', 1)`);
      assert.equal(short((await mdl('build', '--json')).stdout), [
        'silver.Pessoas delta 0 0 1',
        'silver.pets delta 0 0 1',
      ]);
      assert.equal(
        (await sql`select * from silver."Pessoas" order by 1`).map((row) => Object.values(row).join(' ')),
        [`1 Li'; drop table x --`, '4 Ana'],
      );
    },
  ));

test('the way can be forced; a contract that changed, a forced key of others and most rows make a swap', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'models/silver/many.sql': `/*---\nprimary_key: n\ncolumns: { n: int, v: int }\n---*/\nselect n, n * {{var "f" 1}} as v from generate_series(1, 60000) n`,
    },
    async ({ mdl, write, read, sql }) => {
      assert.is((await mdl('build')).code, 0);
      const change = async (factor: number, ...edit: [string, string] | []) => {
        const [from, to] = edit;
        const file = 'models/silver/many.sql';
        if (from !== undefined) write(file, read(file).replace(from, to!));
        const { code, stdout } = await mdl('build', '--json', '--vars', `f=${factor}`);
        return { code, stdout, how: published(stdout)?.map(({ how, why }) => `${how}: ${why}`) };
      };
      assert.equal((await change(2)).how, ['swap: many rows differ']);
      assert.equal((await change(3, 'primary_key: n', 'primary_key: n\npublish: delta')).how, [
        'delta: publish: delta',
      ]);
      assert.equal((await change(4, 'publish: delta', 'publish: swap')).how, ['swap: publish: swap']);
      assert.equal((await change(5, 'publish: swap', 'unique: [ [v] ]')).how, ['swap: its contract changed']);
      await sql.unsafe('create table public.notes (n int references silver.many on delete cascade)');
      write('models/silver/many.sql', read('models/silver/many.sql').replace('60000', '60001'));
      assert.match(
        (await change(5)).how![0]!,
        /^swap: the foreign key notes_n_fkey of public\.notes would change rows of others/,
      );
      assert.is((await sql`select count(*)::int as n from silver.many`)[0]!.n, 60_001);
      const wrong = await change(5, 'primary_key: n\n', 'publish: delta\n');
      assert.is(wrong.code, 2);
      assert.match(wrong.stdout, /MDL1202/);
    },
  ));

test('rows that others wrote meanwhile are found out, and made right', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'models/silver/a.sql': `/*---\nprimary_key: n\ncolumns: { n: int, v: text }\n---*/\nselect n, 'v' || (n * {{var "f" 1}}) as v from generate_series(1, 9) n`,
      // Waits in the run behind the delta of silver.a, until the test has written into what is published.
      'models/gold/z.sql': `select count(*) as c from {{ref "silver.a"}}, (select pg_advisory_xact_lock_shared(4711)) w`,
    },
    async (project) => {
      const { hold, untilHeld } = await import('../support/wait.ts');
      assert.is((await project.mdl('build')).code, 0);
      const letGo = await hold(project.sql);
      const running = project.mdl('build', '--json', '--vars', 'f=2');
      await untilHeld(project.sql);
      await project.sql`delete from silver.a where n in (2, 3)`;
      await letGo();
      const { code, stdout } = await running;
      assert.is(code, 0, stdout);
      assert.equal(short(stdout), ['silver.a delta 2 7 0']);
      assert.equal(
        (await project.sql`select v from silver.a order by n`).map(({ v }) => v),
        [2, 4, 6, 8, 10, 12, 14, 16, 18].map((n) => `v${n}`),
      );
    },
  ));

test('readers under publishes by delta: no error, no mix in a statement, no mix in repeatable read, no row gone', async () => {
  const files = {
    'medallion.config.ts': config,
    'models/silver/a.sql': `/*---\nprimary_key: n\npublish: delta\ncolumns: { n: int, build: int }\n---*/\nselect n, {{var "build"}} as build from generate_series(1, 200) as n`,
    'models/silver/b.sql': `/*---\nprimary_key: n\npublish: delta\nforeign_keys: [ { columns: n, references: silver.a } ]\ncolumns: { n: int, build: int }\n---*/\nselect n, build from {{ref "silver.a"}} where n <= 100`,
    'models/gold/v.sql': `/*---\nmaterialized: view\n---*/\nselect a.build as build_a, b.build as build_b from {{ref "silver.a"}} a join {{ref "silver.b"}} b using (n)`,
  };
  const project = await testProject(files);
  process.env.DATABASE_URL = project.url;
  const publish = async (number: number) => {
    const outcome = await build(await openProject({ dir: project.dir, vars: { build: number } }));
    assert.is(outcome.status, 'succeeded', String(outcome.error));
  };
  let going = true;
  const reads = { autocommit: 0, 'read committed': 0, 'repeatable read': 0 };
  const whole = `select (select count(*) from silver.a)::int as a, (select count(*) from silver.b)::int as b, count(distinct x)::int as versions, max(x)::int as newest
     from (select build as x from silver.a union all select build from silver.b union all select build_a from gold.v union all select build_b from gold.v) t`;
  const check = (row: Record<string, number> | undefined) =>
    assert.equal([row!.a, row!.b, row!.versions], [200, 100, 1]);
  const reader = async (kind: keyof typeof reads) => {
    const sql = postgres(project.url, { max: 1, onnotice: () => {} });
    while (going) {
      if (kind === 'autocommit') check((await sql.unsafe(whole))[0]);
      else
        await sql.begin(`isolation level ${kind}`, async (tx) => {
          const [first] = await tx.unsafe(whole);
          check(first);
          const [second] = await tx.unsafe(whole);
          check(second);
          if (kind === 'repeatable read') assert.is(second!.newest, first!.newest);
          else assert.ok(second!.newest >= first!.newest);
        });
      reads[kind]++;
    }
    await sql.end();
  };
  try {
    await publish(0);
    const readers = Promise.all([reader('autocommit'), reader('read committed'), reader('repeatable read')]);
    const publishing = (async () => {
      for (let number = 1; number <= 20; number++) await publish(number);
      going = false;
    })();
    await Promise.all([publishing, readers.finally(() => (going = false))]);
    for (const [kind, count] of Object.entries(reads)) assert.ok(count >= 20, `${count} reads in ${kind}`);
    console.log(
      `measured: readers under 20 publishes by delta: ${Object.entries(reads)
        .map(([kind, count]) => `${count} in ${kind}`)
        .join(', ')}: no error, no mix, no row gone`,
    );
  } finally {
    going = false;
    await project.close();
  }
});

test.run();
