// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Api, config, withApi } from '../support/api.ts';
import { films, withFilms } from '../support/films.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { withShop } from '../support/shop.ts';
import { until } from '../support/wait.ts';

const test = suite('serve http');

test('ranges and counts: Content-Range, 206 and 416 as clients page by them', () =>
  withFilms('', async (api) => {
    const range = async (path: string, headers: Record<string, string> = {}) => {
      const { status, headers: answered } = await api.get(path, { headers });
      return `${status} ${answered.get('content-range')}`;
    };
    assert.is(await range('/films'), '200 0-3/*');
    assert.is(await range('/films?id=eq.9'), '200 */*');
    assert.is(await range('/films', { range: '0-1' }), '200 0-1/*');
    assert.is(await range('/films', { range: '0-1', prefer: 'count=exact' }), '206 0-1/4');
    assert.is(await range('/films', { range: '2-', prefer: 'count=exact' }), '206 2-3/4');
    assert.is(await range('/films', { range: '0-9', prefer: 'count=exact' }), '200 0-3/4');
    assert.is(await range('/films?limit=1&offset=1', { prefer: 'count=exact' }), '206 1-1/4');
    assert.is(await range('/films?limit=3&offset=1', { range: '2-9' }), '200 2-3/*');
    assert.is(await range('/films?id=eq.9', { prefer: 'count=exact' }), '200 */0');
    assert.is(await range('/films?offset=9', { prefer: 'count=exact' }), '416 null');
    assert.is(await range('/films', { range: '3-1' }), '416 null');
    assert.is(
      await range('/directors?select=id,films!inner(id)&films.year=gt.2004', { prefer: 'count=exact' }),
      '200 0-0/1',
    );
    assert.match(await range('/films?limit=1', { prefer: 'count=planned' }), /^20[06] 0-0\/\d+$/);
    assert.match(await range('/films?limit=1', { prefer: 'count=estimated' }), /^206 0-0\/\d+$/);
    const { json } = await api.get('/films?offset=9', { headers: { prefer: 'count=exact' } });
    assert.equal(json, {
      code: 'PGRST103',
      details: 'An offset of 9 was requested, but there are only 4 rows.',
      hint: null,
      message: 'Requested range not satisfiable',
    });
  }));

test('one object, CSV, stripped nulls, HEAD and OPTIONS', () =>
  withFilms('', async (api) => {
    const object = { accept: 'application/vnd.pgrst.object+json' };
    assert.equal((await api.get('/films?select=id&id=eq.1', { headers: object })).json, { id: 1 });
    for (const [path, count] of [
      ['/films?select=id', 4],
      ['/films?select=id&id=eq.9', 0],
    ]) {
      const { status, json } = await api.get(path as string, { headers: object });
      assert.is(status, 406);
      assert.equal([json.code, json.details], ['PGRST116', `The result contains ${count} rows`]);
    }
    const csv = await api.get('/films?select=id,title,rating,directors(name)&id=gt.2', {
      headers: { accept: 'text/csv' },
    });
    assert.is(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.is(csv.text, 'id,title,rating,directors\n3,"Sol ""x""",,"{""name"":""Bo Li""}"\n4,Lua,6.1,');
    assert.is((await api.get('/films?id=eq.9&select=id', { headers: { accept: 'text/csv' } })).text, 'id');
    const stripped = await api.get('/films?select=id,rating,mood&id=in.(2,3)&order=id', {
      headers: { accept: 'application/vnd.pgrst.array+json;nulls=stripped' },
    });
    assert.equal(stripped.json, [
      { id: 2, rating: 8.0 },
      { id: 3, mood: 'happy' },
    ]);
    const head = await api.get('/films', { method: 'HEAD', headers: { prefer: 'count=exact' } });
    assert.equal([head.status, head.text, head.headers.get('content-range')], [200, '', '0-3/4']);
    const options = await api.get('/films', { method: 'OPTIONS' });
    assert.equal([options.status, options.headers.get('allow')], [204, 'GET,HEAD,OPTIONS']);
    assert.is((await api.get('/films', { headers: { accept: 'image/png' } })).json.code, 'PGRST107');
    assert.is(
      (await api.get('/films', { headers: { accept: 'image/png, text/csv;q=0.5, */*;q=0.1' } })).headers.get(
        'content-type',
      ),
      'text/csv; charset=utf-8',
    );
  }));

test("what cannot be answered says so in PostgREST's words, with the nearest name", () =>
  withFilms('', async (api) => {
    const error = async (path: string, init?: RequestInit) => {
      const { status, json } = await api.get(path, init);
      return [status, json.code, json.hint ?? json.details];
    };
    assert.equal(await error('/film'), [404, 'PGRST205', "Perhaps you meant the table 'api.films'"]);
    assert.equal(await error('/films?select=titel'), [400, '42703', "Perhaps you meant the column 'title'"]);
    assert.equal(await error('/films?titel=eq.x'), [400, '42703', "Perhaps you meant the column 'title'"]);
    assert.equal(await error('/films?order=yaer'), [400, '42703', "Perhaps you meant the column 'year'"]);
    assert.equal(await error('/films?select=id::numerik'), [
      400,
      '42704',
      "Perhaps you meant the type 'numeric'",
    ]);
    assert.equal(await error('/films?select=director(name)'), [
      400,
      'PGRST200',
      "Perhaps you meant 'directors' instead of 'director'.",
    ]);
    const ambiguous = await api.get('/orders?select=employees(name)');
    assert.equal(
      [ambiguous.status, ambiguous.json.code, ambiguous.json.details.length],
      [300, 'PGRST201', 2],
    );
    assert.match(ambiguous.json.hint, /'employees!billing', 'employees!shipping'/);
    assert.equal((await error('/films?directors.name=eq.x'))[1], 'PGRST108');
    assert.equal((await error('/directors?select=id,films(id)&order=films(id)'))[1], 'PGRST118');
    assert.equal((await error('/directors?select=id,films(id)&films=eq.3'))[1], 'PGRST120');
    assert.equal((await error('/films?select=count()'))[1], 'PGRST123');
    assert.equal(await error('/films?id=eqq.1'), [
      400,
      'PGRST100',
      'unexpected "e" expecting an operator (eq, neq, gt, gte, lt, lte, like, ilike, match, imatch, isdistinct, cs, cd, ov, sl, sr, nxr, nxl, adj, in, is, fts, plfts, phfts, wfts)',
    ]);
    assert.equal((await error('/films?select=id,(title)')).slice(0, 2), [400, 'PGRST100']);
    assert.equal((await error('/films?or=(id.eq.1')).slice(0, 2), [400, 'PGRST100']);
    assert.equal((await error('/films?limit=-1')).slice(0, 2), [400, 'PGRST100']);
    assert.equal((await error('/films?id=eq.x')).slice(0, 2), [400, '22P02']);
    assert.equal((await error('/films?year=like.1*')).slice(0, 2), [404, '42883']);
    assert.equal((await error(`/films?or=${'('.repeat(50)}`)).slice(0, 2), [400, 'PGRST100']);
    assert.equal((await error(`/films?select=${'directors('.repeat(30)}id${')'.repeat(30)}`)).slice(0, 2), [
      400,
      'PGRST100',
    ]);
    assert.equal(await error('/films', { headers: { 'accept-profile': 'hidden' } }), [
      406,
      'PGRST106',
      'Only the following schemas are exposed: api',
    ]);
    assert.equal((await error('/a/b/c'))[1], 'PGRST125');
    assert.equal(
      (await error('/films', { headers: { prefer: 'handling=strict, anything' } }))[1],
      'PGRST122',
    );
    for (const method of ['POST', 'PATCH', 'PUT', 'DELETE'])
      assert.equal(
        (
          await error('/films', { method, headers: { 'content-type': 'application/json' }, body: '{"id":9}' })
        ).slice(0, 2),
        [405, 'PGRST117'],
      );
  }));

test('it reads as its role, only, within its time and its rows', () =>
  withProject(
    { 'medallion.config.ts': config(`{ schemas: ['api'], maxRows: 2, statementTimeout: '300ms' }`) },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await project.sql.unsafe(films);
      await project.sql.unsafe(`
      create table api.secret (id int); insert into api.secret values (1);
      create view api.slow as select pg_sleep(3)::text as slept;
      create function api.writes() returns int language sql as 'insert into api.films (id, title) values (99, ''x'') returning id';
      create view api.writing as select api.writes() as id;
      grant select on api.slow, api.writing to anon; grant insert on api.films to anon;
      create table api.owned (id int, role text); insert into api.owned values (1, 'anon'), (2, 'other');
      alter table api.owned enable row level security; create policy own on api.owned using (role = current_user); grant select on api.owned to anon`);
      await withApi(project, async (api) => {
        assert.equal((await api.get('/films?select=id')).json, [{ id: 1 }, { id: 2 }]);
        assert.equal((await api.get('/films?select=id&limit=100')).json.length, 2);
        assert.equal((await api.get('/directors?select=films(id)&id=eq.1')).json[0].films.length, 2);
        const secret = await api.get('/secret');
        assert.equal([secret.status, secret.json.code], [401, '42501']);
        const slow = await api.get('/slow');
        assert.equal([slow.status, slow.json.code], [504, '57014']);
        const writing = await api.get('/writing');
        assert.equal([writing.status, writing.json.code], [405, '25006']);
        assert.equal((await api.get('/owned?select=id')).json, [{ id: 1 }]);
        assert.is((await project.sql`select from api.films where id = 99`).length, 0);
      });
    },
  ));

test('without a limit a long result is streamed, whole and in order; a reader that leaves ends its statement', () =>
  withProject({ 'medallion.config.ts': config(`{ schemas: ['api'], maxRows: null }`) }, async (project) => {
    let told: Api['events'] = [];
    await createRoles(project.sql, 'anon');
    await project.sql.unsafe(`
      create schema api; create table api.numbers as select n, repeat('x', 200) as text from generate_series(1, 200000) n;
      grant usage on schema api to anon; grant select on api.numbers to anon`);
    await withApi(project, async (api) => {
      for (const headers of [{}, { prefer: 'count=exact' }]) {
        const all = await api.get('/numbers?select=n&order=n&limit=54321&offset=1', { headers });
        assert.equal(
          all.json.map((row: { n: number }) => row.n),
          Array.from({ length: 54_321 }, (_, i) => i + 2),
        );
        assert.is(all.headers.get('content-range'), 'prefer' in headers ? '1-54321/200000' : '1-54321/*');
      }
      const csv = await api.get('/numbers?select=n&order=n&limit=5000', { headers: { accept: 'text/csv' } });
      assert.is(csv.text, ['n', ...Array.from({ length: 5000 }, (_, i) => i + 1)].join('\n'));
      const leaving = new AbortController();
      const response = await fetch(`${api.url}/numbers`, { signal: leaving.signal });
      await response.body!.getReader().read();
      leaving.abort();
      await until(async () => {
        const [row] = await project.sql`
          select count(*)::int as busy from pg_stat_activity where datname = current_database() and application_name = 'mdl serve' and state <> 'idle'`;
        return row!.busy === 0;
      });
      assert.is((await api.get('/numbers?select=n&limit=1')).status, 200);
      told = api.events;
    });
    assert.not(
      told.some(({ event }) => event === 'serve.cut'),
      'who has left is not waited for',
    );
  }));

test('a publish is served at once, new columns and new relations with it', () =>
  withShop(
    {
      'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, grants: { gold: { select: ['anon'] } } });`,
    },
    async (project) => {
      await createRoles(project.sql, 'anon');
      assert.is((await project.mdl('build')).code, 0);
      await withApi(project, async (api) => {
        assert.equal((await api.get('/ages?select=people&bucket=eq.30')).json, [{ people: 1 }]);
        project.write('models/gold/names.sql', 'select name, age from {{ref "silver.people"}}');
        assert.is((await project.mdl('build')).code, 0);
        await until(async () => (await api.get('/names')).status === 200);
        assert.equal((await api.get('/names?name=eq.Ana')).json, [{ name: 'Ana', age: 30 }]);
        project.write('models/gold/names.sql', 'select name, age, 1 as one from {{ref "silver.people"}}');
        assert.is((await project.mdl('build')).code, 0);
        await until(async () => (await api.get('/names?select=one')).status === 200);
      });
    },
  ));

test('it says that it lives and that its database answers', () =>
  withFilms('', async (api) => {
    assert.equal((await api.get('/live')).json, { status: 'live' });
    assert.equal((await api.get('/ready')).json, { status: 'ready' });
  }));

test('a role that is not there, an address that is taken, a port that is none', () =>
  withProject(
    { 'medallion.config.ts': config(`{ schemas: ['api'], role: 'mdl_test_nobody' }`) },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await project.sql.unsafe(films);
      const missing = await project.mdl('serve', '--port', '0');
      assert.is(missing.code, 1);
      assert.match(missing.stderr, /MDL6002 The role "mdl_test_nobody" cannot be used/);
      project.write('medallion.config.ts', config(`{ schemas: ['api'] }`));
      await withApi(project, async ({ url }) => {
        const taken = await project.mdl('serve', '--port', new URL(url).port);
        assert.is(taken.code, 1);
        assert.match(taken.stderr, /MDL6001 127\.0\.0\.1:\d+ is taken/);
      });
      assert.is((await project.mdl('serve', '--port', '99999')).code, 2);
      project.write('medallion.config.ts', config(`{ shcemas: ['api'] }`));
      const misspelt = await project.mdl('serve');
      assert.is(misspelt.code, 2);
      assert.match(misspelt.stderr, /schemas/);
    },
  ));

test.run();
