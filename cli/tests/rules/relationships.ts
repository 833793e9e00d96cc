import { quoteIdentifier, quoteRelation } from '../../database/identifiers.js';
import type { TestDeclaration } from '../../project/model.js';
import type { DataTest } from '../rule.js';

interface Relationship {
  readonly columns: readonly string[];
  readonly to: string;
  readonly fields: readonly string[];
}

/** Under a column `silver.clientes.id_cliente` or `{ to, field }`; for the model `{ columns, to, fields }`. Undefined: none of them. */
function parse(argument: unknown, { column }: TestDeclaration): Relationship | undefined {
  if (typeof argument === 'string') {
    const dot = argument.lastIndexOf('.');
    return column !== undefined && dot > 0 && dot < argument.length - 1
      ? { columns: [column], to: argument.slice(0, dot), fields: [argument.slice(dot + 1)] }
      : undefined;
  }
  const { to, ...rest } = (argument ?? {}) as { to?: unknown; [key: string]: unknown };
  if (typeof to !== 'string') return undefined;
  const keys = Object.keys(rest).sort().join();
  if (column !== undefined)
    return keys === 'field' && typeof rest.field === 'string'
      ? { columns: [column], to, fields: [rest.field] }
      : undefined;
  const { columns, fields } = rest;
  return keys === 'columns,fields' && isNames(columns) && isNames(fields) && columns.length === fields.length
    ? { columns, to, fields }
    : undefined;
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
}

export const relationships: DataTest = {
  level: 'both',
  problem: (argument, declaration) =>
    parse(argument, declaration)
      ? undefined
      : declaration.column !== undefined
        ? 'takes silver.clientes.id_cliente, or { to: silver.clientes, field: id_cliente }'
        : 'takes { columns: [a, b], to: silver.clientes, fields: [a, b] }',
  title(argument, declaration) {
    const { columns, to, fields } = parse(argument, declaration)!;
    return columns.length === 1
      ? `relationships (${columns[0]} in ${to}.${fields[0]})`
      : `relationships (${columns.join(', ')} in ${to}: ${fields.join(', ')})`;
  },
  columns: (argument, declaration) => parse(argument, declaration)!.columns,
  reads: (argument, declaration) => [parse(argument, declaration)!.to],
  rule(argument, { resolve }, declaration) {
    const { columns, to, fields } = parse(argument, declaration)!;
    const child = columns.map((name) => `child.${quoteIdentifier(name)}`);
    const parent = fields.map((name) => `parent.${quoteIdentifier(name)}`);
    // One null lets a row pass, as in a foreign key (MATCH SIMPLE).
    const whole = child.map((column) => `${column} is not null`).join(' and ');
    const same = parent.map((field, i) => `${field} = ${child[i]}`).join(' and ');
    return {
      kind: 'query',
      failing: (source) =>
        `select child.* from (select * from ${source}) as child where ${whole} and not exists (select from ${quoteRelation(resolve(to))} as parent where ${same})`,
    };
  },
};
