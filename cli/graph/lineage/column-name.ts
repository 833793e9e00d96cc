import { type Fields, isStar, type Node, nameOfValueFunction, open, texts } from './tree.js';

/** How sure a name is: a better one may be further in. */
type Found = readonly [name: string, strength: 1 | 2] | undefined;

/** Nodes that always give a column the same name. */
const fixed: Readonly<Record<string, string>> = {
  GroupingFunc: 'grouping',
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  CoalesceExpr: 'coalesce',
  XmlSerialize: 'xmlserialize',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonArrayAgg: 'json_arrayagg',
};

/**
 * The name that Postgres gives to a column without one; `?column?` where there is nothing to name it after.
 * @param first the name of a subquery's first column, where its text does not say it
 * @see FigureColname in https://github.com/postgres/postgres/blob/master/src/backend/parser/parse_target.c
 */
export function nameOfColumn(expression: Node, first: (select: Fields) => string | undefined): string {
  return find(expression, first)?.[0] ?? '?column?';
}

function find(node: Node, first: (select: Fields) => string | undefined): Found {
  const [kind, fields] = open(node);
  const name = fixed[kind];
  if (name !== undefined) return [name, 2];
  switch (kind) {
    case 'ColumnRef':
      return surely(texts(fields.fields).at(-1));
    case 'A_Indirection':
      return surely(texts(fields.indirection).at(-1)) ?? find(fields.arg, first);
    case 'FuncCall':
      return surely(texts(fields.funcname).at(-1));
    case 'A_Expr':
      return fields.kind === 'AEXPR_NULLIF' ? ['nullif', 2] : undefined;
    case 'TypeCast':
      return better(find(fields.arg, first), texts(fields.typeName?.names).at(-1));
    case 'CollateClause':
      return find(fields.arg, first);
    case 'CaseExpr':
      return better(fields.defresult && find(fields.defresult, first), 'case');
    case 'MinMaxExpr':
      return [fields.op === 'IS_LEAST' ? 'least' : 'greatest', 2];
    case 'SQLValueFunction':
      return surely(nameOfValueFunction(fields));
    case 'XmlExpr':
      return surely(/^IS_(XML.*)$/.exec(fields.op)?.[1]?.toLowerCase());
    case 'JsonFuncExpr':
      return surely(/^(.*)_OP$/.exec(fields.op)?.[1]?.toLowerCase());
    case 'SubLink':
      return ofSubquery(fields, first);
    default:
      return undefined;
  }
}

function surely(name: string | undefined): Found {
  return name === undefined ? undefined : [name, 2];
}

function better(found: Found, other: string | undefined): Found {
  return found?.[1] === 2 || other === undefined ? found : [other, 1];
}

function ofSubquery(
  { subLinkType, subselect }: Fields,
  first: (select: Fields) => string | undefined,
): Found {
  switch (subLinkType) {
    case 'EXISTS_SUBLINK':
      return ['exists', 2];
    case 'ARRAY_SUBLINK':
      return ['array', 2];
    case 'EXPR_SUBLINK':
      return surely(firstOf(subselect.SelectStmt, first));
    default:
      return undefined;
  }
}

function firstOf(select: Fields, first: (select: Fields) => string | undefined): string | undefined {
  if (select.larg) return firstOf(select.larg, first);
  if (select.valuesLists) return 'column1';
  const target = select.targetList?.[0]?.ResTarget;
  if (!target) return undefined;
  if (target.name !== undefined) return target.name;
  const [kind, fields] = open(target.val);
  const isAll =
    (kind === 'ColumnRef' && isStar(fields.fields.at(-1))) ||
    (kind === 'A_Indirection' && isStar(fields.indirection.at(-1)));
  return isAll ? first(select) : nameOfColumn(target.val, first);
}
