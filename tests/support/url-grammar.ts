import fc from 'fast-check';
import { searchOperators, valueOperators } from '../../dist/serve/parse/tree.js';

/** Gives the next value, written as its place in a URL asks for it. */
export type Fill = (place: 'rest' | 'quoted' | 'word' | 'number') => string;

/** A parameter of a URL in which values are left open. */
export type Template = (fill: Fill) => readonly [key: string, value: string];

type Part = (fill: Fill) => string;

const columns: Readonly<Record<string, readonly string[]>> = {
  films: ['id', 'title', 'director_id', 'year', 'rating', 'info', 'seen', 'length', 'is_long', 'mood'],
  directors: ['id', 'name', 'country', 'born', 'tags'],
  roles: ['film_id', 'actor_id', 'character'],
};
const embeds: Readonly<Record<string, readonly string[]>> = {
  films: ['directors', 'plots', 'roles', 'actors', 'films_director_fkey'],
  directors: ['films', 'long_films'],
  roles: ['films', 'actors'],
};

const text =
  (value: string): Part =>
  () =>
    value;
const pick = (...values: readonly string[]): fc.Arbitrary<Part> => fc.constantFrom(...values).map(text);
const concat = (...parts: readonly fc.Arbitrary<Part>[]): fc.Arbitrary<Part> =>
  fc.tuple(...parts).map((all) => (fill) => all.map((part) => part(fill)).join(''));
const listed = (part: fc.Arbitrary<Part>, most: number): fc.Arbitrary<Part> =>
  fc
    .array(part, { minLength: 1, maxLength: most })
    .map((all) => (fill) => all.map((one) => one(fill)).join(','));

/** A place in a column's JSON: a key is a value too. */
const path = fc.oneof(
  { weight: 4, arbitrary: pick('') },
  {
    weight: 1,
    arbitrary: concat(
      pick('->', '->0->'),
      fc.constant<Part>((fill) => fill('quoted')),
      fc.oneof(
        pick('', '->-1'),
        fc.constant<Part>((fill) => `->>${fill('quoted')}`),
      ),
    ),
  },
);

/** An operator and its value; in a tree, the value ends where the next condition begins. */
const comparison = (place: 'rest' | 'quoted'): fc.Arbitrary<Part> =>
  concat(
    pick('', 'not.'),
    fc.oneof(
      concat(
        pick(...valueOperators, 'eq(any)', 'gt(all)', 'like(any)', 'ilike(all)', 'match(any)'),
        fc.constant<Part>((fill) => `.${fill(place)}`),
      ),
      concat(
        pick(...searchOperators),
        fc.oneof(
          pick(''),
          fc.constant<Part>((fill) => `(${fill('word')})`),
        ),
        fc.constant<Part>((fill) => `.${fill(place)}`),
      ),
      concat(
        pick('in.('),
        listed(
          fc.constant<Part>((fill) => fill('quoted')),
          3,
        ),
        pick(')'),
      ),
      pick('is.null', 'is.not_null', 'is.true', 'is.unknown'),
    ),
  );

const conditions = (relation: string): fc.Arbitrary<Part> =>
  fc.letrec<{ list: Part; one: Part }>((tie) => ({
    list: listed(tie('one'), 3),
    one: fc.oneof(
      { maxDepth: 3 },
      concat(pick(...columns[relation]!), path, pick('.'), comparison('quoted')),
      concat(pick('and(', 'or(', 'not.and(', 'not.or('), tie('list'), pick(')')),
    ),
  })).list;

const selected = (relation: string): fc.Arbitrary<Part> =>
  listed(
    fc.oneof(
      pick('*', ...columns[relation]!),
      concat(
        pick('a:', 'b:'),
        pick(...columns[relation]!),
        path,
        pick('', '::text', '::int', '.max()', '::text.count()'),
      ),
      pick('count()', 'n:count()::text'),
      concat(
        pick('', '...'),
        pick(...embeds[relation]!),
        pick('(*)', '!inner(*)', '!left(*)', '(x:count())'),
      ),
    ),
    4,
  );

/** The clauses of a relation, and `prefix` in front for one that is embedded. */
const clause = (relation: string, prefix: string): fc.Arbitrary<Template> => {
  const keyed = (key: fc.Arbitrary<Part>, value: fc.Arbitrary<Part>): fc.Arbitrary<Template> =>
    fc.tuple(key, value).map(
      ([of, to]) =>
        (fill) =>
          [prefix + of(fill), to(fill)] as const,
    );
  return fc.oneof(
    keyed(concat(pick(...columns[relation]!), path), comparison('rest')),
    keyed(pick('and', 'or', 'not.and', 'not.or'), concat(pick('('), conditions(relation), pick(')'))),
    keyed(
      pick('order'),
      listed(
        concat(pick(...columns[relation]!), path, pick('', '.desc', '.asc.nullslast', '.nullsfirst')),
        3,
      ),
    ),
    keyed(
      pick('limit', 'offset'),
      fc.constant<Part>((fill) => fill('number')),
    ),
  );
};

/** What the grammar allows to be asked of one relation. */
export interface Question {
  readonly relation: string;
  readonly templates: readonly Template[];
}

export const question: fc.Arbitrary<Question> = fc.constantFrom(...Object.keys(columns)).chain((relation) =>
  fc
    .tuple(
      fc.option(selected(relation), { nil: text('*') }),
      fc.array(clause(relation, ''), { maxLength: 4 }),
      fc.array(
        clause(relation === 'films' ? 'directors' : 'films', relation === 'films' ? 'directors.' : 'films.'),
        { maxLength: 2 },
      ),
    )
    .map(([select, own, inner]) => ({
      relation,
      templates: [
        (fill: Fill) =>
          [
            'select',
            `${select(fill)}${inner.length > 0 ? `,${relation === 'films' ? 'directors' : 'films'}(*)` : ''}`,
          ] as const,
        ...own,
        ...inner,
      ],
    })),
);

/** What people with bad intentions would write for a value. */
export const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    ...[
      "'; drop table api.films; --",
      "' or '1'='1",
      '" or ""="',
      '$1',
      '$$',
      '?',
      '\\',
      "\\'",
      '*/',
      '--',
      '\u0000',
      ')',
      '(',
      ',',
      '.',
      '"',
      "'",
      '{',
      '}',
      '::text',
    ],
  ),
);

/** The parameters with these values in them, one after the other. */
export function filled({ templates }: Question, values: readonly string[]): (readonly [string, string])[] {
  let next = 0;
  return templates.map((template) => {
    const [key, value] = template((place) => {
      const given = values[next++ % values.length]!;
      if (place === 'number')
        return String([...given].reduce((sum, character) => sum * 7 + character.codePointAt(0)!, 0) % 1e9);
      if (place === 'word') return `w${Buffer.from(given).toString('hex')}`;
      return place === 'rest' ? given : `"${given.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    });
    return [key, value];
  });
}
