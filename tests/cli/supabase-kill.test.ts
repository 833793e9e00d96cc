import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint, type Supabase, withSupabase } from '../support/supabase.ts';

const test = suite('supabase: loads that are killed');
const columns = ['id', 'v', 'n'];
const rows = 30_000;
const pageRows = 250;
const sql = `
  create table t (id bigint primary key, v text, n numeric);
  insert into t select i * 3, md5(i::text), i / 7.0 from generate_series(1, ${rows}) i;
  analyze t`;

/** A load, killed a moment after it has made so many requests. @returns whether it was; one that needs fewer ends well */
async function isKilledAt({ project, server }: Supabase, requests: number): Promise<boolean> {
  const before = server.requests.length;
  const child = project.spawn('load', '--json');
  let output = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const timer = setInterval(() => {
    if (server.requests.length - before < requests) return;
    clearInterval(timer);
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
  }, 1);
  const code = await ended;
  clearInterval(timer);
  assert.ok(code === null || code === 0, output);
  return code === null;
}

/** Rows of the newest load that are committed, if it did not end. */
async function committedRows({ project }: Supabase): Promise<number> {
  const [load] = await project.sql`
    select case status when 'running' then read else 0 end::int as read from medallion.loads order by load_id desc limit 1`;
  return load!.read;
}

/** Pages that were asked for, by the id that they begin behind. */
const pagesSince = ({ server }: Supabase, request: number): number[] =>
  server.requests
    .slice(request)
    .filter(({ parameters }) => parameters.has('order') && !parameters.has('offset'))
    .map(({ parameters }) => Number(/^gte?\.(\d+)/.exec(parameters.get('id') ?? '')?.[1] ?? 0));

for (const [strategy, kills, bronze] of [
  // Bronze has no key: a row that came twice would be there twice.
  ['replace', 16, ''],
  ['upsert', 8, `, key: 'id', load: 'upsert', deletes: 'remove'`],
] as const)
  test(`${kills} kills at random moments of ${strategy} loads, ranges side by side: not a row is lost or doubled, and each goes on where the one before was`, () =>
    withSupabase(
      { sql, maxRows: pageRows, bronze: `from: 'api.t', batchRows: 1000${bronze}` },
      async (supabase) => {
        const { project, server } = supabase;
        const expected = await fingerprint(project, 't', columns);
        const isWhole = async () =>
          assert.equal(await fingerprint(project, 'bronze.t', columns), expected, 'every value');
        assert.not(await isKilledAt(supabase, Number.POSITIVE_INFINITY));
        await isWhole();
        const requests = server.requests.length;
        let committed = 0;
        let goneOn = 0;
        for (let killed = 0, loads = 0; killed < kills || committed > 0; loads++) {
          assert.ok(loads < 100, `${killed} of ${loads} loads were killed`);
          const before = server.requests.length;
          const wasKilled = await isKilledAt(
            supabase,
            killed < kills ? 1 + Math.random() * requests * 0.7 : Number.POSITIVE_INFINITY,
          );
          const pages = pagesSince(supabase, before);
          // Keys are three times the number of their row.
          assert.ok(
            pages.every((id) => id >= committed * 3),
            `${committed} rows were there: ${pages}`,
          );
          if (committed > 0) goneOn++;
          if (wasKilled) killed++;
          else {
            const needed = (rows - committed) / pageRows;
            assert.ok(pages.length <= needed * 1.2 + 10, `${pages.length} pages where ${needed} were left`);
            await isWhole();
          }
          committed = await committedRows(supabase);
        }
        assert.ok(goneOn >= kills / 4, `${goneOn} loads had something to go on from`);
        await isWhole();
      },
    ));

test.run();
