import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { cellText } from './cell-text.ts';
import { referencedHref, type ShownColumn } from './columns.ts';
import type { Row } from './exact-json.ts';

/** A row, or one value of it, that is to be shown whole. */
export interface Shown {
  readonly row: Row;
  /** Null: all. */
  readonly column: ShownColumn | null;
  readonly number: string;
}

/** A value in a line of its own width; what does not fit can be seen whole. */
export function Cell({
  row,
  column,
  width,
  relation,
  onShow,
}: {
  readonly row: Row;
  readonly column: ShownColumn;
  /** In characters. */
  readonly width: number;
  readonly relation: ProjectRelation;
  readonly onShow: () => void;
}) {
  const { explore } = texts.value;
  const value = row[column.name];
  if (value === null || value === undefined) return <span class="nothing">{explore.nothing}</span>;
  if (value === '') return <span class="nothing">{explore.emptyText}</span>;
  const text = cellText(value, column);
  const href = linkOf(row, column, relation);
  if (href !== undefined) return <a href={href}>{text}</a>;
  const isClipped = text.length > width - 3 || text.includes('\n');
  // As it is, where the page shows it otherwise: seconds, time zones.
  const title = column.kind === 'time' && text !== value ? String(value) : undefined;
  if (!isClipped) return <span title={title}>{text}</span>;
  return (
    <button type="button" class="clipped" title={explore.whole} onClick={onShow}>
      {text.slice(0, 200)}
    </button>
  );
}

/** Where a foreign key of this column leads; undefined: it has none. */
export function linkOf(row: Row, { by, name }: ShownColumn, relation: ProjectRelation): string | undefined {
  if (by.column !== name) return undefined;
  const key = relation.foreignKeys.find(
    ({ columns }) => columns.includes(name) && columns.every((column) => column in row),
  );
  return key && referencedHref(key, row, project.value?.relations ?? []);
}
