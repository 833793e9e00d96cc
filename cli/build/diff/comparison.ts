import { quoteIdentifier } from '../../database/identifiers.js';
import { imagesDiffer, type KeyEquality } from '../../publish/delta/index.js';
import type { ShapeColumn } from './shape.js';

/** A column of both relations, `a` and `b` in statements. */
export interface SharedColumn {
  readonly name: string;
  readonly a: ShapeColumn;
  readonly b: ShapeColumn;
}

function isAlike({ a, b }: SharedColumn): boolean {
  return a.typeId === b.typeId && a.collationId === b.collationId;
}

/** The value as it prints, for columns whose types differ; in one collation, as two of them could not be compared. */
export function asText(alias: string, name: string): string {
  return `${alias}.${quoteIdentifier(name)}::text collate "C"`;
}

/** A condition: the values of one column of two rows are not the same. By image where the types are one, else as they print. */
export function columnDiffers(column: SharedColumn): string {
  return isAlike(column)
    ? imagesDiffer([column.name], 'a', 'b')
    : `${asText('a', column.name)} is distinct from ${asText('b', column.name)}`;
}

/** A condition: any of these columns is not the same. Those of one type are compared in one go. */
export function anyDiffers(columns: readonly SharedColumn[]): string {
  const alike = columns.filter(isAlike).map(({ name }) => name);
  const parts = [
    ...(alike.length > 0 ? [imagesDiffer(alike, 'a', 'b')] : []),
    ...columns.filter((column) => !isAlike(column)).map(columnDiffers),
  ];
  return parts.length === 0 ? 'false' : parts.join(' or ');
}

/** How a column of the key is joined. */
export interface JoinedColumn {
  readonly name: string;
  /** The column of one relation, in the form in which both can be compared. */
  readonly of: (alias: string) => string;
  readonly operator: string;
  /** Joined values may have different images: they are compared as other columns are. */
  readonly mayDiffer: boolean;
}

export function joinedColumn(column: SharedColumn, equality: KeyEquality | undefined): JoinedColumn {
  const { name } = column;
  const plain = (alias: string) => `${alias}.${quoteIdentifier(name)}`;
  if (isAlike(column))
    return { name, of: plain, operator: equality?.operator ?? '=', mayDiffer: !equality?.isExact };
  if (column.a.isNumber && column.b.isNumber)
    return { name, of: plain, operator: 'operator(pg_catalog.=)', mayDiffer: false };
  return { name, of: (alias) => asText(alias, name), operator: 'operator(pg_catalog.=)', mayDiffer: false };
}
