// in one process
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTables, inShort, lineageOver, namesIn } from '../support/lineage.ts';
import { type TestProject, testProject } from '../support/project.ts';

const test = suite('lineage of generated queries');

const tables: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  t1: [
    ['a', 'text'],
    ['b', 'text'],
    ['k', 'text'],
  ],
  t2: [
    ['k', 'text'],
    ['c', 'text'],
    ['Ação', 'text'],
  ],
  'Pedidos "2024"': [
    ['a', 'text'],
    ['preço', 'text'],
    ['A b', 'text'],
  ],
};
let project: TestProject;
let find: Awaited<ReturnType<typeof lineageOver>>;
test.before(async () => {
  project = await testProject({});
  await createTables(project.sql, tables);
  find = await lineageOver(tables);
});
test.after(() => project.close());

/** A column and where it comes from, as it was made. */
interface Made {
  readonly name: string;
  readonly from: ReadonlySet<string>;
  readonly isPassedOn: boolean;
}
/** A query, or what can stand in a `from` clause. */
interface MadeQuery {
  readonly sql: string;
  readonly columns: readonly Made[];
}
/** A column as an expression may write it. */
interface Visible extends Made {
  readonly sql: string;
  /** It is named without its relation: inside a subquery that might mean another. */
  readonly isAlone?: boolean;
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const mixed = (...parts: readonly Made[]) => new Set(parts.flatMap(({ from }) => [...from]));

/** Makes queries by choices; every column is text, so that all of them fit everywhere. */
class QueryMaker {
  private count = 0;

  constructor(private readonly g: fc.GeneratorValue) {}

  private pick<T>(values: readonly T[]): T {
    return values[this.g(fc.nat, { max: values.length - 1 })]!;
  }

  private fresh(word: string): string {
    return this.pick([`${word}${++this.count}`, `${word} É${++this.count}`]);
  }

  /** @param ctes that can be named; @param around columns of the queries around it */
  query(
    depth: number,
    ctes: readonly { name: string; columns: readonly Made[] }[],
    around: readonly Visible[],
  ): MadeQuery {
    const shape =
      depth === 0
        ? 'select'
        : this.pick(['select', 'select', 'select', 'with', 'union', 'recursive', 'values']);
    switch (shape) {
      case 'with': {
        const body = this.query(depth - 1, ctes, around);
        // It may take the name of a table, which is then not that table.
        const name = this.pick([this.fresh('cte'), 't1']);
        const rest = this.query(depth - 1, [{ name, columns: body.columns }, ...ctes], around);
        return {
          sql: `(with ${quote(name)} as (${body.sql}) select * from (${rest.sql}) as ${quote(this.fresh('w'))})`,
          columns: rest.columns,
        };
      }
      case 'union':
        return this.union(this.query(depth - 1, ctes, around), depth, ctes, around);
      case 'recursive': {
        const start = this.query(depth - 1, ctes, around);
        const name = this.fresh('r');
        const names = start.columns.map(() => this.fresh('p'));
        // Each round hands all columns on, moved by one: in the end all are in all.
        const moved = names.map((_, i) => quote(names[(i + 1) % names.length]!));
        const all = mixed(...start.columns);
        const isPassedOn = start.columns.every((column) => column.isPassedOn);
        return {
          sql: `(with recursive ${quote(name)} (${names.map(quote).join(', ')}) as (${start.sql} union (select ${moved.join(', ')} from ${quote(name)})) select * from ${quote(name)})`,
          columns: names.map((column) => ({ name: column, from: all, isPassedOn })),
        };
      }
      case 'values': {
        const rows = this.g(fc.nat, { max: 1 }) + 1;
        const cells = Array.from({ length: rows }, () => [
          this.expression(around, ctes, 0),
          this.expression(around, ctes, 0),
        ]);
        return {
          sql: `(values ${cells.map((row) => `(${row.map(({ sql }) => sql).join(', ')})`).join(', ')})`,
          columns: [0, 1].map((i) => ({
            name: `column${i + 1}`,
            from: mixed(...cells.map((row) => row[i]!)),
            isPassedOn: cells.every((row) => row[i]!.isPassedOn),
          })),
        };
      }
      default:
        return this.select(depth, ctes, around);
    }
  }

  private union(
    left: MadeQuery,
    depth: number,
    ctes: Parameters<QueryMaker['query']>[1],
    around: readonly Visible[],
  ): MadeQuery {
    const inner = this.query(depth - 1, ctes, around);
    const right = left.columns.map((_, i) => inner.columns[i % inner.columns.length]!);
    const alias = this.fresh('u');
    const names = inner.columns.map((_, i) => `c${i}`);
    const list = right.map((_, i) => quote(names[i % names.length]!));
    const operator = this.pick(['union', 'union all', 'intersect', 'except']);
    return {
      sql: `((${left.sql}) ${operator} (select ${list.join(', ')} from (${inner.sql}) as ${quote(alias)} (${names.join(', ')})))`,
      columns: left.columns.map((column, i) =>
        operator === 'except'
          ? column
          : {
              name: column.name,
              from: mixed(column, right[i]!),
              isPassedOn: column.isPassedOn && right[i]!.isPassedOn,
            },
      ),
    };
  }

  private select(
    depth: number,
    ctes: Parameters<QueryMaker['query']>[1],
    around: readonly Visible[],
  ): MadeQuery {
    const { sql: from, visible, star } = this.from(depth, ctes, around);
    const columns: Made[] = [];
    const list: string[] = [];
    for (let i = this.g(fc.nat, { max: 2 }); i >= 0; i--) {
      if (this.g(fc.nat, { max: 4 }) === 0) {
        list.push('*');
        columns.push(...star);
        continue;
      }
      const made = this.expression([...visible, ...around], ctes, depth);
      const name = this.fresh('x');
      list.push(`${made.sql} as ${quote(name)}`);
      columns.push({ ...made, name });
    }
    // Columns that have the same name could not be named from outside.
    const twice = columns.some(({ name }, i) => columns.findIndex((other) => other.name === name) !== i);
    if (twice) return this.renamed(list, from, columns);
    const clause = this.pick([
      '',
      ` where ${this.pick(visible).sql} > 'a'`,
      ` order by ${this.pick(visible).sql} limit 3`,
    ]);
    return { sql: `(select ${list.join(', ')} from ${from}${clause})`, columns };
  }

  private renamed(list: readonly string[], from: string, columns: readonly Made[]): MadeQuery {
    const names = columns.map((_, i) => this.fresh(`n${i}_`));
    return {
      sql: `(select * from (select ${list.join(', ')} from ${from}) as ${quote(this.fresh('s'))} (${names.map(quote).join(', ')}))`,
      columns: columns.map((column, i) => ({ ...column, name: names[i]! })),
    };
  }

  /** What to select from, the columns that can be named, and what `*` gives. */
  private from(
    depth: number,
    ctes: Parameters<QueryMaker['query']>[1],
    around: readonly Visible[],
  ): { sql: string; visible: Visible[]; star: readonly Made[] } {
    const left = this.source(depth, ctes, around);
    if (depth === 0 || this.g(fc.boolean)) return left;
    const kind = this.pick(['cross', 'using', 'lateral']);
    if (kind === 'lateral') {
      const alias = this.fresh('l');
      const inner = this.query(depth - 1, ctes, [...left.visible, ...around]);
      const visible = this.named(alias, inner.columns);
      return {
        sql: `${left.sql}, lateral (${inner.sql}) as ${quote(alias)}`,
        visible: [...left.visible, ...visible],
        star: [...left.star, ...inner.columns],
      };
    }
    const right = this.source(depth - 1, ctes, around);
    const once = (name: string, columns: readonly Made[]) =>
      columns.filter((column) => column.name === name).length === 1;
    const shared = left.star.find(({ name }) => once(name, left.star) && once(name, right.star));
    if (kind === 'cross' || !shared)
      return {
        sql: `${left.sql} cross join ${right.sql}`,
        visible: [...left.visible, ...right.visible],
        star: [...left.star, ...right.star],
      };
    const type = this.pick(['join', 'left join', 'right join', 'full join']);
    const other = right.star.find(({ name }) => name === shared.name)!;
    const merged: Made =
      type === 'full join'
        ? { name: shared.name, from: mixed(shared, other), isPassedOn: false }
        : type === 'right join'
          ? other
          : shared;
    const rest = (columns: readonly Made[]) => columns.filter(({ name }) => name !== shared.name);
    const star = [merged, ...rest(left.star), ...rest(right.star)];
    const alone: Visible[] = [{ ...merged, sql: quote(shared.name), isAlone: true }];
    return {
      sql: `${left.sql} ${type} ${right.sql} using (${quote(shared.name)})`,
      visible: [...left.visible, ...right.visible, ...alone],
      star,
    };
  }

  private source(
    depth: number,
    ctes: Parameters<QueryMaker['query']>[1],
    around: readonly Visible[],
  ): { sql: string; visible: Visible[]; star: readonly Made[] } {
    const alias = this.fresh('s');
    if (depth > 0 && this.g(fc.boolean)) {
      const inner = this.query(
        depth - 1,
        ctes,
        around.filter(() => false),
      );
      return {
        sql: `(${inner.sql}) as ${quote(alias)}`,
        visible: this.named(alias, inner.columns),
        star: inner.columns,
      };
    }
    const name = this.pick([...ctes.map((cte) => cte.name), ...Object.keys(tables)]);
    const columns =
      ctes.find((cte) => cte.name === name)?.columns ??
      tables[name]!.map(([column]) => ({
        name: column,
        from: new Set([`${name}.${column}`]),
        isPassedOn: true,
      }));
    const renames = this.g(fc.boolean)
      ? columns.map(({ name: column }, i) => (i === 0 ? this.fresh('first') : column))
      : undefined;
    const seen = columns.map((column, i) => ({ ...column, name: renames?.[i] ?? column.name }));
    return {
      sql: `${quote(name)} as ${quote(alias)}${renames ? ` (${quote(renames[0]!)})` : ''}`,
      visible: this.named(alias, seen),
      star: seen,
    };
  }

  private named(alias: string, columns: readonly Made[]): Visible[] {
    return columns.map((column) => ({
      ...column,
      sql: this.pick([`${quote(alias)}.${quote(column.name)}`, `(${quote(alias)}).${quote(column.name)}`]),
    }));
  }

  private expression(
    visible: readonly Visible[],
    ctes: Parameters<QueryMaker['query']>[1],
    depth: number,
  ): Visible {
    const made = (sql: string, ...parts: readonly Made[]): Visible => ({
      name: '',
      sql,
      from: mixed(...parts),
      isPassedOn: false,
    });
    if (visible.length === 0) return made(`'k'::text`);
    const [a, b] = [this.pick(visible), this.pick(visible)];
    const inside = visible.filter(({ isAlone }) => !isAlone);
    switch (this.g(fc.nat, { max: depth > 0 ? 9 : 7 })) {
      case 0:
      case 1:
        return { ...a, sql: a.sql };
      case 2:
        return made(`${a.sql} || ${b.sql}`, a, b);
      case 3:
        return made(`case when ${a.sql} > 'm' then ${b.sql} else 'k' end`, a, b);
      case 4:
        return made(`coalesce(upper(${a.sql}), ${b.sql})`, a, b);
      case 5:
        return made(`coalesce(${a.sql} in ('p', ${b.sql}), false)::text`, a, b);
      case 6:
        return made(`concat_ws('-', null, ${a.sql}::varchar(3))`, a);
      case 7:
        return made(`'k'::text`);
      case 8: {
        const inner = this.query(depth - 1, ctes, inside);
        const [name, alias] = [this.fresh('f'), this.fresh('q')];
        const names = inner.columns.map((_, i) => (i === 0 ? name : `o${i}`)).map(quote);
        return made(
          `(select min(${quote(name)}) from (${inner.sql}) as ${quote(alias)} (${names.join(', ')}))`,
          inner.columns[0]!,
        );
      }
      default: {
        if (inside.length === 0) return made(`'k'::text`);
        const inner = this.query(depth - 1, ctes, inside);
        const c = this.pick(inside);
        const [name, alias] = [this.fresh('f'), this.fresh('q')];
        const names = inner.columns.map((_, i) => (i === 0 ? name : `o${i}`)).map(quote);
        return made(
          `(exists (select from (${inner.sql}) as ${quote(alias)} (${names.join(', ')}) where ${quote(name)} > ${c.sql}) and ${b.sql} > 'b')::text`,
          inner.columns[0]!,
          b,
          c,
        );
      }
    }
  }
}

test('a generated query has the lineage that it was made with, and the columns that Postgres gives', async () => {
  let size = 0;
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const { sql, columns } = new QueryMaker(g).query(3, [], []);
      const lineage = find(sql);
      const expected = columns
        .map(({ name, from, isPassedOn }) => [name, isPassedOn ? '=' : '<', ...[...from].sort()].join(' '))
        .join(', ');
      assert.is(inShort(lineage), expected, sql);
      assert.equal(
        lineage!.columns.map(({ name }) => name),
        await namesIn(project.sql, sql),
        sql,
      );
      size = Math.max(size, sql.length);
      for (const word of [
        'with recursive',
        'lateral',
        'using',
        'union',
        'except',
        'values',
        'exists',
        'min(',
        'full join',
      ])
        if (sql.includes(word)) kinds.add(word);
    }),
    { numRuns: 400, includeErrorInReport: true },
  );
  assert.is(kinds.size, 9, [...kinds].join());
  assert.ok(size > 1000, `the longest had ${size} characters`);
});

test.run();
