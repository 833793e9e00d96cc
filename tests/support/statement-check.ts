import { parseSync } from 'libpg-query';
import type { Catalog } from '../../dist/serve/catalog/catalog.js';

const functions = new Set([
  ...[
    'count',
    'sum',
    'avg',
    'min',
    'max',
    'json_agg',
    'string_agg',
    'row_to_json',
    'to_json',
    'to_jsonb',
    'json_strip_nulls',
  ],
  ...['to_tsvector', 'to_tsquery', 'plainto_tsquery', 'phraseto_tsquery', 'websearch_to_tsquery'],
]);
const operators = new Set([
  ...[
    '=',
    '<>',
    '>',
    '>=',
    '<',
    '<=',
    '~',
    '~*',
    '~~',
    '~~*',
    '@>',
    '<@',
    '&&',
    '<<',
    '>>',
    '&<',
    '&>',
    '-|-',
  ],
  ...['->', '->>', '@@'],
]);
/** Kinds of what may stand in a statement that reads. */
const nodes = new Set([
  ...[
    'SelectStmt',
    'RangeVar',
    'RangeSubselect',
    'JoinExpr',
    'ResTarget',
    'ColumnRef',
    'String',
    'A_Star',
    'A_Const',
  ],
  ...[
    'ParamRef',
    'TypeCast',
    'FuncCall',
    'A_Expr',
    'BoolExpr',
    'NullTest',
    'BooleanTest',
    'CoalesceExpr',
    'SubLink',
  ],
  ...['SortBy', 'List', 'A_ArrayExpr', 'Integer'],
]);
const aliases = /^(t\d+|y|r|g|w|page|counted)$/;
const given = /^([coh]\d+|value|found|total|rows|row)$/;
const boundTypes = [
  'text',
  'jsonb',
  'int4',
  'int8',
  'pg_catalog._text',
  'pg_catalog.text',
  'pg_catalog.regconfig',
  'pg_catalog.jsonb',
  'pg_catalog._jsonb',
];

/** Whatever of a statement is other than reading what the catalog exposes; nothing when all is well. */
export function strayParts(sql: string, catalog: Catalog): string[] {
  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt?: object }[] };
  if (stmts.length !== 1) return [`${stmts.length} statements`];
  const relations = [...catalog.relations.values()].flatMap((inSchema) => [...inSchema.values()]);
  const names = new Set(relations.map(({ schema, name }) => `${schema}.${name}`));
  const columns = new Set(relations.flatMap(({ columns }) => [...columns.keys()]));
  const types = new Set(
    [...boundTypes, ...[...catalog.types.values()].flatMap(({ sql, array }) => [sql, array ?? ''])].map(
      (type) => type.replaceAll('"', ''),
    ),
  );
  const stray: string[] = [];
  const expect = (isWell: boolean, what: string) => {
    if (!isWell) stray.push(what);
  };
  const strings = (list: any[]): string[] => list.map((one) => one.String?.sval ?? '*');
  const check: Readonly<Record<string, (node: any) => void>> = {
    SelectStmt: (node) =>
      expect(
        !node.withClause && !node.intoClause && !node.lockingClause && node.op === 'SETOP_NONE',
        'more than a select',
      ),
    RangeVar: ({ schemaname, relname }) =>
      expect(names.has(`${schemaname}.${relname}`), `reads ${schemaname}.${relname}`),
    FuncCall: ({ funcname }) =>
      expect(functions.has(strings(funcname).join('.')), `calls ${strings(funcname).join('.')}`),
    ColumnRef: ({ fields }) => {
      const [of, name = '*', ...more] = strings(fields);
      expect(
        aliases.test(of!) && more.length === 0 && (name === '*' || given.test(name) || columns.has(name)),
        `column ${strings(fields).join('.')}`,
      );
    },
    A_Const: (node) =>
      expect(
        node.ival !== undefined ||
          node.boolval !== undefined ||
          ['[]', '', ',\n '].includes(node.sval && (node.sval.sval ?? '')),
        `constant ${JSON.stringify(node)}`,
      ),
    A_Expr: ({ kind, name }) =>
      expect(
        kind === 'AEXPR_DISTINCT' || strings(name).every((operator) => operators.has(operator)),
        `operator ${strings(name)}`,
      ),
  };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const inner of value) walk(inner);
    else if (value !== null && typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) {
        if (/^[A-Z]/.test(key)) {
          expect(nodes.has(key), key);
          check[key]?.(inner);
        }
        if (key === 'typeName') {
          const type = strings(inner.names).join('.');
          expect(types.has(type), `type ${type}`);
        }
        walk(inner);
      }
  };
  walk(stmts[0]!.stmt);
  return stray;
}
