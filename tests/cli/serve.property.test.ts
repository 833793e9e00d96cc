// in one process
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withFilms } from '../support/films.ts';
import { garbage } from '../support/url-garbage.ts';
import { filled, hostile, question } from '../support/url-grammar.ts';

const test = suite('serve properties');
const numRuns = Number(process.env.MDL_FUZZ_RUNS ?? 1500);
/** Requests under way at a time. */
const inFlight = 16;

const asked: typeof garbage = fc.oneof(
  garbage,
  fc
    .tuple(question, fc.array(hostile, { minLength: 1, maxLength: 6 }))
    .map(([of, values]) => ({ relation: of.relation, parameters: filled(of, values) })),
);
const request = fc.record({
  asked,
  prefer: fc.constantFrom('', '', 'count=exact', 'count=planned', 'count=estimated', 'handling=strict, x'),
  accept: fc.constantFrom(
    'application/json',
    'text/csv',
    'application/vnd.pgrst.object+json',
    'application/vnd.pgrst.array+json;nulls=stripped',
    'image/png',
  ),
  range: fc.constantFrom('', '', '', '', '0-1', '0-1', '2-', '9-3', 'x'),
  method: fc.constantFrom(...Array<string>(8).fill('GET'), 'HEAD', 'POST'),
});

test("whatever a URL says: an answer or an error that is the client's, and nothing is changed", () =>
  withFilms('aggregates: true', async (api) => {
    const before = await api.get('/films');
    const counts = new Map<number, number>();
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: inFlight, maxLength: inFlight }), async (requests) => {
        await Promise.all(
          requests.map(async ({ asked: { relation, parameters }, prefer, accept, range, method }) => {
            // Half a character is none that a URL could hold.
            const query = parameters.map((pair) =>
              pair.map((part) => encodeURIComponent(part.toWellFormed())).join('='),
            );
            const path = `/${relation}?${query.join('&')}`;
            const init = { method, headers: { prefer, accept, range }, signal: AbortSignal.timeout(10_000) };
            const { status, text } = await api.get(path, init).catch((cause) => {
              throw new Error(`no answer: ${method} ${path} ${JSON.stringify(init.headers)}`, { cause });
            });
            counts.set(status, (counts.get(status) ?? 0) + 1);
            asked++;
            assert.ok(status < 500, `${method} ${path}: ${status} ${text}`);
            if (method === 'POST') assert.is(status, 405);
          }),
        );
      }),
      // Smaller ones of a failing batch say less than they cost.
      { numRuns: Math.ceil(numRuns / inFlight), endOnFailure: true, includeErrorInReport: true },
    );
    assert.is((await api.get('/films')).text, before.text);
    const byStatus = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`measured: ${asked} requests, by status: ${byStatus.join(', ')}`);
  }));

test.run();
