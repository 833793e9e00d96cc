import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withFilms } from '../support/films.ts';

const test = suite('serve properties');

const name = fc.constantFrom(
  'id',
  'title',
  'info',
  'director_id',
  'directors',
  'films',
  'rating',
  '"a b"',
  'é',
  '*',
  'count()',
  '',
);
const path = fc.constantFrom('', '->a', '->>lang', '->0', '->>-1', '->', '->>"x y"');
const operator = fc.constantFrom(
  'eq',
  'neq',
  'gt',
  'in',
  'is',
  'like',
  'ilike',
  'match',
  'cs',
  'ov',
  'fts',
  'not.eq',
  'eq(any)',
  'fts(english)',
  'xx',
  'isdistinct',
);
const junk = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '(1,2)',
    '{1,2}',
    '"',
    '\\',
    "'; drop table api.films; --",
    'null',
    '1',
    '%',
    '(',
    ')',
    '$1',
    '\u0000',
    '{"a":1}',
  ),
);
const filter = fc
  .tuple(name, path, operator, junk)
  .map(([of, at, by, value]) => [of + at, `${by}.${value}`] as const);
const logic = fc
  .tuple(fc.constantFrom('and', 'or', 'not.and', 'films.or'), fc.array(filter, { maxLength: 3 }))
  .map(([word, parts]) => [word, `(${parts.map(([of, value]) => `${of}.${value}`).join(',')})`] as const);
const item: fc.Arbitrary<string> = fc.letrec<{ item: string }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(name, path, fc.constantFrom('', '::text', '::int', '::x y', '.sum()', '.count()::text'))
      .map((parts) => parts.join('')),
    fc
      .tuple(
        fc.constantFrom('', '...', 'a:'),
        name,
        fc.constantFrom('', '!inner', '!x'),
        fc.array(tie('item'), { maxLength: 3 }),
      )
      .map(([before, of, hint, items]) => `${before}${of}${hint}(${items.join(',')})`),
    junk,
  ),
})).item;
const parameter = fc.oneof(
  filter,
  logic,
  fc.array(item, { maxLength: 4 }).map((items) => ['select', items.join(',')] as const),
  fc
    .tuple(name, path, fc.constantFrom('', '.desc', '.asc.nullslast', '.x', '(id)'))
    .map((parts) => ['order', parts.join('')] as const),
  fc.tuple(fc.constantFrom('limit', 'offset', 'films.limit'), fc.oneof(fc.nat().map(String), junk)),
  fc.tuple(junk, junk),
);

test("whatever a URL says: an answer or an error that is the client's, and nothing is changed", () =>
  withFilms('aggregates: true', async (api) => {
    const before = await api.get('/films');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('films', 'directors', 'roles', 'long_films'),
        fc.array(parameter, { maxLength: 5 }),
        fc.constantFrom('', 'count=exact', 'count=planned'),
        fc.constantFrom('application/json', 'text/csv', 'application/vnd.pgrst.object+json'),
        async (relation, parameters, prefer, accept) => {
          const query = parameters.map(
            ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
          );
          const { status, text } = await api.get(`/${relation}?${query.join('&')}`, {
            headers: { prefer, accept },
          });
          assert.ok(
            status < 500,
            `${status} ${text} for ${parameters.map((pair) => pair.join('=')).join('&')}`,
          );
        },
      ),
      { numRuns: Number(process.env.MDL_FUZZ_RUNS ?? 1500) },
    );
    assert.is((await api.get('/films')).text, before.text);
  }));

test.run();
