// in one process
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createClient } from '@supabase/supabase-js';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import type { ProjectAnswer, ProjectRelation } from '../../cli/serve/ui/shapes.ts';
import { type CodeOptions, curlCode, fetchCode, supabaseCode } from '../../cli/web/pages/explore/code.ts';
import { viewAddress } from '../../cli/web/pages/explore/request.ts';
import { type View, wholeView } from '../../cli/web/pages/explore/view.ts';
import { readView } from '../../cli/web/pages/explore/view-query.ts';
import type { Api } from '../support/api.ts';
import { withFilms } from '../support/films.ts';
import { oddValues, viewsOf } from '../support/views.ts';

/** The code that the explorer offers is run as it is, and gives what the address gives that the page itself asks. */
const test = suite('web: code of the explorer');
const run = promisify(execFile);

const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (...given: unknown[]) => Promise<unknown>;

/** Runs a program that leaves what it has read in `data`; the error's code where there is one. */
async function rowsOf(code: string): Promise<unknown> {
  const body = code.replace(/^import .*;$/m, '');
  assert.is(body.includes('import '), false, code);
  const end = "\nreturn { data, error: typeof error === 'undefined' ? null : error };";
  const { data, error } = (await new AsyncFunction('createClient', body + end)((url: string, key: string) =>
    // Only what Node 20 lacks is ours.
    createClient(url, key, { realtime: { transport: WebSocket as never } }),
  )) as { data: { code?: string } | null; error: { code: string } | null };
  return error ? { code: error.code } : Array.isArray(data) ? data : { code: data?.code };
}

async function answerOf({ get }: Api, view: View, relation: ProjectRelation): Promise<unknown> {
  const { json } = await get(viewAddress(view, relation), { headers: { 'accept-profile': relation.schema } });
  return Array.isArray(json) ? json : { code: json.code };
}

async function relationsOf({ get }: Api): Promise<ReadonlyMap<string, ProjectRelation>> {
  const { relations } = (await get('/ui/api/project')).json as ProjectAnswer;
  return new Map(relations.map((relation) => [relation.name, relation]));
}

const only = (names: readonly string[]) => (row: Record<string, unknown>) =>
  Object.fromEntries(names.map((name) => [name, row[name]]));

/** Queries of the page's URL, and what they show. */
const views: readonly (readonly [relation: string, query: string, expected: readonly unknown[]])[] = [
  ['films', 'select=id&year=gt.2004&order=id.desc', [{ id: 4 }, { id: 3 }]],
  ['films', 'select=id&year=gte.2004&rating=lte.8', [{ id: 2 }, { id: 4 }]],
  ['films', 'select=id&title=ilike.*u*', [{ id: 4 }]],
  ['films', 'select=id&title=not.ilike.*u*&title=like.M*', [{ id: 1 }]],
  ['films', 'select=id&title=in.("Rio, o","Sol \\"x\\"")', [{ id: 2 }, { id: 3 }]],
  ['films', 'select=id&title=not.in.(Mar,Lua)', [{ id: 2 }, { id: 3 }]],
  ['films', 'select=id&id=in.(1,3)', [{ id: 1 }, { id: 3 }]],
  ['films', 'select=id&rating=is.null', [{ id: 3 }]],
  ['films', 'select=id&mood=is.not_null&is_long=not.is.true', [{ id: 1 }, { id: 4 }]],
  ['films', 'select=id&is_long=is.true', [{ id: 2 }, { id: 3 }]],
  ['films', 'select=id&is_long=is.unknown', [{ id: 4 }]],
  ['films', 'select=id&and=(year.gte.2000,year.lt.2010)', [{ id: 2 }]],
  ['films', 'select=id&info=cs.{"lang":"zh"}', [{ id: 3 }]],
  ['films', 'select=id&title=imatch.^m', [{ id: 1 }]],
  ['films', 'select=id&order=rating.desc', [{ id: 2 }, { id: 1 }, { id: 4 }, { id: 3 }]],
  ['films', 'select=id&order=year.desc,title.desc', [{ id: 3 }, { id: 4 }, { id: 2 }, { id: 1 }]],
  ['films', 'select=id&limit=2&offset=1', [{ id: 2 }, { id: 3 }]],
  ['films', 'select=title,id&id=eq.1', [{ title: 'Mar', id: 1 }]],
  [
    'films',
    'select=year,count(),rating.sum(),rating.max()',
    [
      { year: 1999, count: 1, rating_sum: 7.5, rating_max: 7.5 },
      { year: 2004, count: 1, rating_sum: 8, rating_max: 8 },
      { year: 2010, count: 2, rating_sum: 6.1, rating_max: 6.1 },
    ],
  ],
  ['films', 'select=count()', [{ count: 4 }]],
  ['directors', 'select=id&born=gte.1970-02-03&order=born', [{ id: 1 }, { id: 2 }]],
  ["Città d'Italia", 'select="nome, cognome"&"A\\"b"=eq.r', [{ 'nome, cognome': 'y, z' }]],
  [
    "Città d'Italia",
    '"select"=eq.7&ação=neq.x',
    [{ id: 1, 'nome, cognome': 'x', select: 7, 'A"b': 'q', ação: 'á' }],
  ],
];

test('curl, fetch and supabase-js read what the page reads, for each thing that it filters, sorts and groups by', async () => {
  await withFilms('aggregates: true', async (api) => {
    const relations = await relationsOf(api);
    const options: CodeOptions = { origin: api.url, defaultSchema: 'api', hasKey: false };
    for (const [name, query, expected] of views) {
      const relation = relations.get(name)!;
      const { view, ignored } = readView(new URLSearchParams(query), relation);
      assert.equal(ignored, [], query);
      assert.equal(await answerOf(api, view, relation), expected, query);
      assert.equal(await rowsOf(supabaseCode(view, relation, options)), expected, query);
      assert.equal(await rowsOf(fetchCode(view, relation, options)), expected, query);
      // Where nothing is the default, the schema is named.
      for (const defaultSchema of ['api', 'other']) {
        const { stdout } = await run('sh', [
          '-c',
          `${curlCode(view, relation, { ...options, defaultSchema })} -s`,
        ]);
        assert.equal(JSON.parse(stdout), expected, query);
      }
      assert.equal(
        await rowsOf(fetchCode(view, relation, { ...options, defaultSchema: 'other' })),
        expected,
        query,
      );
    }
  });
});

test('and whatever the columns and values are called', async () => {
  await withFilms('aggregates: true', async (api) => {
    const relations = await relationsOf(api);
    const options: CodeOptions = { origin: api.url, defaultSchema: 'api', hasKey: false };
    let withRows = 0;
    const numRuns = 150;
    const relation = relations.get("Città d'Italia")!;
    const names = relation.columns.map(({ name }) => name);
    const values = fc.oneof(fc.constantFrom('x', 'y, z', '7', '8', 'á'), oddValues);
    await fc.assert(
      fc.asyncProperty(viewsOf(names, values), async (view) => {
        // One filter at most lets rows through more often than four.
        const few = { ...view, filters: view.filters.slice(0, 1) };
        for (const shown of few.filters.length < view.filters.length ? [few, view] : [view]) {
          const answer = await answerOf(api, shown, relation);
          if (Array.isArray(answer) && answer.length > 0) withRows++;
          const code = supabaseCode(shown, relation, options);
          // Where the client cannot name a column, the code reads all of them.
          const isWhole = shown.columns && code.includes('.select()');
          const read = await rowsOf(code);
          assert.equal(isWhole && Array.isArray(read) ? read.map(only(shown.columns)) : read, answer);
          assert.equal(await rowsOf(fetchCode(shown, relation, options)), answer);
        }
      }),
      { numRuns },
    );
    assert.ok(withRows > 20, `some have rows: ${withRows}`);
  });
});

test('a key is never part of the code', () => {
  const options: CodeOptions = { origin: 'http://localhost', defaultSchema: 'api', hasKey: true };
  const relation: ProjectRelation = {
    ...{ schema: 'gold', name: 'x', description: null, node: null, primaryKey: [], columns: [] },
    ...{ foreignKeys: [], charts: [] },
  };
  assert.match(curlCode(wholeView, relation, options), 'Bearer $API_KEY');
  assert.match(fetchCode(wholeView, relation, options), 'process.env.API_KEY');
  assert.match(
    supabaseCode(wholeView, relation, options),
    "createClient('http://localhost', process.env.API_KEY)",
  );
  assert.match(supabaseCode(wholeView, relation, options), ".schema('gold')");
});

test.run();
