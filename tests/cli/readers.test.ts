// core: runs on every server

import { build, openProject } from 'medallion';
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testProject } from '../support/project.ts';

const test = suite('concurrent readers');

/** Two tables and a view that always carry the number of their build: a reader that sees two numbers has seen a mix. */
const files = {
  'medallion.config.ts': `import { defineConfig } from 'medallion';\nexport default defineConfig({ name: 'loja', database: process.env.DATABASE_URL });\n`,
  'models/silver/a.sql': `/*---
primary_key: n
publish: swap
columns: { n: int, build: int }
---*/
select n, {{var "build"}} as build from generate_series(1, 200) as n`,
  'models/silver/b.sql': `/*---
primary_key: n
publish: swap
foreign_keys: [ { columns: n, references: silver.a } ]
columns: { n: int, build: int }
---*/
select n, build from {{ref "silver.a"}} where n <= 100`,
  'models/gold/v.sql': `/*---
materialized: view
---*/
select a.build as build_a, b.build as build_b from {{ref "silver.a"}} a join {{ref "silver.b"}} b using (n)`,
};

/** More with `MDL_PUBLISHES=1000 node tests/run.js readers`. */
const publishes = Number(process.env.MDL_PUBLISHES ?? 100);

test(`${publishes} publishes: no error, no mix of versions, no missing or empty table`, async () => {
  const project = await testProject(files);
  process.env.DATABASE_URL = project.url;
  const publish = async (number: number) => {
    const outcome = await build(await openProject({ dir: project.dir, vars: { build: number } }));
    assert.is(outcome.status, 'succeeded', String(outcome.error));
  };
  const reads = { count: 0, versions: new Set<number>() };
  let going = true;
  const check = (rows: readonly { versions: number; newest: number; rows: number }[]) => {
    assert.is(rows[0]!.versions, 1, `${rows[0]!.versions} versions in one read`);
    assert.ok(rows[0]!.rows > 0, 'an empty table');
    reads.count++;
    reads.versions.add(rows[0]!.newest);
  };
  /** One statement over everything, in an order of its own. */
  const statements = [
    `select count(distinct x)::int as versions, max(x)::int as newest, count(*)::int as rows from (select build as x from silver.a union all select build from silver.b union all select build_a from gold.v union all select build_b from gold.v) t`,
    `select count(distinct x)::int as versions, max(x)::int as newest, count(*)::int as rows from (select build_b as x from gold.v union all select build from silver.b union all select build from silver.a) t`,
    `select count(distinct x)::int as versions, max(x)::int as newest, count(*)::int as rows from theirs.everything`,
  ];
  try {
    await publish(0);
    await project.sql.unsafe(
      `create schema theirs; create view theirs.everything as select build_a as x from gold.v union all select build from silver.b union all select build from silver.a`,
    );
    const readers = statements.map(async (statement, i) => {
      const sql = postgres(project.url, { max: 1, prepare: i !== 1, onnotice: () => {} });
      while (going) check((await sql.unsafe(statement, [], { prepare: i !== 1 })) as never);
      await sql.end();
    });
    // A transaction that touches the tables one after the other: what it saw first, it must go on seeing.
    readers.push(
      (async () => {
        const sql = postgres(project.url, { max: 1, onnotice: () => {} });
        while (going) {
          await sql.begin(async (tx) => {
            const [b] =
              await tx`select max(build)::int as build, count(distinct build)::int as versions, count(*)::int as rows from silver.b`;
            const [a] =
              await tx`select max(build)::int as build, count(distinct build)::int as versions, count(*)::int as rows from silver.a`;
            assert.equal([a!.versions, b!.versions, a!.rows, b!.rows], [1, 1, 200, 100]);
            assert.is(a!.build, b!.build, 'a transaction saw two versions');
            reads.count++;
          });
        }
        await sql.end();
      })(),
    );
    const failed = Promise.all(readers);
    const publishing = (async () => {
      for (let number = 1; number <= publishes; number++) await publish(number);
      going = false;
    })();
    await Promise.all([publishing, failed.finally(() => (going = false))]);
    assert.ok(reads.count > 200, `${reads.count} reads`);
    assert.ok(reads.versions.size > 10, `${reads.versions.size} versions were seen`);
    console.log(
      `measured: ${reads.count} reads saw ${reads.versions.size} versions in ${publishes} publishes`,
    );
  } finally {
    going = false;
    await project.close();
  }
});

test.run();
