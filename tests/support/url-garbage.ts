import fc from 'fast-check';

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

/** What a URL may say that knows the grammar in part, or not at all. */
export const garbage: fc.Arbitrary<{
  readonly relation: string;
  readonly parameters: readonly (readonly [string, string])[];
}> = fc.record({
  relation: fc.constantFrom('films', 'directors', 'roles', 'long_films'),
  parameters: fc.array(parameter, { maxLength: 5 }),
});
