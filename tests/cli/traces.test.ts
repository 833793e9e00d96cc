// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { type Collector, type ReceivedSpan, startCollector } from '../support/collector.ts';
import { withFilms } from '../support/films.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('traces');

/** With these variables in the environment of what is started meanwhile. */
async function withEnvironment(variables: Record<string, string>, work: () => Promise<void>): Promise<void> {
  Object.assign(process.env, variables);
  try {
    await work();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

async function withCollector(work: (collector: Collector) => Promise<void>, answers?: number | 'never') {
  const collector = await startCollector(answers);
  try {
    await work(collector);
  } finally {
    await collector.close();
  }
}

const files = (telemetry: string) => ({
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) }, layers: { gold: {} },
  grants: { gold: { select: ['anon'] } }, hooks: { on_run_start: 'select 1' }, ${telemetry} });`,
  'seeds/t.csv': 'id,v\n1,a\n2,confidential\n',
  'models/gold/g.sql': `/*---
columns: { id: { type: int }, v: { type: text, tests: [ { accepted_values: [a], severity: warn } ] } }
---*/
select id, v from {{ref "bronze.t"}}`,
  'tests/few.sql': 'select * from {{ref "gold.g"}} where id > 5',
});

/** Fails once, in a way that may pass: a sequence remembers that across the rollback. */
const flaky = `
  create sequence public.tries;
  create function public.flaky() returns int language plpgsql as $$ begin
    if nextval('public.tries') = 1 then raise exception 'confidential' using errcode = '40001'; end if;
    return 1;
  end $$`;

const named = (spans: readonly ReceivedSpan[], name: string) => {
  const found = spans.filter((span) => span.name === name);
  assert.is(found.length, 1, `${name} among ${spans.map((span) => span.name)}`);
  return found[0]!;
};

test('a run is a trace: a span for the run, one for each node and the publish; a part of the pipeline that began it', () =>
  withCollector((collector) =>
    withProject(
      files(
        `telemetry: { traces: { url: '${collector.url}/v1/traces', headers: { authorization: 'Bearer collector-secret' } } }`,
      ),
      async (project) => {
        await createRoles(project.sql, 'anon');
        await project.sql.unsafe(flaky);
        project.write(
          'models/gold/again.sql',
          '/*---\nretries: 1\nretry_delay: 1 ms\n---*/\nselect public.flaky() as n, id from {{ref "bronze.t"}} limit 1',
        );
        const traceId = '0af7651916cd43dd8448eb211c80319c';
        await withEnvironment({ TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01` }, async () => {
          const { code, stdout } = await project.mdl('build');
          assert.is(code, 0, stdout);
        });
        const root = named(collector.spans, 'mdl build');
        assert.equal([root.traceId, root.parentSpanId, root.kind], [traceId, 'b7ad6b7169203331', 1]);
        const [run] = await project.sql`select run_id::int as id from medallion.runs`;
        const { attributes } = root;
        assert.is(attributes['mdl.run.id'], run!.id);
        assert.equal(
          ['mdl.project', 'mdl.target', 'mdl.run.cause', 'mdl.status', 'mdl.counts.rows_read'].map(
            (name) => attributes[name],
          ),
          ['loja', 'default', 'by hand', 'succeeded', 2],
        );
        assert.is(root.status.code, 0);
        assert.is(root.resource['service.name'], 'loja');
        assert.is(root.resource['telemetry.sdk.language'], 'nodejs');
        assert.is(collector.headers.authorization, 'Bearer collector-secret');
        const children = [
          'load bronze.t',
          'model gold.g',
          'model gold.again',
          'test test.few',
          'publish',
          'hook on_run_start',
        ].map((name) => named(collector.spans, name));
        assert.is(collector.spans.length, 7);
        for (const child of children) {
          assert.equal([child.traceId, child.parentSpanId], [traceId, root.spanId], child.name);
          assert.ok(child.start <= child.end && child.end <= root.end + 1_000_000n, child.name);
        }
        const [load, model] = children as [ReceivedSpan, ReceivedSpan];
        assert.ok(load.end <= model.start + 1_000_000n);
        assert.is(load.attributes['mdl.rows.inserted'], 2);
        assert.equal([model.attributes['mdl.rows'], model.attributes['mdl.tests.warned']], [2, 1]);
        assert.match(
          model.events.find(({ name }) => name === 'test warned')!.attributes['mdl.test'] as string,
          'accepted_values',
        );
        const again = named(collector.spans, 'model gold.again');
        assert.equal([again.attributes['mdl.attempts'], again.attributes['mdl.status']], [2, 'succeeded']);
        assert.is(again.events.find(({ name }) => name === 'retried')!.attributes['mdl.attempt'], 2);
        assert.not.match(collector.text, 'confidential', 'rows are not told');
        const shown = await project.mdl('runs', 'show', String(run!.id));
        assert.match(shown.stdout, `trace ${traceId}`);

        // What fails says so, with its code, and without values and passwords.
        project.write('seeds/t.csv', 'id,v\n1,a\nconfidential,b\n');
        assert.is((await project.mdl('build')).code, 1);
        const failed = collector.spans.filter((span) => span.traceId !== traceId);
        const broken = named(failed, 'model gold.g');
        assert.is(broken.status.code, 2);
        assert.match(broken.attributes['error.type'] as string, /^MDL\d{4}$/);
        assert.is(
          broken.events.find(({ name }) => name === 'exception')!.attributes['exception.type'],
          broken.attributes['error.type'],
        );
        const end = named(failed, 'mdl build');
        assert.equal(
          [end.parentSpanId, end.status.code, end.attributes['mdl.status']],
          [undefined, 2, 'failed'],
        );
        assert.ok(end.events.some(({ name }) => name === 'publish refused'));
        assert.ok(
          end.events.some(
            ({ name, attributes }) => name === 'skipped' && attributes['mdl.node'] === 'test.few',
          ),
        );
        const password = URL.parse(project.url)?.password;
        if (password) assert.not.match(collector.text, password);
        assert.not.match(collector.text, 'collector-secret');
      },
    ),
  ));

test('the standard variables: endpoint, headers, name, sampler, and off', () =>
  withCollector((collector) =>
    withProject(files(''), async (project) => {
      await createRoles(project.sql, 'anon');
      const build = (variables: Record<string, string>) =>
        withEnvironment(variables, async () => assert.is((await project.mdl('build')).code, 0));
      const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
      await build({ ...endpoint, OTEL_SDK_DISABLED: 'true' });
      await build({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' });
      await build({ ...endpoint, OTEL_TRACES_SAMPLER: 'always_off' });
      assert.is(collector.spans.length, 0);
      await build({
        ...endpoint,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-team=data',
        OTEL_SERVICE_NAME: 'vendas',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=teste',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      });
      const { resource } = named(collector.spans, 'mdl build');
      assert.equal([resource['service.name'], resource['deployment.environment.name']], ['vendas', 'teste']);
      assert.equal([collector.headers['x-team'], collector.headers['content-encoding']], ['data', 'gzip']);
      const before = collector.spans.length;
      await build({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` });
      assert.ok(collector.spans.length > before);
      const count = collector.spans.length;
      project.write(
        'medallion.config.ts',
        files(`telemetry: { traces: { url: '${collector.url}/v1/traces', sampleRatio: 0 } }`)[
          'medallion.config.ts'
        ],
      );
      await build({});
      assert.is(collector.spans.length, count, 'a ratio of 0 sends nothing');
      for (const [wrong, told] of [
        [`traces: 'collector:4318'`, /telemetry\.traces.*address/s],
        [`traces: { uri: 'http://x' }`, /url/],
        [`traces: { url: 'http://x', sampleRatio: 2 }`, /telemetry\.traces/],
      ] as const) {
        project.write('medallion.config.ts', files(`telemetry: { ${wrong} }`)['medallion.config.ts']);
        const { code, stderr } = await project.mdl('ls');
        assert.is(code, 2);
        assert.match(stderr, 'MDL1003');
        assert.match(stderr, told);
      }
    }),
  ));

test('a request is a span of the trace that it belongs to, with the statement that answers it, and without values', () =>
  withCollector(async (collector) => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: 'vendor=1' };
    await withEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, () =>
      withFilms('', async (api) => {
        await api.get('/films?title=eq.Mar&select=title,year', { headers });
        await api.get('/nothing?name=eq.Joana');
        await api.get('/films?select=title&limit=1001');
        await api.get('/films?rating=gt.secreto');
        await api.get('/films', { method: 'DELETE' });
        await api.get('/a/b/c');
        await Promise.all([1, 2, 3].map((id) => api.get(`/actors?id=eq.${id}`)));
      }),
    );
    const { spans } = collector;
    const requests = spans.filter(({ kind }) => kind === 2);
    const statements = spans.filter(({ kind }) => kind === 3);
    const asked = named(
      spans.filter((span) => span.traceId === traceId && span.kind === 2),
      'GET /:name',
    );
    assert.is(asked.parentSpanId, '00f067aa0ba902b7');
    const { attributes } = asked;
    assert.equal(
      [
        'http.request.method',
        'url.path',
        'url.query',
        'http.route',
        'http.response.status_code',
        'url.scheme',
      ].map((name) => attributes[name]),
      ['GET', '/films', 'title=…&select=…', '/:name', 200, 'http'],
    );
    const [statement] = statements.filter((span) => span.traceId === traceId);
    assert.is(statement!.parentSpanId, asked.spanId);
    assert.is(statement!.attributes['db.system.name'], 'postgresql');
    const text = statement!.attributes['db.query.text'] as string;
    assert.match(text, /"title" = \$\d/);
    assert.not.match(text, 'Mar');
    const of = (path: string) => requests.filter((span) => span.attributes['url.path'] === path);
    assert.equal(
      [of('/nothing')[0]!.attributes['http.response.status_code'], of('/nothing')[0]!.status.code],
      [404, 0],
    );
    // Each of those that were asked at once has its own.
    const actors = of('/actors');
    assert.is(actors.length, 3);
    for (const one of actors)
      assert.is(statements.filter((span) => span.parentSpanId === one.spanId).length, 1);
    const refused = statements.find(({ attributes }) => attributes['error.type'] !== undefined)!;
    assert.equal([refused.attributes['error.type'], refused.status.code], ['22P02', 2]);
    assert.equal(
      requests
        .filter(({ name }) => !name.endsWith('/:name'))
        .map(({ name, attributes }) => [name, attributes['http.response.status_code']]),
      [
        ['DELETE', 405],
        ['GET', 404],
      ],
    );
    for (const secret of ['Joana', 'secreto']) assert.not.match(collector.text, secret);
  }));

test('a collector that is not there, refuses or does not answer disturbs nothing, and is told once', async () => {
  const told = async (url: string, expected: RegExp) =>
    withProject(files(`telemetry: { traces: '${url}' }`), async (project) => {
      await createRoles(project.sql, 'anon');
      const events = await project.events('build');
      assert.equal(
        events
          .filter(({ event, message }) => event === 'notice' && /Traces/.test(message))
          .map(({ message }) => expected.test(message)),
        [true],
        JSON.stringify(events.filter(({ event }) => event === 'notice')),
      );
      assert.equal([events.at(-1)!.event, events.at(-1)!.status], ['run.finished', 'succeeded']);
    });
  const gone = await startCollector();
  await gone.close();
  const { host } = new URL(gone.url);
  await told(
    `http://user:hidden@${host}/v1/traces?key=hidden`,
    /^Traces cannot be sent to http:\/\/[\d.:]+\/v1\/traces: .*ECONNREFUSED/,
  );
  await withCollector(({ url }) => told(`${url}/v1/traces`, /Traces cannot be sent/), 400);
  await withCollector(({ url }) => told(`${url}/v1/traces`, /Traces cannot be sent/), 'never');

  await withProject(files(`telemetry: { traces: '${gone.url}/v1/traces' }`), async (project) => {
    await createRoles(project.sql, 'anon');
    await project.mdl('build');
    let events: readonly Record<string, any>[] = [];
    await withApi(project, async (api) => {
      ({ events } = api);
      for (let i = 0; i < 600; i++) await api.get(`/g?id=eq.${i}`);
    });
    const failures = events.filter(({ event }) => event === 'serve.failed');
    assert.equal(
      failures.map(({ error }) => error.code),
      ['MDL7101'],
    );
  });
});

test.run();
