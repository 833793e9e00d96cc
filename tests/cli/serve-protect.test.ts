// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config, withApi } from '../support/api.ts';
import { films, withFilms } from '../support/films.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { until } from '../support/wait.ts';

const test = suite('serve, protected');
const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });

test('pages of this machine may ask, others only when named; browsers take an answer for nothing but data', () =>
  withFilms('', async (api) => {
    const allowed = async (origin: string) =>
      (await api.get('/films?limit=1', from(origin))).headers.get('access-control-allow-origin');
    assert.is(await allowed('http://localhost:5173'), 'http://localhost:5173');
    assert.is(await allowed('https://127.0.0.1'), 'https://127.0.0.1');
    assert.is(await allowed('https://evil.example'), null);
    assert.is(await allowed('http://localhost.evil.example'), null);
    const { headers } = await api.get('/films', from('http://localhost:5173'));
    assert.match(headers.get('access-control-expose-headers')!, 'Content-Range');
    for (const path of ['/films', '/nothing', '/live']) {
      const answer = await api.get(path);
      assert.is(answer.headers.get('x-content-type-options'), 'nosniff', path);
      assert.match(answer.headers.get('content-security-policy')!, "default-src 'none'");
    }
    const preflight = await api.get('/films', {
      method: 'OPTIONS',
      ...from('http://localhost:5173', {
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'apikey,authorization,accept-profile,x-client-info',
      }),
    });
    assert.is(preflight.status, 204);
    assert.is(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD, OPTIONS');
    assert.match(preflight.headers.get('access-control-allow-headers')!, 'accept-profile');
    const bare = await api.get('/films', { method: 'OPTIONS' });
    assert.equal([bare.status, bare.headers.get('allow')], [204, 'GET,HEAD,OPTIONS']);
  }));

test('cors: named origins, or all', async () => {
  for (const [setting, origin, expected] of [
    [`['https://shop.example']`, 'https://shop.example', 'https://shop.example'],
    [`['https://shop.example']`, 'http://localhost:3000', null],
    [`'*'`, 'https://anyone.example', '*'],
  ] as const)
    await withFilms(`cors: ${setting}`, async (api) =>
      assert.is((await api.get('/films', from(origin))).headers.get('access-control-allow-origin'), expected),
    );
});

test('more requests than allowed are 429 with when to come again; another address and the health checks are not meant', () =>
  withFilms(`rateLimit: 3, trustProxy: ['127.0.0.1']`, async (api) => {
    const ask = (client: string) => api.get('/films?limit=1', { headers: { 'x-forwarded-for': client } });
    for (let i = 0; i < 3; i++) assert.is((await ask('10.0.0.1')).status, 200);
    const refused = await ask('10.0.0.1');
    assert.equal([refused.status, refused.json.code], [429, '53400']);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.is((await ask('10.0.0.2')).status, 200);
    for (let i = 0; i < 5; i++) assert.is((await api.get('/live')).status, 200);
  }));

test('a statement that is too dear is refused before it runs; one along an index is not', () =>
  withProject({ 'medallion.config.ts': config(`{ schemas: ['api'], maxCost: 500 }`) }, async (project) => {
    await createRoles(project.sql, 'anon');
    await project.sql.unsafe(`
        create schema api; create table api.numbers as select n, md5(n::text) as hash from generate_series(1, 100000) n; alter table api.numbers add primary key (n);
        grant usage on schema api to anon; grant select on api.numbers to anon`);
    await project.sql`vacuum analyze api.numbers`;
    await withApi(project, async (api) => {
      assert.equal((await api.get('/numbers?n=eq.7&select=n')).json, [{ n: 7 }]);
      const dear = await api.get('/numbers?hash=eq.x');
      assert.equal([dear.status, dear.json.code], [400, '54000']);
      assert.match(dear.json.details, /a cost of \d+; 500 is allowed/);
    });
  }));

test('when all connections are in use, some wait and the rest are 503; afterwards all is as before', () =>
  withProject(
    { 'medallion.config.ts': config(`{ schemas: ['api'], connections: 2, queue: 1 }`) },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await project.sql.unsafe(films);
      await project.sql.unsafe(
        `create view api.slow as select pg_sleep(2)::text as slept; grant select on api.slow to anon`,
      );
      await withApi(project, async (api) => {
        const busy = [api.get('/slow'), api.get('/slow')];
        await until(
          async () =>
            (
              await project.sql`select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
            ).count === 2,
        );
        const waits = api.get('/films?id=eq.1&select=id');
        await new Promise((resolve) => setTimeout(resolve, 100));
        const refused = await api.get('/films');
        assert.equal(
          [refused.status, refused.json.code, refused.headers.get('retry-after')],
          [503, 'PGRST003', '1'],
        );
        assert.equal((await waits).json, [{ id: 1 }]);
        for (const answer of await Promise.all(busy)) assert.is(answer.status, 200);
        const all = await Promise.all(Array.from({ length: 3 }, () => api.get('/films?select=id&id=eq.2')));
        assert.equal(
          all.map(({ status }) => status),
          [200, 200, 200],
        );
      });
    },
  ));

test('a range behind the end gives its connection back', () =>
  withFilms('connections: 1', async (api) => {
    const behind = () =>
      api.get('/films?offset=9', { headers: { prefer: 'count=exact' }, signal: AbortSignal.timeout(5000) });
    for (let i = 0; i < 3; i++) assert.is((await behind()).status, 416);
  }));

test('a long answer that nobody takes gives its connection back', () =>
  withFilms('connections: 1, maxRows: null', async (api) => {
    for (const path of ['/films', '/films?title=neq.now'])
      for (let i = 0; i < 3; i++) {
        const init = { method: 'HEAD', signal: AbortSignal.timeout(5000) };
        assert.is((await api.get(path, init)).status, 200);
      }
  }));

test('settings that cannot be are refused', () =>
  withProject({}, async (project) => {
    for (const [setting, message] of [
      [`cors: ['shop.example']`, 'must be an origin such as'],
      ['rateLimit: 0', 'serve.rateLimit'],
      ['queu: 5', 'Did you mean queue'],
    ]) {
      project.write('medallion.config.ts', config(`{ ${setting} }`));
      const { code, stderr } = await project.mdl('serve');
      assert.is(code, 2, stderr);
      assert.match(stderr, 'MDL1003');
      assert.match(stderr, message!);
    }
  }));

test.run();
