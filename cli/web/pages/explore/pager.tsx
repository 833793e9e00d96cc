import { useId } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import type { RowsState } from './rows.ts';
import type { View } from './view.ts';

const sizes = [50, 100, 500, 1000] as const;

/** How many rows there are, which of them are shown, and the way to the others. */
export function Pager({
  view,
  state: { total, isExact, count },
  show,
}: {
  readonly view: View;
  readonly state: RowsState;
  readonly show: (view: View) => void;
}) {
  const { explore } = texts.value;
  const id = useId();
  const { limit, offset } = view;
  const most = project.value?.maxRows ?? Number.POSITIVE_INFINITY;
  const size = limit === null ? null : Math.min(limit, most);
  const choices = [...new Set([...sizes.filter((one) => one <= most), ...(size === null ? [] : [size])])];
  const at = (next: number) => show({ ...view, offset: Math.max(0, next) });
  const lastOffset =
    total === undefined || size === null ? undefined : Math.floor(Math.max(0, total - 1) / size) * size;
  const hasNext = size !== null && (total === undefined ? count === size : offset + size < total);
  const step = (label: string, sign: string, next: number | undefined, isOff: boolean) => (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={isOff || next === undefined}
      onClick={() => at(next!)}
    >
      {sign}
    </button>
  );
  return (
    <div class="pager">
      <span role="status">{told()}</span>
      {!view.group && (
        <>
          <label class="hidden" for={id}>
            {explore.perPage}
          </label>
          <select
            id={id}
            value={String(size)}
            onChange={({ currentTarget: { value } }) =>
              show({ ...view, limit: value === 'null' ? null : Number(value), offset: 0 })
            }
          >
            <option value="null">{explore.scrolled}</option>
            {choices
              .sort((a, b) => a - b)
              .map((one) => (
                <option key={one} value={one}>
                  {explore.aPage(formatNumber(one))}
                </option>
              ))}
          </select>
          {size !== null && (
            <nav aria-label={explore.pages}>
              {step(explore.firstPage, '«', 0, offset === 0)}
              {step(explore.previousPage, '‹', offset - size, offset === 0)}
              {step(explore.nextPage, '›', offset + size, !hasNext)}
              {/* Where the number is a guess, so is the last page. */}
              {step(explore.lastPage, '»', isExact ? lastOffset : undefined, !hasNext)}
            </nav>
          )}
        </>
      )}
    </div>
  );

  function told(): string {
    const all =
      total === undefined
        ? null
        : view.group
          ? explore.groups(formatNumber(total))
          : !isExact
            ? explore.about(formatNumber(rounded(total)))
            : total === 1
              ? explore.oneRow
              : explore.rows(formatNumber(total));
    if (size === null || count === 0 || view.group) return all ?? '';
    return explore.pageOf(formatNumber(offset + 1), formatNumber(offset + count), all);
  }
}

/** A guess to two digits: more would look as if it were counted. */
function rounded(total: number): number {
  return Number(total.toPrecision(2));
}
