// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Api, withApi } from '../support/api.ts';
import { withFilms } from '../support/films.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { type Family, parseMetrics } from '../support/prometheus.ts';
import { createRoles } from '../support/roles.ts';
import { until } from '../support/wait.ts';

const test = suite('metrics');

/** One scrape, as somebody with the key or from this machine makes it. */
async function scrape(
  api: Api,
): Promise<(metric: string, labels?: Record<string, string>) => number | undefined> {
  const answer = await api.get('/metrics');
  assert.is(answer.status, 200, answer.text);
  assert.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const families = parseMetrics(answer.text);
  return (metric, labels = {}) => {
    const family =
      families.get(metric) ?? families.get(metric.replace(/_(sum|count|bucket)$/, '')) ?? missing(metric);
    const found = family.samples.filter(
      (sample) =>
        sample.name === metric &&
        Object.entries(labels).every(([name, value]) => sample.labels[name] === value),
    );
    assert.ok(found.length <= 1, `${metric} is one: ${JSON.stringify(found)}`);
    return found[0]?.value;
  };
}

function missing(metric: string): Family {
  throw new Error(`there is no metric ${metric}`);
}

test('requests by what they ask for, in the format that Prometheus reads; names that do not exist make no series', () =>
  withFilms('ui: false', async (api) => {
    await api.get('/films?select=title');
    await api.get('/films?select=title');
    await api.get('/films?select=title');
    await api.get('/films', { method: 'HEAD' });
    await api.get('/films', { headers: { 'accept-profile': 'api' } });
    await api.get('/films', { headers: { 'accept-profile': 'elsewhere' } });
    await api.get('/films?limit=x');
    await api.get('/films', { method: 'POST' });
    await api.get(`/${encodeURIComponent("Città d'Italia")}`);
    await api.get('/rpc/nothing');
    for (let i = 0; i < 50; i++) await api.get(`/garbage${i}?a=${i}`);
    const relation = (name: string, status: number, method = 'GET') => ({
      kind: 'relation',
      relation: name,
      method,
      status: String(status),
    });
    const requests = 'mdl_http_requests_total';
    // The end of an answer is noticed a moment after the client has it.
    await until(async () => (await scrape(api))(requests, relation('other', 404)) === 50);
    const value = await scrape(api);
    assert.is(value(requests, relation('api.films', 200)), 4);
    assert.is(value(requests, relation('api.films', 200, 'HEAD')), 1);
    assert.is(value(requests, relation('api.films', 400)), 1);
    assert.is(value(requests, { kind: 'other', method: 'POST', status: '405' }), 1);
    assert.is(value(requests, relation('other', 406)), 1);
    assert.is(value(requests, relation("api.Città d'Italia", 200)), 1);
    assert.is(value(requests, { kind: 'function', relation: 'other', status: '404' }), 1);
    const duration = 'mdl_http_request_duration_seconds';
    assert.is(value(`${duration}_count`, { kind: 'relation', method: 'GET', status: '404' }), 50);
    assert.ok(value(`${duration}_sum`, { kind: 'relation', method: 'GET', status: '200' })! > 0);
    assert.ok(value('mdl_http_sent_bytes_total')! > 10_000);
    assert.ok(value('mdl_http_connections')! >= 1);
    assert.is(value('mdl_http_requests_in_progress'), 1, 'the scrape itself');
    assert.is(value('mdl_api_database_connections_max'), 10);
    assert.is(value('mdl_event_listeners'), 0);
    assert.is(value('mdl_catalog_relations'), 9);
    assert.ok(value('process_cpu_seconds_total')! > 0);
    assert.ok(value('nodejs_eventloop_lag_seconds') !== undefined);
    assert.is(value('mdl_database_up'), 1);
    assert.is(value('mdl_last_publish_timestamp_seconds'), undefined, 'nothing was ever built');
    assert.is((await api.get('/metrics', { method: 'HEAD' })).status, 200);
  }));

test('waiting requests, listeners of the web app', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'api', database: process.env.DATABASE_URL, layers: { api: {} }, serve: { connections: 1, schemas: ['api'] } };`,
    },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await project.sql.unsafe(`
        create schema api; grant usage on schema api to anon;
        create function api.wait(n int) returns int language sql stable as $$ select 1 from pg_advisory_xact_lock_shared(77) $$`);
      await withApi(project, async (api) => {
        const lock = await project.sql.reserve();
        await lock`select pg_advisory_lock(77)`;
        const asked = [1, 2, 3].map((n) => api.get(`/rpc/wait?n=${n}`));
        await until(async () => {
          const value = await scrape(api);
          return value('mdl_api_database_connections') === 1 && value('mdl_api_requests_waiting') === 2;
        });
        assert.is((await scrape(api))('mdl_http_requests_in_progress'), 4);
        await lock`select pg_advisory_unlock(77)`;
        lock.release();
        for (const { status } of await Promise.all(asked)) assert.is(status, 200);
        await until(async () => (await scrape(api))('mdl_http_requests_in_progress') === 1);
        const bypassed = await scrape(api);
        assert.is(bypassed('mdl_api_database_connections'), 0);
        assert.is(
          bypassed('mdl_cache_requests_total', { result: 'bypass' }),
          3,
          'functions are asked each time',
        );
        assert.is(bypassed('mdl_http_requests_total', { relation: 'api.wait', status: '200' }), 3);

        const leaving = new AbortController();
        await fetch(`${api.url}/ui/api/events`, { signal: leaving.signal });
        await until(async () => (await scrape(api))('mdl_event_listeners') === 1);
        leaving.abort();
        await until(async () => (await scrape(api))('mdl_event_listeners') === 0);
        const left = await scrape(api);
        assert.is(left('mdl_http_requests_total', { kind: 'ui', status: '200' }), 1);
        assert.is(left('mdl_http_request_duration_seconds_count', { kind: 'ui' }), undefined);
      });
    },
  ));

const projectConfig = (serve = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { t: { from: 's.t', maxRejects: 5 } }, layers: { gold: {} }, grants: { gold: { select: ['anon'] } }, serve: { ${serve} },
  schedule: { hourly: { cron: '0 * * * *' }, never: { cron: '0 0 30 2 *' } } });`;

const withShop = (serve: string, work: (project: TestProject) => Promise<void>) =>
  withProject(
    {
      'medallion.config.ts': projectConfig(serve),
      'seeds/t.csv': 'id,v\n1,a\n2,b\n',
      'models/gold/g.sql': `/*---
columns: { id: { type: int, tests: [ { between: [0, 9], severity: warn } ] }, v: { type: text, tests: [ not_null ] } }
---*/
select id, v from {{ref "bronze.t"}}`,
    },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await work(project);
    },
  );

test('the state of the project: runs and what they did, freshness, schedules', () =>
  withShop('', async (project) => {
    const { sql } = project;
    assert.is((await project.mdl('build')).code, 0);
    await withApi(project, async (api) => {
      const rows = () => api.get('/g');
      await rows();
      await rows();
      const { headers } = await rows();
      assert.is((await api.get('/g', { headers: { 'if-none-match': headers.get('etag')! } })).status, 304);
      const first = await scrape(api);
      const cache = (result: string) => first('mdl_cache_requests_total', { result });
      assert.equal(['miss', 'hit', 'not_modified', 'bypass'].map(cache), [2, 1, 1, 0]);
      assert.is(first('mdl_api_rows_total'), 6);
      const by = (status: string) => ({ status, cause: 'by hand' });
      assert.is(first('mdl_info', { project: 'loja', target: 'default' }), 1);
      assert.equal(
        [first('mdl_history_runs', by('succeeded')), first('mdl_runs_total', by('succeeded'))],
        [1, 0],
      );
      assert.is(first('mdl_last_run_status', { status: 'succeeded' }), 1);
      assert.is(first('mdl_last_run_loaded_rows'), 2);
      assert.is(first('mdl_last_run_tests', { status: 'passed' }), 2);
      assert.ok(first('mdl_last_run_duration_seconds')! > 0);
      assert.ok(first('mdl_publish_age_seconds')! >= 0);
      const published = first('mdl_last_publish_timestamp_seconds')!;
      assert.ok(Math.abs(published - Date.now() / 1000) < 3600);
      assert.ok(first('mdl_relation_age_seconds', { relation: 'gold.g' })! >= 0);
      assert.ok(first('mdl_relation_age_seconds', { relation: 'bronze.t' })! >= 0);
      const due = first('mdl_schedule_next_due_timestamp_seconds', { schedule: 'hourly' })!;
      assert.is(due % 3600, 0);
      assert.ok(due > Date.now() / 1000 - 60);
      assert.is(first('mdl_schedule_next_due_timestamp_seconds', { schedule: 'never' }), undefined);
      assert.is(first('mdl_schedule_last_status', { schedule: 'hourly' }), undefined);

      // A warning, a row that is rejected, and a schedule; then a test that fails.
      project.write('seeds/t.csv', 'id,v\n1,a\n20,b\nx,y,z,w\n');
      assert.is((await project.mdl('build')).code, 0);
      await sql`
        insert into medallion.occurrences (project, schedule, due, status)
        values ('loja', 'hourly', '2026-01-01 01:00Z', 'failed'), ('loja', 'hourly', '2026-01-01 02:00Z', 'timed out'), ('loja', 'gone', now(), 'failed')`;
      await until(async () => (await scrape(api))('mdl_runs_total', by('succeeded')) === 1);
      const second = await scrape(api);
      assert.is(second('mdl_last_run_tests', { status: 'warned' }), 1);
      assert.is(second('mdl_last_run_rejected_rows'), 1);
      assert.equal([second('mdl_loaded_rows_total'), second('mdl_rejected_rows_total')], [3, 1]);
      assert.ok(second('mdl_last_publish_timestamp_seconds')! > published);
      assert.is(second('mdl_schedule_last_status', { schedule: 'hourly', status: 'timed out' }), 1);
      assert.is(
        second('mdl_schedule_last_due_timestamp_seconds', { schedule: 'hourly' }),
        Date.parse('2026-01-01T02:00Z') / 1000,
      );
      assert.ok(second('mdl_catalog_refreshes_total')! >= 1);

      project.write('seeds/t.csv', 'id,v\n1,\n');
      assert.is((await project.mdl('build')).code, 1);
      await until(async () => (await scrape(api))('mdl_runs_total', by('failed')) === 1);
      const third = await scrape(api);
      assert.is(third('mdl_runs_total', by('succeeded')), 1);
      assert.equal(
        [
          third('mdl_last_run_status', { status: 'failed' }),
          third('mdl_last_run_status', { status: 'succeeded' }),
        ],
        [1, 0],
      );
      assert.is(third('mdl_last_run_tests', { status: 'failed' }), 1);
      assert.is(third('mdl_last_publish_timestamp_seconds'), second('mdl_last_publish_timestamp_seconds'));
      assert.ok(
        third('mdl_last_run_success_timestamp_seconds')! < third('mdl_last_run_finished_timestamp_seconds')!,
      );
      // Retention takes from what is held, never from what is counted.
      await project.mdl('runs', 'prune', '--keep-runs', '1');
      await until(
        async () =>
          (await scrape(api))('mdl_history_runs', by('failed')) === 1 &&
          (await scrape(api))('mdl_history_runs', by('succeeded')) === 1,
      );
      assert.is((await scrape(api))('mdl_runs_total', by('succeeded')), 1);

      // A database that does not answer leaves what the server knows by itself.
      const lock = await sql.reserve();
      await lock`begin`;
      await lock`lock table medallion.runs in access exclusive mode`;
      await until(async () => (await scrape(api))('mdl_database_up') === 0);
      const down = await scrape(api);
      assert.is(down('mdl_last_run_finished_timestamp_seconds'), undefined);
      assert.ok(down('mdl_http_requests_total', { kind: 'other', method: 'GET', status: '200' })! > 0);
      await lock`rollback`;
      lock.release();
      await until(async () => (await scrape(api))('mdl_database_up') === 1);
    });
  }));

test('who may read them: this machine, and who has the key', async () => {
  const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
  const key = 'metrics-key-of-16-or-more';
  const admin = 'admin-key-of-16-or-more';
  await withFilms(`admin: '${admin}'`, async (api) => {
    const status = async (headers: Record<string, string>) => (await api.get('/metrics', { headers })).status;
    assert.is(await status({}), 200);
    assert.is(await status({ 'x-forwarded-for': '10.0.0.1' }), 401, 'a proxy stands between');
    assert.is(await status({ 'x-forwarded-for': '10.0.0.1', authorization: `Bearer ${admin}` }), 200);
    assert.is(
      await status({ 'sec-fetch-site': 'cross-site' }),
      403,
      'a page of others in a browser of this machine',
    );
  });
  await withFilms(`host: '0.0.0.0', ui: false, admin: '${admin}', metricsKey: '${key}'`, async (api) => {
    const refused = await api.get('/metrics');
    assert.equal([refused.status, refused.json.code], [401, 'UI401']);
    assert.is(refused.headers.get('www-authenticate'), 'Bearer');
    for (const wrong of [admin, 'x', `${key}x`])
      assert.is((await api.get('/metrics', bearer(wrong))).status, 401);
    const { status, text } = await api.get('/metrics', bearer(key));
    assert.is(status, 200);
    assert.ok(parseMetrics(text).size > 30);
    assert.not.match(text, key);
  });
  await withFilms(`host: '0.0.0.0', ui: false`, async (api) =>
    assert.match((await api.get('/metrics', bearer(key))).json.hint, 'metricsKey'),
  );
  await withFilms('metrics: false', async (api) => {
    const { status, json } = await api.get('/metrics');
    assert.equal([status, json.code], [404, 'PGRST205'], 'a relation of that name, if there is one');
  });
  await withShop(`metricsKey: 'short'`, async (project) => {
    const { stderr } = await project.mdl('serve');
    assert.match(stderr, /MDL1003.*serve\.metricsKey.*16 characters/s);
  });
});

test.run();
