import { type Fields, type Node, nameOfValueFunction, nodesBelow, open, texts } from '../lineage/tree.js';
import { calledFunction } from './calls.js';
import { type CalledFunction, factsEdition, type NamedRelation, type SqlFacts } from './facts.js';
import { moments } from './moments.js';
import { operatorsOf } from './operators.js';
import {
  type DeclaredColumn,
  lookAround,
  lookAtReturned,
  noSurroundings,
  type Surroundings,
  settleWords,
} from './settle-words.js';

interface Found {
  readonly functions: Map<string, CalledFunction>;
  readonly operators: Set<string>;
  readonly casts: Set<string>;
  readonly relations: Map<string, NamedRelation>;
  readonly timeDependent: Set<string>;
  readonly around: Surroundings;
}

type CteNames = ReadonlySet<string>;

/**
 * What statements call and read.
 * @param contract the columns that what they return is cast to
 */
export function collect(
  statements: readonly Node[],
  contract: readonly DeclaredColumn[],
): Omit<SqlFacts, 'hash'> {
  const found: Found = {
    ...{ functions: new Map(), operators: new Set(), casts: new Set() },
    ...{ relations: new Map(), timeDependent: new Set(), around: noSurroundings() },
  };
  for (const statement of statements) look(statement, new Set(), found, true);
  const { certain, open: words } = settleWords(found.around, contract);
  for (const { typeName } of contract) look({ TypeCast: { typeName } }, new Set(), found);
  return {
    edition: factsEdition,
    functions: sorted(found.functions),
    operators: [...found.operators].sort(),
    casts: [...found.casts].sort(),
    timeDependent: [...new Set([...found.timeDependent, ...certain])].sort(),
    ...(words.length > 0 && { words }),
    relations: sorted(found.relations),
  };
}

function sorted<Value>(values: ReadonlyMap<string, Value>): Value[] {
  return [...values.keys()].sort().map((key) => values.get(key)!);
}

function look(node: Node, ctes: CteNames, found: Found, isOutermost = false): void {
  const [kind, fields] = open(node);
  for (const operator of operatorsOf(kind, fields)) found.operators.add(operator);
  found.around.words.push(...moments(kind, fields));
  lookAround(kind, fields, found.around);
  switch (kind) {
    case 'RangeVar':
      addRelation(fields, ctes, found.relations);
      return;
    case 'LockingClause':
      // It names relations by their aliases.
      return;
    case 'FuncCall':
      addFunction(calledFunction(fields), found.functions);
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
  if (kind === 'SelectStmt') lookAtReturned(fields, isOutermost, found.around);
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
  for (const cte of list) {
    const { ctename, ctequery } = cte;
    lookAround('CommonTableExpr', cte, found.around);
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

function addFunction(call: CalledFunction, found: Found['functions']): void {
  found.set(JSON.stringify([call.schema ?? '', call.name, call.args]), call);
}
