// in one process
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Draft,
  givenTo,
  operatorsOf,
  toDraft,
  toFilter,
} from '../../cli/web/pages/explore/operators.ts';
import { type View, wholeView } from '../../cli/web/pages/explore/view.ts';
import { readView, writeView } from '../../cli/web/pages/explore/view-query.ts';
import { writeQuery } from '../../cli/web/pages/explore/written.ts';
import { oddValues, relationOf, viewsOf } from '../support/views.ts';

const test = suite('web: views of the explorer');

const oddNames = fc.oneof(
  fc.constantFrom(
    ...[
      'nome, cognome',
      'A"b',
      'ação',
      'a b ',
      ' a',
      'Upper',
      'select',
      'order',
      'limit',
      'and',
      'or',
      'not',
      'not.and',
    ],
    ...[
      'columns',
      'on_conflict',
      'count',
      'x_count',
      'a.b',
      'a->b',
      'a->>b',
      '1a',
      '*',
      '(',
      'a:b',
      'a::b',
      'back\\slash',
    ],
    ...[
      '\u0301',
      'a\nb',
      '"',
      '""',
      '\\',
      "d'Italia",
      '...a',
      'a!inner',
      'desc',
      'offset',
      '%',
      '+',
      '&=?#',
      '日本',
    ],
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
);

test('what a view shows is what its URL says, whatever columns and values are called', () => {
  const numRuns = 2000;
  const views = fc
    .uniqueArray(oddNames, { minLength: 1, maxLength: 6 })
    .chain((names) => viewsOf(names).map((view) => ({ view, relation: relationOf(names) })));
  fc.assert(
    fc.property(views, ({ view, relation }: { view: View; relation: ReturnType<typeof relationOf> }) => {
      const url = new URL(`http://localhost/ui/explore/x?${writeQuery(writeView(view, relation))}`);
      const read = readView(url.searchParams, relation);
      assert.equal(read.ignored, []);
      assert.equal(read.view, view);
    }),
    { numRuns },
  );
});

const days = fc
  .integer({ min: 0, max: 20_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));

test('a filter in words is the same after it was written for the API and read again', () => {
  const types = [
    ...[{ kind: 'text', type: 'text' } as const, { kind: 'text', type: 'uuid' } as const],
    ...[{ kind: 'number', type: 'numeric(14,2)' } as const, { kind: 'boolean', type: 'boolean' } as const],
    ...[{ kind: 'time', type: 'date' } as const, { kind: 'time', type: 'time without time zone' } as const],
    { kind: 'time', type: 'timestamp with time zone' } as const,
    { kind: 'time', type: 'timestamp(3) without time zone' } as const,
    ...[{ kind: 'other', type: 'jsonb' } as const, { kind: 'other', type: 'interval' } as const],
  ];
  const drafts = fc
    .record({
      type: fc.constantFrom(...types),
      accepted: fc.constantFrom(null, ['a', 'b']),
      name: oddNames,
      texts: fc.array(oddValues, { minLength: 2, maxLength: 3 }),
      days: fc.tuple(days, days),
    })
    .chain(({ type, accepted, name, texts, days }) => {
      const column = { name, description: null, accepted, ...type };
      return fc.constantFrom(...operatorsOf(column)).map((operator): readonly [typeof column, Draft] => {
        const values = {
          ...{ nothing: [], text: texts.slice(0, 1), texts, 'two texts': texts.slice(0, 2) },
          ...{ day: days.slice(0, 1), 'two days': [...days].sort() },
        };
        return [column, { operator, values: values[givenTo(operator)] }];
      });
    });
  fc.assert(
    fc.property(drafts, ([column, draft]) => {
      const relation = { ...relationOf([]), columns: [column] };
      const view = { ...wholeView, filters: [toFilter(column, draft)] };
      const read = readView(new URLSearchParams(writeQuery(writeView(view, relation))), relation);
      const again = toDraft(column, read.view.filters[0]!)!;
      // From one day to the same is that day.
      const isOneDay = draft.operator === 'betweenDays' && draft.values[0] === draft.values[1];
      // To begin with nothing is to end with nothing: `%`.
      const isAny = draft.operator === 'begins' && draft.values[0] === '';
      assert.equal(
        again,
        isAny
          ? { operator: 'ends', values: [''] }
          : isOneDay && again.operator === 'on'
            ? { operator: 'on', values: [draft.values[0]] }
            : draft,
      );
    }),
    { numRuns: 2000 },
  );
});

test('what a view cannot show is said, and the rest is shown', () => {
  const relation = relationOf(['a', 'b']);
  const { view, ignored } = readView(
    new URLSearchParams(
      'select=a&a=eq.1&b=nonsense&or=(a.eq.1,b.eq.2)&c->>d=eq.1&e.order=f&limit=x&offset=3&order=b.desc.nullslast',
    ),
    relation,
  );
  assert.equal(ignored, ['b=nonsense', 'or=(a.eq.1,b.eq.2)', 'c->>d=eq.1', 'e.order=f', 'limit=x']);
  assert.equal(view, {
    columns: ['a'],
    group: null,
    filters: [
      {
        kind: 'filter',
        column: 'a',
        isNegated: false,
        comparison: { kind: 'compare', operator: 'eq', quantifier: undefined, value: '1' },
      },
    ],
    sort: [{ by: { column: 'b' }, isDescending: true }],
    limit: null,
    offset: 0,
  });
});

test.run();
