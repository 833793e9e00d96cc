// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault, SeenRequest } from '../support/postgrest/faults.ts';
import { fingerprint, loadsExactly, type Supabase, withSupabase } from '../support/supabase.ts';

/** Nothing lost and nothing twice, whatever the server does. `replace` has no key in bronze: a row that came twice would be there twice. */
const test = suite('supabase: a server that misbehaves');
const columns = ['id', 'v'];
const rows = 3000;
const sql = `
  create table t (id int primary key, v text);
  insert into t select i * 2, md5(i::text) from generate_series(1, ${rows}) i`;
const isPage = ({ parameters }: SeenRequest) => parameters.has('order');

/** @param fault of a page, by its number from 1 */
function withFaults(
  fault: (page: number, request: SeenRequest) => Promise<Fault | undefined> | Fault | undefined,
  work: (supabase: Supabase) => Promise<void>,
  options: { source?: string; maxRows?: number } = {},
): Promise<void> {
  let pages = 0;
  return withSupabase(
    {
      sql,
      bronze: `from: 'api.t', batchRows: 250`,
      maxRows: 100,
      ...options,
      misbehave: (request) => (isPage(request) ? fault(++pages, request) : undefined),
    },
    work,
  );
}

const loadsWell = async (supabase: Supabase) => {
  const { read, rejected } = await loadsExactly(supabase, 't', columns);
  assert.equal([read, rejected], [rows, 0]);
};

test('short pages, of any length, are not the end', () =>
  withFaults(() => ({ kind: 'short', rows: 1 + Math.floor(Math.random() * 60) }), loadsWell));

test('pages of a single row', () =>
  withFaults((page) => (page > 25 ? undefined : { kind: 'short', rows: 1 }), loadsWell));

for (const status of [500, 502, 503, 504, 520])
  test(`status ${status} with a page of HTML`, () =>
    withFaults(
      (page) => (page % 9 === 0 ? { kind: 'status', status, body: '<html>oh</html>' } : undefined),
      loadsWell,
    ));

test('connections cut in the middle of a body', () =>
  withFaults((page) => (page % 7 === 0 ? { kind: 'cut' } : undefined), loadsWell));

test('half a body with status 200', () =>
  withFaults((page) => (page % 7 === 0 ? { kind: 'truncated' } : undefined), loadsWell));

test('bodies slower than the time for a request', () =>
  withFaults((page) => (page % 10 === 0 ? { kind: 'slow', ms: 5_000 } : undefined), loadsWell, {
    source: 'timeout: 0.4',
  }));

for (const [how, header] of [
  ['seconds', () => '1'],
  ['a date', () => new Date(Date.now() + 2000).toUTCString()],
] as const)
  test(`429 with Retry-After in ${how}: nobody asks before`, async () => {
    const asked: number[] = [];
    let closed = 0;
    await withFaults((page) => {
      asked.push(Date.now());
      if (page !== 12) return undefined;
      closed = Date.now();
      return {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': header() },
        body: '{"message":"slow down"}',
      };
    }, loadsWell);
    // Requests that were under way at the same moment may still come.
    const early = asked.filter((at) => at > closed + 200 && at < closed + 900);
    assert.equal(early, []);
  });

test('a page that is too large, or takes too long, becomes smaller', () =>
  withFaults(
    (_, { parameters }) =>
      Number(parameters.get('limit')) > 700
        ? { kind: 'status', status: 413 }
        : Number(parameters.get('limit')) > 400
          ? {
              kind: 'status',
              status: 500,
              body: '{"code":"57014","message":"canceling statement due to statement timeout"}',
            }
          : undefined,
    async (supabase) => {
      await loadsWell(supabase);
      const limits = supabase.server.requests.filter(isPage).map(({ parameters }) => parameters.get('limit'));
      assert.ok(Number(limits.at(-1)) <= 400, limits.join());
    },
    { maxRows: 100_000 },
  ));

test('a table that changes under the reader: what stands still is there once, and no key twice', async () => {
  let supabase: Supabase | undefined;
  await withFaults(
    async (page) => {
      // Keys of rows that stand still are even; odd ones come, change and go before and behind the reader.
      const { sql: db } = supabase!.project;
      await db`insert into t select (random() * ${rows})::int * 2 + 1, 'new' from generate_series(1, 20) on conflict do nothing`;
      await db`update t set v = v || '!' where id % 2 = 1 and random() < 0.2`;
      await db`delete from t where id % 2 = 1 and random() < 0.3`;
      if (page % 10 === 0) await db`vacuum t`;
      return undefined;
    },
    async (running) => {
      supabase = running;
      const { project } = running;
      await project.mdl('load');
      assert.equal(
        await fingerprint(project, '(select * from bronze.t where id::int % 2 = 0) b', columns),
        await fingerprint(project, '(select * from t where id % 2 = 0) t', columns),
      );
      const twice = await project.sql`select id from bronze.t group by id having count(*) > 1`;
      assert.equal([...twice], []);
      const [changing] = await project.sql`select count(*)::int as rows from bronze.t where id::int % 2 = 1`;
      assert.ok(changing!.rows > 0, 'it did change');
    },
  );
});

test.run();
