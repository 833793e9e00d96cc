import { quoteLiteral } from '../../database/identifiers.js';
import { type Fields, isStar, type Node, open, texts } from '../lineage/tree.js';
import { calledFunction } from './calls.js';
import type { Word } from './facts.js';

/** Words of a date whose meaning moves on. @see https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES */
const word = '(?:now|today|tomorrow|yesterday)(?![a-z])';
/** In a text that is read as a date for certain, or as something that may hold one: `[today,infinity)`. */
const anywhere = new RegExp(`(?<![a-z])${word}`, 'i');
/** In one that may be any text. */
const atStart = new RegExp(`^[^a-z]*${word}`, 'i');
/** Nothing else. */
const alone = new RegExp(`^\\s*${word}\\s*$`, 'i');

/** Types of Postgres's own that hold no date. */
const timeless = new Set(
  'text varchar bpchar char name int2 int4 int8 numeric float4 float8 money bool bytea uuid json jsonb xml interval inet cidr macaddr bit varbit oid tsvector tsquery'.split(
    ' ',
  ),
);
/** Operators that dates, times and their ranges have. */
const operators = new Set('= <> < > <= >= + - && @> <@ << >> &< &> -|- *'.split(' '));
const comparisons = new Set(
  'AEXPR_OP AEXPR_OP_ANY AEXPR_OP_ALL AEXPR_DISTINCT AEXPR_NOT_DISTINCT AEXPR_NULLIF AEXPR_IN AEXPR_BETWEEN AEXPR_NOT_BETWEEN AEXPR_BETWEEN_SYM AEXPR_NOT_BETWEEN_SYM'.split(
    ' ',
  ),
);
const textOperators = new Set(['->>', '#>>', '||']);
const textFunctions = new Set(['lower', 'upper', 'initcap', 'btrim', 'ltrim', 'rtrim', 'replace', 'concat']);
/** Functions that read a constant as a date. */
const dateFunctions = new Set(
  'date time timestamp timestamptz age date_trunc date_part date_bin date_add date_subtract extract timezone overlaps isfinite generate_series to_char daterange tsrange tstzrange'.split(
    ' ',
  ),
);

/**
 * What a node makes of constants such as `today`: a cast to a date is one for certain. Where Postgres finds the type of a constant by what stands beside
 * it, as in `day >= 'today'`, it may be one, and counts unless that is known to be text; `'today'::text` says that it is none. A cast to `timetz` takes the day's
 * offset where the text has none.
 */
export function moments(kind: string, fields: Fields): readonly Word[] {
  switch (kind) {
    case 'TypeCast':
      return ofCast(fields).map((text) => ({ text }));
    case 'A_Expr':
      if (!comparisons.has(fields.kind)) return [];
      if (/^AEXPR_(OP|OP_ANY|OP_ALL)$/.test(fields.kind) && !operators.has(texts(fields.name).at(-1)!))
        return [];
      return mayBe([fields.lexpr, fields.rexpr]);
    case 'CaseExpr':
      return [...mixed(branches(kind, fields)), ...(fields.arg ? mayBe(compared(fields)) : [])];
    case 'CoalesceExpr':
    case 'MinMaxExpr':
    case 'A_ArrayExpr':
      return mixed(branches(kind, fields));
    case 'SubLink':
      return fields.testexpr
        ? mayBe([fields.testexpr, ...rowsOf(fields.subselect?.SelectStmt ?? {}).flat()])
        : [];
    case 'FuncCall':
      return ofCall(fields);
    case 'SelectStmt':
      return ofRows(rowsOf(fields));
    default:
      return [];
  }
}

function ofCall(fields: Fields): readonly Word[] {
  const call = calledFunction(fields);
  const args: readonly Node[] = fields.args ?? [];
  if (dateFunctions.has(call.name)) return mayBe(args).map(({ text }) => ({ text }));
  return args.some(isText) || textFunctions.has(call.name) ? [] : words(args).map((text) => ({ text, call }));
}

/** Values of which Postgres makes one type: all texts are text. */
function mixed(values: readonly Node[]): readonly Word[] {
  return values.every(isConstant) ? [] : mayBe(values);
}

/** The operands of `case x when y`. */
function compared({ arg, args }: Fields): readonly Node[] {
  return [arg, ...(args as readonly Node[]).map(({ CaseWhen }) => CaseWhen.expr)];
}

/** What stands in one column of all rows: of `values`, of the sides of a set operation. */
function ofRows(rows: readonly (readonly Node[])[]): readonly Word[] {
  if (rows.length < 2) return [];
  const hasStar = rows.some((row) => row.some(isStarColumn));
  const width = Math.max(...rows.map((row) => row.length));
  // Behind a star no column has a place that is known.
  if (hasStar) return words(rows.flat()).map((text) => ({ text }));
  return Array.from({ length: width }, (_, at) => rows.flatMap((row) => row[at] ?? [])).flatMap(mixed);
}

/** The rows that a query gives, as far as it writes them: of each select one. */
export function rowsOf({ larg, rarg, valuesLists, targetList }: Fields): readonly (readonly Node[])[] {
  if (larg) return [...rowsOf(larg), ...rowsOf(rarg)];
  if (valuesLists) return (valuesLists as readonly Node[]).map(({ List }) => List.items);
  return [((targetList ?? []) as readonly Node[]).flatMap(({ ResTarget }) => ResTarget?.val ?? [])];
}

/** Constants among these that are such a word and nothing else. */
export function words(values: readonly Node[]): readonly string[] {
  return values
    .flatMap((value) => constants(value, false))
    .filter((text) => alone.test(text))
    .map((text) => quoteLiteral(text).trim());
}

function isStarColumn(node: Node): boolean {
  return ((node.ColumnRef?.fields ?? []) as readonly Node[]).some(isStar);
}

/** Whether a node is no more than constants. */
export function isConstant(node: Node): boolean {
  const [kind, fields] = open(node);
  if (kind === 'A_Const') return true;
  const below = branches(kind, fields);
  return below.length > 0 && below.every(isConstant);
}

function ofCast({ arg, typeName }: Fields): readonly string[] {
  const type = texts(typeName?.names).at(-1) ?? '';
  if (isTimeless(typeName)) return [];
  if (type === 'timetz') return ['a cast to timetz'];
  return constants(arg, true)
    .filter((text) => anywhere.test(text))
    .map((text) => `${quoteLiteral(text).trim()}::${type}${typeName.arrayBounds ? '[]' : ''}`);
}

function mayBe(values: readonly (Node | undefined)[]): readonly Word[] {
  const nodes = values.filter((value) => value !== undefined).flatMap((node) => node.List?.items ?? node);
  if (nodes.some(isText)) return [];
  const others = nodes.filter((node) => !isConstant(node)).map((node) => columnName(node));
  const isBesideColumns = others.length > 0 && others.every((name) => name !== undefined);
  return nodes
    .flatMap((node) => constants(node, false))
    .filter((text) => atStart.test(text))
    .map((text) => ({ text: quoteLiteral(text).trim(), ...(isBesideColumns && { columns: others }) }));
}

/** The name of a column, when a node is no more than that. */
export function columnName(node: Node): string | undefined {
  return ((node.ColumnRef?.fields ?? []) as readonly Node[]).at(-1)?.String?.sval;
}

/** Whether a type of Postgres's own holds no date. */
export function isTimeless(typeName: Fields | undefined): boolean {
  const [type, schema] = texts(typeName?.names).reverse();
  return (schema === undefined || schema === 'pg_catalog') && timeless.has(type ?? '');
}

function isText(node: Node): boolean {
  const [kind, fields] = open(node);
  if (kind === 'TypeCast') return isTimeless(fields.typeName);
  if (kind === 'A_Expr') return textOperators.has(texts(fields.name).at(-1)!);
  return kind === 'FuncCall' && textFunctions.has(texts(fields.funcname).at(-1)!);
}

/** The constant texts that an expression may give as its value. */
function constants(node: Node | undefined, throughCasts: boolean): readonly string[] {
  if (!node) return [];
  const [kind, fields] = open(node);
  if (kind === 'A_Const') return fields.sval ? [fields.sval.sval ?? ''] : [];
  if (kind === 'TypeCast') return throughCasts ? constants(fields.arg, true) : [];
  return branches(kind, fields).flatMap((branch) => constants(branch, throughCasts));
}

/** The expressions of which one, or each, is the value. */
function branches(kind: string, fields: Fields): readonly Node[] {
  switch (kind) {
    case 'CaseExpr':
      return [
        ...(fields.args as readonly Node[]).map(({ CaseWhen }) => CaseWhen.result),
        fields.defresult,
      ].filter(Boolean);
    case 'CoalesceExpr':
    case 'MinMaxExpr':
    case 'RowExpr':
      return fields.args ?? [];
    case 'A_ArrayExpr':
      return fields.elements ?? [];
    case 'List':
      return fields.items;
    case 'CollateClause':
      return [fields.arg];
    default:
      return [];
  }
}
