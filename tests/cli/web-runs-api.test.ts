// in one process
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Api, withApi } from '../support/api.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { hold, until, untilHeld, waitingModel } from '../support/wait.ts';

const test = suite('web: runs over HTTP');
const key = 'key-of-the-operator';
let project: TestProject;

test.before(async () => {
  project = await testProject({
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) },
  grants: { gold: { select: ['anon'] } }, serve: { admin: '${key}' },
  schedule: { nightly: { cron: '0 3 * * *', timezone: 'America/Recife', select: ['gold.*'] } } });`,
    'seeds/people.csv': 'id,age\n1,30\n2,400\n3,500\n',
    'models/gold/people.sql':
      '/*---\ncolumns: { id: int, age: { type: int, tests: [{ between: [0, 120] }] } }\n---*/\nselect id, age from {{ref "bronze.people"}}',
    'models/gold/slow.sql': waitingModel,
  });
  await createRoles(project.sql, 'anon');
});
test.after(() => project.close());

/** Signs in; requests of the operator's page. */
async function operator({ get, url }: Api) {
  const json = { 'content-type': 'application/json' };
  const signedIn = await get('/ui/api/session', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ key }),
  });
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const { csrf } = (await get('/ui/api/session', { headers: { cookie } })).json;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    get(path, {
      method: 'POST',
      headers: { ...json, cookie, 'x-mdl-csrf': csrf, origin: url, ...headers },
      body: JSON.stringify(body),
    });
  return { post, cookie };
}

const ended = ({ get }: Api, runId: number) =>
  until(async () => (await get(`/ui/api/runs/${runId}`)).json.status !== 'running');

test('before anything was built there is nothing to see, and no error', () =>
  withApi(project, async ({ get }) => {
    assert.equal((await get('/ui/api/runs')).json, { runs: [], hasMore: false });
    assert.is((await get('/ui/api/runs/1')).status, 404);
    const { schedules, isActive } = (await get('/ui/api/schedules')).json;
    assert.is(isActive, false);
    assert.equal([schedules[0].name, schedules[0].occurrences], ['nightly', []]);
    assert.match(schedules[0].next, /T06:00:00/);
  }));

test('only an operator whose own page asks begins, cancels and tries again', () =>
  withApi(project, async (api) => {
    const { get, url } = api;
    const refused = async (path: string, headers: Record<string, string>, method = 'POST') =>
      (await get(path, { method, headers: { 'content-type': 'application/json', ...headers }, body: '{}' }))
        .status;
    for (const path of ['/ui/api/runs', '/ui/api/runs/1/cancel', '/ui/api/runs/1/retry'])
      assert.is(await refused(path, {}), 401, path);
    const { post, cookie } = await operator(api);
    assert.is(await refused('/ui/api/runs', { cookie }), 403, 'without the token');
    assert.is(await refused('/ui/api/runs', { cookie, 'x-mdl-csrf': 'guess' }), 403);
    assert.is((await post('/ui/api/runs', {}, { origin: 'http://evil.example' })).status, 403);
    assert.is((await post('/ui/api/runs', {}, { 'sec-fetch-site': 'cross-site' })).status, 403);
    // Who comes from elsewhere sees nothing either.
    const far = { 'x-forwarded-for': '203.0.113.9' };
    for (const path of [
      '/ui/api/runs',
      '/ui/api/runs/1',
      '/ui/api/runs/1/events',
      '/ui/api/runs/1/rows',
      '/ui/api/schedules',
    ])
      assert.is((await get(path, { headers: far })).status, 401, path);
    assert.is((await get('/ui/api/runs', { headers: { ...far, cookie } })).status, 200);
    // Nothing of that has begun a run.
    assert.equal((await get('/ui/api/runs')).json.runs, []);
    for (const [body, code] of [
      [{ command: 'drop' }, 'UI400'],
      [{ select: 'gold' }, 'UI400'],
      [{ sql: 'select 1' }, 'UI400'],
      [{ select: ['gold.nothing'] }, 'MDL1005'],
    ] as const) {
      const { status, json } = await post('/ui/api/runs', body);
      assert.ok(status === 400 || status === 422);
      assert.is(json.code, code);
    }
    for (const path of [
      '/ui/api/runs/x',
      '/ui/api/runs?limit=-1',
      '/ui/api/runs?before=1;drop',
      '/ui/api/runs/1/events?after=1e3',
    ])
      assert.is((await get(path)).status, 400, path);
    assert.match(url, 'http://');
  }));

test('begun, watched, cancelled, taken up again; failing rows; pages are told', () =>
  withApi(project, async (api) => {
    const { get, url } = api;
    const listening = new AbortController();
    const heard: Record<string, any>[] = [];
    const stream = await fetch(`${url}/ui/api/events`, { signal: listening.signal });
    const reading = (async () => {
      for await (const chunk of stream.body!.pipeThrough(
        new TextDecoderStream() as never,
      ) as unknown as AsyncIterable<string>)
        for (const [, data] of chunk.matchAll(/^data: (.*)$/gm)) heard.push(JSON.parse(data!));
    })().catch(() => {});
    const { post } = await operator(api);
    const release = await hold(project.sql);
    const begun = await post('/ui/api/runs', { command: 'build', select: ['+gold.slow', '+gold.people'] });
    assert.is(begun.status, 201);
    const { runId } = begun.json;
    await untilHeld(project.sql);
    await until(() => heard.some((event) => event.event === 'run' && event.runId === runId));
    const going = (await get(`/ui/api/runs/${runId}`)).json;
    assert.equal([going.status, going.cause, going.selection], ['running', 'web', '+gold.slow +gold.people']);
    assert.equal([...going.planned].sort(), ['bronze.people', 'gold.people', 'gold.slow']);
    const second = await post('/ui/api/runs', {});
    assert.equal([second.status, second.json.code], [409, 'MDL5001']);

    assert.is((await post(`/ui/api/runs/${runId}/cancel`, {})).status, 202);
    await ended(api, runId);
    await release();
    const cancelled = (await get(`/ui/api/runs/${runId}`)).json;
    assert.is(cancelled.status, 'interrupted');
    assert.match(cancelled.error.message, 'by the operator');
    assert.is((await post(`/ui/api/runs/${runId}/cancel`, {})).status, 409);

    const again = await post(`/ui/api/runs/${runId}/retry`, {});
    assert.is(again.status, 201);
    await ended(api, again.json.runId);
    const failed = (await get(`/ui/api/runs/${again.json.runId}`)).json;
    assert.equal(
      [failed.status, failed.cause, failed.retryOf, failed.publishedAt],
      ['failed', 'retry', runId, null],
    );
    const { tests } = failed.nodes.find(({ node }: any) => node === 'gold.people');
    assert.is(tests[0].failures, 2);
    const rows = (await get(`/ui/api/runs/${failed.runId}/rows?test=${encodeURIComponent(tests[0].test)}`))
      .json;
    assert.equal(
      rows.rows.map(([id]: string[]) => id),
      ['2', '3'],
    );
    const { events, isComplete } = (await get(`/ui/api/runs/${failed.runId}/events?after=1`)).json;
    assert.is(isComplete, true);
    assert.equal([events[0].seq, events.at(-1).event.event], [2, 'run.finished']);
    const { runs, hasMore } = (await get('/ui/api/runs?limit=1')).json;
    assert.equal([runs[0].runId, hasMore], [failed.runId, true]);
    assert.equal(
      (await get(`/ui/api/runs?before=${failed.runId}`)).json.runs.map((run: any) => run.runId),
      [runId],
    );
    listening.abort();
    await reading;
  }));

test('a server that ends interrupts what it has begun', async () => {
  const release = await hold(project.sql);
  let begun = 0;
  await withApi(project, async (api) => {
    const { post } = await operator(api);
    begun = (await post('/ui/api/runs', { select: ['gold.slow'] })).json.runId;
    await untilHeld(project.sql);
  });
  const [run] = await project.sql`select status from medallion.runs where run_id = ${begun}`;
  assert.is(run!.status, 'interrupted');
  await release();
  // One that is killed is told as crashed by the next.
  const held = await hold(project.sql);
  const server = project.spawn('serve', '--port', '0', '--json');
  const [line] = await once(server.stdout!, 'data');
  const { url } = JSON.parse(String(line).split('\n')[0]!);
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text && JSON.parse(text) };
  };
  const { post } = await operator({ get, url, pid: server.pid!, events: [] });
  const { runId } = (await post('/ui/api/runs', { select: ['gold.slow'] })).json;
  await untilHeld(project.sql);
  server.kill('SIGKILL');
  await once(server, 'close');
  await withApi(project, async (api) => {
    await until(async () => (await api.get(`/ui/api/runs/${runId}`)).json.status === 'crashed');
  });
  await held();
});

test.run();
