// in one process
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Api, withApi } from '../support/api.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { until } from '../support/wait.ts';

const test = suite('serve, from memory');
const files = {
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'shop', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) }, layers: { gold: {} },
  grants: { gold: { select: ['anon', 'authenticated'] } },
  serve: { cacheMiB: Number(process.env.CACHE ?? 8), maxRows: 5000, aggregates: true,
    auth: { keys: [{ key: 'key-of-authenticated', role: 'authenticated' }], anonymous: true } } });`,
  'seeds/sales.csv': 'id,city,day\n1,Recife,2024-01-01\n2,Olinda,2024-01-02\n',
  'models/gold/sales.sql': `/*---
primary_key: id
---*/
select id::int as id, city, day::date as day, {{var "price" 1}} as price from {{ref "bronze.sales"}}`,
  'models/gold/cities.sql': `/*---
materialized: view
---*/
select city, count(*) as sales from {{ref "gold.sales"}} group by city`,
  'models/gold/recent.sql': `/*---
materialized: view
---*/
select * from {{ref "gold.sales"}} where day > now() - interval '100 years'`,
  'models/gold/own.sql': `/*---
rls: { select: 'city = current_user' }
---*/
select id::int as id, city from {{ref "bronze.sales"}}`,
};

function withShop(work: (api: Api, project: TestProject) => Promise<void>): Promise<void> {
  return withProject(files, async (project) => {
    await createRoles(project.sql, 'anon', 'authenticated');
    const built = await project.mdl('build');
    assert.is(built.code, 0, built.stderr + built.stdout);
    await withApi(project, (api) => work(api, project));
  });
}

const etagOf = async (api: Api, path: string, headers: Record<string, string> = {}) =>
  (await api.get(path, { headers })).headers.get('etag');

test('an answer has an ETag of the published version, and 304 for who has it; a publish makes another', () =>
  withShop(async (api, project) => {
    const first = await api.get('/sales?order=id');
    const etag = first.headers.get('etag')!;
    assert.match(etag, /^W\/"[\w-]{27}"$/);
    assert.is(first.headers.get('cache-control'), 'no-cache');
    assert.match(first.headers.get('vary')!, 'Authorization');
    assert.is((await api.get('/sales?order=id')).text, first.text);
    for (const tags of [etag, `"x", ${etag}`, etag.replace('W/', ''), '*']) {
      const known = await api.get('/sales?order=id', { headers: { 'if-none-match': tags } });
      assert.equal([known.status, known.text, known.headers.get('etag')], [304, '', etag]);
    }
    // Before anything is kept as well.
    const other = (await etagOf(api, '/sales?id=eq.1'))!;
    assert.is.not(other, etag);
    const different = await api.get('/sales?order=id', { headers: { 'if-none-match': other } });
    assert.is(different.status, 200);
    assert.is((await project.mdl('build', '--vars', 'price=2')).code, 0);
    await until(async () => (await etagOf(api, '/sales?order=id')) !== etag);
    const after = await api.get('/sales?order=id', { headers: { 'if-none-match': etag } });
    assert.is(after.status, 200);
    assert.is(after.json[0].price, 2);
  }));

test('what answers differ by is part of what is kept', () =>
  withShop(async (api) => {
    const variants = [
      {},
      { accept: 'text/csv' },
      { prefer: 'count=exact' },
      { range: '0-0' },
      { 'accept-profile': 'gold' },
      { authorization: 'Bearer key-of-authenticated' },
    ] as Record<string, string>[];
    const tags = new Set<string | null>();
    for (let round = 0; round < 2; round++)
      for (const headers of variants) {
        const { text, headers: own } = await api.get('/sales?order=id', { headers });
        tags.add(own.get('etag'));
        assert.is(text.startsWith('id,'), headers.accept === 'text/csv');
        assert.is(own.get('content-range')!.endsWith('/2'), headers.prefer !== undefined);
        assert.is(text.includes('Olinda'), headers.range === undefined);
        assert.is(own.get('content-profile'), headers['accept-profile'] ?? null);
        assert.is(own.get('cache-control')!.startsWith('private'), headers.authorization !== undefined);
      }
    assert.is(tags.size, variants.length);
    const head = await api.get('/sales?order=id', { method: 'HEAD' });
    assert.equal([head.status, head.text], [200, '']);
  }));

test('what may change at any moment, or is not the same for everyone, is asked for each time', () =>
  withShop(async (api, { sql }) => {
    for (const path of [
      '/sales',
      '/cities',
      '/sales?select=count()',
      '/sales?select=id::text',
      '/sales?limit=3',
    ])
      assert.ok(await etagOf(api, path), path);
    for (const path of [
      ...['/recent', '/own', '/sales?day=lt.now', '/sales?or=(day.gt.TODAY,id.eq.1)'],
      ...['/sales?select=id,d:city::date&city=eq.x'],
    ])
      assert.is(await etagOf(api, path), null, path);
    // Views of others: the time, the user, what others write, something that is not published.
    await sql.unsafe(`
      create table public.loose (id int);
      create view gold.as_user as select id, current_user::text as me from gold.sales;
      create view gold.as_moment as select id from gold.sales where day < current_date;
      create view gold.as_text as select id, ('2024-01-' || id)::date as d from gold.sales;
      create view gold.of_loose as select id from public.loose;
      create view gold.of_view as select * from gold.as_user;
      create view gold.plain as select id, upper(city) as city, 'SQL } {' as word from gold.sales where id in (select id from gold.sales);
      grant select on all tables in schema gold to anon; notify pgrst`);
    await until(async () => (await api.get('/plain')).status === 200);
    for (const name of ['as_user', 'as_moment', 'as_text', 'of_loose', 'of_view'])
      assert.is(await etagOf(api, `/${name}`), null, name);
    assert.ok(await etagOf(api, '/plain'));
    await sql.unsafe('grant insert on gold.sales to authenticated');
    await until(async () => (await etagOf(api, '/plain')) === null);
    assert.is(await etagOf(api, '/sales'), null);
  }));

test('a right that is taken away counts within seconds, although nobody tells of it', () =>
  withShop(async (api, { sql }) => {
    for (let i = 0; i < 3; i++) assert.is((await api.get('/sales')).status, 200);
    await sql.unsafe('revoke select on gold.sales from anon');
    await until(async () => (await api.get('/sales')).status === 401);
  }));

/** As it is on the wire: fetch would unpack it. */
function raw(url: string, encoding: string): Promise<{ encoding: string | undefined; body: Buffer }> {
  return new Promise((resolve, reject) =>
    request(url, { headers: { 'accept-encoding': encoding } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) });
    })
      .on('error', reject)
      .end(),
  );
}

test('what is kept goes out packed to who takes it, and whole to others; long answers too', () =>
  withShop(async (api, { sql }) => {
    await sql.unsafe(
      `create view gold.many as select i, repeat('a b c ', 5) as text from gold.sales cross join generate_series(1, 2000) i;
       grant select on gold.many to anon; notify pgrst`,
    );
    await until(async () => (await api.get('/many?limit=1')).status === 200);
    for (const path of ['/many?limit=500', '/many']) {
      const plain = (await raw(api.url + path, 'identity')).body;
      assert.is(JSON.parse(plain.toString()).length, path === '/many' ? 4000 : 500);
      for (const [accepted, encoding, unpack] of [
        ['gzip, br', 'br', brotliDecompressSync],
        ['gzip;q=0.5, br;q=0', 'gzip', gunzipSync],
      ] as const) {
        await until(async () => (await raw(api.url + path, accepted)).encoding === encoding);
        const { body } = await raw(api.url + path, accepted);
        assert.ok(body.length < plain.length / 5);
        assert.ok(unpack(body).equals(plain));
      }
      for (const accepted of ['identity', 'gzip;q=0', 'deflate'])
        assert.ok((await raw(api.url + path, accepted)).body.equals(plain));
    }
    // Short ones are not worth it.
    for (let i = 0; i < 3; i++) assert.is((await raw(`${api.url}/sales`, 'br')).encoding, undefined);
  }));

test('the same question asked by many at once is asked of the database once', () =>
  withShop(async (api, { sql }) => {
    await sql.unsafe(`
      create function public.slow(id int) returns int immutable language plpgsql as 'begin perform pg_sleep(1); return id; end';
      create view gold.slow as select public.slow(id) as id from gold.sales where id = 1;
      grant select on gold.slow to anon; notify pgrst`);
    // Not before it is known what holds: until then everyone asks for himself.
    await until(async () => (await etagOf(api, '/slow?limit=0')) !== null);
    const sleeping = () =>
      sql`select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    const all = Promise.all(Array.from({ length: 20 }, () => api.get('/slow')));
    await until(async () => (await sleeping()).count > 0);
    assert.is((await sleeping()).count, 1);
    for (const { json } of await all) assert.equal(json, [{ id: 1 }]);
  }));

test('memory is bounded: what was asked for last is there', () =>
  withShop(async (api) => {
    for (let i = 0; i < 300; i++) {
      const path = `/sales?id=neq.${i}&select=${'id,'.repeat(500)}city`;
      assert.is((await api.get(path)).status, 200);
      assert.is((await api.get(path)).status, 200);
    }
  }));

test('without memory there are still ETags', async () => {
  process.env.CACHE = '0';
  try {
    await withShop(async (api) => {
      const etag = (await etagOf(api, '/sales'))!;
      assert.is((await api.get('/sales', { headers: { 'if-none-match': etag } })).status, 304);
      assert.is((await api.get('/sales')).json.length, 2);
    });
  } finally {
    delete process.env.CACHE;
  }
});

test.run();
