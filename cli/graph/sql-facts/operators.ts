import { type Fields, texts } from '../lineage/tree.js';

const ofBetween: Readonly<Record<string, readonly string[]>> = {
  AEXPR_BETWEEN: ['>=', '<='],
  AEXPR_BETWEEN_SYM: ['>=', '<='],
  AEXPR_NOT_BETWEEN: ['<', '>'],
  AEXPR_NOT_BETWEEN_SYM: ['<', '>'],
};

/** The operators that a node calls, without their schemas: those that it names, and those that Postgres takes where none is named. */
export function operatorsOf(kind: string, fields: Fields): readonly string[] {
  switch (kind) {
    case 'A_Expr':
      return ofBetween[fields.kind] ?? texts(fields.name).slice(-1);
    case 'SubLink':
      return fields.testexpr ? [texts(fields.operName).at(-1) ?? '='] : [];
    case 'SortBy':
      return [texts(fields.useOp).at(-1) ?? (fields.sortby_dir === 'SORTBY_DESC' ? '>' : '<')];
    case 'JoinExpr':
      return fields.usingClause || fields.isNatural ? ['='] : [];
    case 'CaseExpr':
      return fields.arg ? ['='] : [];
    case 'FuncCall':
      return fields.agg_distinct ? ['='] : [];
    case 'WindowDef':
      return fields.partitionClause ? ['='] : [];
    case 'SelectStmt':
      return fields.groupClause || fields.distinctClause || (fields.op && fields.op !== 'SETOP_NONE')
        ? ['=']
        : [];
    default:
      return [];
  }
}
