import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';

/** `✓ 12  ! 1  ✕ 2`, said in words to those who do not see it. */
export function TestCounts({ passed, warned, failed }: CatalogNode['tests']) {
  const { catalog } = texts.value;
  if (passed + warned + failed === 0) return <span class="dim">–</span>;
  return (
    <span class="test-counts">
      {(
        [
          ['good', '✓', passed, catalog.passed],
          ['warn', '!', warned, catalog.warned],
          ['bad', '✕', failed, catalog.failed],
        ] as const
      ).map(
        ([tone, sign, count, word]) =>
          count > 0 && (
            <span key={tone} class={tone} title={word(formatNumber(count), count)}>
              <span aria-hidden="true">
                {sign} {formatNumber(count)}
              </span>
              <span class="hidden">{word(formatNumber(count), count)}</span>
            </span>
          ),
      )}
    </span>
  );
}
