import { type Fields, type Node, nameOfValueFunction, nodesBelow, open, texts } from '../lineage/tree.js';
import { type CalledFunction, factsEdition, type NamedRelation, type SqlFacts } from './facts.js';
import { moments } from './moments.js';
import { operatorsOf } from './operators.js';

interface Found {
  readonly functions: Map<string, CalledFunction>;
  readonly operators: Set<string>;
  readonly casts: Set<string>;
  readonly relations: Map<string, NamedRelation>;
  readonly timeDependent: Set<string>;
}

type CteNames = ReadonlySet<string>;

/** What statements call and read. */
export function collect(statements: readonly Node[]): Omit<SqlFacts, 'hash'> {
  const found: Found = {
    ...{ functions: new Map(), operators: new Set(), casts: new Set() },
    ...{ relations: new Map(), timeDependent: new Set() },
  };
  for (const statement of statements) look(statement, new Set(), found);
  return {
    edition: factsEdition,
    functions: sorted(found.functions),
    operators: [...found.operators].sort(),
    casts: [...found.casts].sort(),
    timeDependent: [...found.timeDependent].sort(),
    relations: sorted(found.relations),
  };
}

function sorted<Value>(values: ReadonlyMap<string, Value>): Value[] {
  return [...values.keys()].sort().map((key) => values.get(key)!);
}

function look(node: Node, ctes: CteNames, found: Found): void {
  const [kind, fields] = open(node);
  for (const moment of moments(kind, fields)) found.timeDependent.add(moment);
  for (const operator of operatorsOf(kind, fields)) found.operators.add(operator);
  switch (kind) {
    case 'RangeVar':
      addRelation(fields, ctes, found.relations);
      return;
    case 'LockingClause':
      // It names relations by their aliases.
      return;
    case 'FuncCall':
      addFunction(fields, found.functions);
      break;
    case 'TypeCast':
      addLast(fields.typeName?.names, found.casts);
      break;
    case 'SQLValueFunction':
      found.timeDependent.add(nameOfValueFunction(fields) ?? fields.op);
      break;
    case 'RangeTableSample':
      if (!fields.repeatable) found.timeDependent.add('tablesample without repeatable');
      break;
  }
  if (kind === 'SelectStmt' || fields.withClause) lookIntoStatement(fields, ctes, found);
  else for (const below of nodesBelow(fields)) look(below, ctes, found);
}

/** Statements have their own `with`; the sides of a set operation are fields of a fixed kind. */
function lookIntoStatement({ withClause, larg, rarg, ...rest }: Fields, ctes: CteNames, found: Found): void {
  for (const operator of operatorsOf('SelectStmt', rest)) found.operators.add(operator);
  const inside = withClause ? lookIntoWith(withClause, ctes, found) : ctes;
  for (const side of [larg, rarg]) if (side) lookIntoStatement(side, inside, found);
  for (const below of nodesBelow(rest)) look(below, inside, found);
}

/** Each query sees the names before it; with `recursive` all of them. */
function lookIntoWith(clause: Fields, ctes: CteNames, found: Found): CteNames {
  const list = (clause.ctes as readonly Node[]).map(({ CommonTableExpr: cte }) => cte as Fields);
  const names = new Set(ctes);
  if (clause.recursive) for (const { ctename } of list) names.add(ctename);
  for (const { ctename, ctequery } of list) {
    look(ctequery, new Set(names), found);
    names.add(ctename);
  }
  return names;
}

function addRelation(
  { schemaname: schema, relname: name }: Fields,
  ctes: CteNames,
  found: Found['relations'],
): void {
  if (schema === undefined && ctes.has(name)) return;
  found.set(JSON.stringify([schema ?? '', name]), { ...(schema !== undefined && { schema }), name });
}

/** The name itself, behind its schema. */
function addLast(names: readonly Node[] | undefined, found: Set<string>): void {
  const name = texts(names).at(-1);
  if (name !== undefined) found.add(name);
}

function addFunction(call: Fields, found: Found['functions']): void {
  const [name, schema] = texts(call.funcname).reverse();
  const args = (call.args?.length ?? 0) + (call.agg_within_group ? call.agg_order.length : 0);
  found.set(JSON.stringify([schema ?? '', name, args]), {
    ...(schema !== undefined && { schema }),
    name: name!,
    args,
  });
}
