import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { linkOf, type Shown } from './cell.tsx';
import { cellText, wholeText } from './cell-text.ts';
import { referringHrefs, type ShownColumn } from './columns.ts';
import type { Row } from './exact-json.ts';
import { labelOf } from './head.tsx';
import { isMoment } from './moments.ts';

/** A row, or one value of it, with nothing left out. */
export function Whole({
  shown: { row, column, number },
  columns,
  relation,
  isGrouped,
  onClose,
}: {
  readonly shown: Shown;
  readonly columns: readonly ShownColumn[];
  readonly relation: ProjectRelation;
  readonly isGrouped: boolean;
  readonly onClose: () => void;
}) {
  const { explore } = texts.value;
  const referring = column || isGrouped ? [] : referringHrefs(relation, row, project.value?.relations ?? []);
  const title = `${relation.name}: ${explore.row(number)}`;
  return (
    <Dialog title={column ? labelOf(column) : title} wide onClose={onClose}>
      {column ? (
        <WholeValue row={row} column={column} relation={relation} />
      ) : (
        <dl class="whole-row">
          {columns.map((one) => (
            <div key={one.name}>
              <dt title={one.description ?? undefined}>{labelOf(one)}</dt>
              <dd>
                <WholeValue row={row} column={one} relation={relation} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {referring.length > 0 && (
        <nav class="referring" aria-label={explore.references}>
          <h3>{explore.references}</h3>
          {referring.map(({ label, href }) => (
            // The page that it leads to is this one with another table.
            <a key={href} href={href} onClick={onClose}>
              {label}
            </a>
          ))}
        </nav>
      )}
    </Dialog>
  );
}

function WholeValue({
  row,
  column,
  relation,
}: {
  readonly row: Row;
  readonly column: ShownColumn;
  readonly relation: ProjectRelation;
}) {
  const { explore } = texts.value;
  const value = row[column.name];
  if (value === null || value === undefined) return <span class="nothing">{explore.nothing}</span>;
  if (value === '') return <span class="nothing">{explore.emptyText}</span>;
  const isPlain = column.kind === 'text' || column.kind === 'other';
  const text = isPlain ? wholeText(value) : cellText(value, column);
  const href = linkOf(row, column, relation);
  if (href !== undefined) return <a href={href}>{text}</a>;
  return text.includes('\n') || typeof value === 'object' ? (
    <pre class="whole">{text}</pre>
  ) : (
    <span class="whole">
      {text}
      {isMoment(column.type) && text !== value && <span class="dim"> {String(value)}</span>}
    </span>
  );
}
