import type { CatalogTest } from '../../../serve/ui/catalog/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';

const looks = {
  passed: ['good', '✓'],
  warned: ['warn', '!'],
  failed: ['bad', '✕'],
  errored: ['bad', '✕'],
} as const;

/** The tests of a node, those that found something first. */
export function Tests({ tests }: { readonly tests: readonly CatalogTest[] }) {
  const { catalog: text } = texts.value;
  const weight = ({ status }: CatalogTest) =>
    ['failed', 'errored', 'warned', null, 'passed'].indexOf(status ?? null);
  const sorted = [...tests].sort((a, b) => weight(a) - weight(b));
  return (
    <section class="panel" aria-labelledby="tests">
      <h2 id="tests">{text.tests}</h2>
      <ul class="tests">
        {sorted.map((test, i) => (
          // Two tests may have one title.
          <li key={`${test.title} ${i}`}>
            <TestStatus test={test} /> <span>{test.title}</span>
            {test.severity === 'warn' && <span class="tag">{text.onlyWarns}</span>}
            {test.failures > 0 && (
              <span class="dim test-failures">
                {text.failures(formatNumber(test.failures), test.failures)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function TestStatus({ test: { status } }: { readonly test: CatalogTest }) {
  const { catalog: text } = texts.value;
  const [tone, sign] = status === null ? ['idle', '○'] : looks[status];
  return (
    <span class={`state ${tone}`}>
      <span aria-hidden="true">{sign}</span>
      {text.testStates[status ?? 'never']}
    </span>
  );
}
