import fc from 'fast-check';
import {
  isValues,
  quantifiedOperators,
  searchOperators,
  valueOperators,
} from '../../cli/serve/parse/tree.ts';
import type { ProjectRelation } from '../../cli/serve/ui/shapes.ts';
import type { Figure, Filter, Group, Sort, View } from '../../cli/web/pages/explore/view.ts';

/** A relation with columns of these names, for pages that only read what is told of it. */
export function relationOf(names: readonly string[], more: Partial<ProjectRelation> = {}): ProjectRelation {
  return {
    ...{
      schema: 'api',
      name: 'rows',
      description: null,
      node: null,
      primaryKey: [],
      foreignKeys: [],
      charts: [],
    },
    columns: names.map((name) => ({ name, type: 'text', kind: 'text', description: null, accepted: null })),
    ...more,
  };
}

/** Plain objects, as they come out of a parser. */
const record = <Model>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }) =>
  fc.record(model, { noNullPrototype: true });

/** Values with everything that means something in a URL, a list, a pattern or a shell. */
export const oddValues = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a,b',
    '(a)',
    '"',
    '\\',
    '\\"',
    '"a',
    "d'x",
    '%',
    '_',
    '{a,b}',
    'null',
    'a b',
    '1',
    '1.50',
    '-3',
  ),
  fc.constantFrom(
    'eq.1',
    'not.eq.1',
    '&=?#+',
    '\n',
    'ação',
    '日本',
    '$(x)',
    '`x`',
    '!!',
    '[a-z]',
    'x)',
    ',',
    '-> ->>',
    '  a  ',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);

/** Every filter of one column that a view can have. */
export function filtersOf(columns: fc.Arbitrary<string>, values = oddValues): fc.Arbitrary<Filter> {
  const isPattern = (operator: string) => operator === 'like' || operator === 'ilike';
  const comparison = fc.oneof(
    record({
      operator: fc.constantFrom(...valueOperators),
      quantifier: fc.constantFrom(undefined, 'any' as const, 'all' as const),
      value: values,
    }).map(({ operator, quantifier, value }) => ({
      kind: 'compare' as const,
      operator,
      quantifier: quantifiedOperators.includes(operator) ? quantifier : undefined,
      // In patterns the API has no asterisk.
      value: isPattern(operator) ? value.replaceAll('*', '%') : value,
    })),
    record({ kind: fc.constant('in' as const), values: fc.array(values, { minLength: 1, maxLength: 4 }) }),
    record({ kind: fc.constant('is' as const), value: fc.constantFrom(...isValues) }),
    record({
      kind: fc.constant('search' as const),
      operator: fc.constantFrom(...searchOperators),
      language: fc.constantFrom(undefined, 'portuguese'),
      value: values,
    }),
  );
  return fc.oneof(
    record({
      kind: fc.constant('filter' as const),
      column: columns,
      isNegated: fc.boolean(),
      comparison,
    }),
    record({
      kind: fc.constant('between' as const),
      column: columns,
      from: values,
      to: values,
      isClosed: fc.boolean(),
    }),
  );
}

/** Views of a relation with these columns. */
export function viewsOf(names: readonly string[], values = oddValues): fc.Arbitrary<View> {
  const column = fc.constantFrom(...names);
  const figure: fc.Arbitrary<Figure> = fc.oneof(
    fc.constant({ aggregate: 'count' as const, column: null }),
    record({ aggregate: fc.constantFrom('sum', 'avg', 'min', 'max', 'count'), column }),
  );
  const key = ({ aggregate, column }: Figure) => JSON.stringify([aggregate, column]);
  const group: fc.Arbitrary<Group> = record({
    columns: fc.uniqueArray(column, { maxLength: 3 }),
    figures: fc.uniqueArray(figure, { selector: key, minLength: 1, maxLength: 4 }),
  });
  const chosen = fc.uniqueArray(column, { minLength: 1, maxLength: names.length });
  return record({
    shape: fc.oneof(
      fc.constant({ columns: null, group: null }),
      chosen.map((columns) => ({ columns, group: null })),
      group.map((group) => ({ columns: null, group })),
    ),
    filters: fc.array(filtersOf(column, values), { maxLength: 4 }),
    place: fc.oneof(
      fc.constant({ limit: null, offset: 0 }),
      record({ limit: fc.integer({ min: 1, max: 5000 }), offset: fc.nat(100_000) }),
    ),
  }).chain(({ shape, filters, place }) => {
    const bys: Sort['by'][] = shape.group
      ? [...shape.group.columns.map((column) => ({ column })), ...shape.group.figures]
      : names.map((column) => ({ column }));
    return fc
      .array(record({ by: fc.constantFrom(...bys), isDescending: fc.boolean() }), { maxLength: 3 })
      .map((sort) => ({ ...shape, filters, sort, ...place }));
  });
}
