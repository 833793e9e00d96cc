import { useState } from 'preact/hooks';
import type { FailingRows, RunRowsAnswer, TestResult } from '../../../serve/ui/runs/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { askJson } from '../../app/http.ts';
import { texts } from '../../app/language.ts';
import { Failure } from '../../parts/states.tsx';
import { TestBadge } from './badges.tsx';
import { ErrorBox } from './error-box.tsx';

const rowsAtOnce = 100;

/** The tests of a node: what failed with its rows, what passed by name. */
export function NodeTests({
  runId,
  tests,
}: {
  readonly runId: number;
  readonly tests: readonly TestResult[];
}) {
  const { node: words } = texts.value.runs;
  if (tests.length === 0) return null;
  const passed = tests.filter(({ status }) => status === 'passed');
  const others = tests.filter(({ status }) => status !== 'passed');
  return (
    <section aria-labelledby="node-tests">
      <h3 id="node-tests">{words.tests}</h3>
      <ul class="node-tests">
        {[...others].sort(byGravity).map((test) => (
          <li key={test.test}>
            <BrokenTest runId={runId} test={test} />
          </li>
        ))}
      </ul>
      {passed.length > 0 && (
        <details open={passed.length <= 8 && others.length === 0}>
          <summary>{words.passedTests(passed.length, formatNumber(passed.length))}</summary>
          <ul class="node-tests">
            {passed.map(({ test, title, status }) => (
              <li key={test}>
                <TestBadge status={status} /> {title}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const gravity = ['errored', 'failed', 'warned'];
const byGravity = (a: TestResult, b: TestResult) => gravity.indexOf(a.status) - gravity.indexOf(b.status);

function BrokenTest({ runId, test }: { readonly runId: number; readonly test: TestResult }) {
  const { node: words } = texts.value.runs;
  const { title, status, failures, where, error } = test;
  return (
    <>
      <p>
        <TestBadge status={status} /> <strong>{title}</strong>
        {status !== 'errored' && <span>: {words.failures(failures, formatNumber(failures))}</span>}
      </p>
      {where && (
        <p class="dim">
          <code>{[where.file, where.line].filter((part) => part !== undefined).join(':')}</code>
        </p>
      )}
      {error && <ErrorBox error={error} />}
      {test.samples.length > 0 && <BreakingRows runId={runId} test={test} />}
    </>
  );
}

/** The few rows that every run keeps at once; all that were stored on demand. */
function BreakingRows({ runId, test }: { readonly runId: number; readonly test: TestResult }) {
  const { node: words } = texts.value.runs;
  const [stored, setStored] = useState<FailingRows>();
  const [error, setError] = useState<unknown>();
  const [isReading, setReading] = useState(false);
  const shown = stored ?? sampleRows(test);
  const kept = stored?.available ?? test.stored ?? test.samples.length;
  const read = async () => {
    setReading(true);
    const limit = Math.min(kept, (stored?.rows.length ?? 0) + rowsAtOnce);
    try {
      setStored(
        await askJson<RunRowsAnswer>(
          `/ui/api/runs/${runId}/rows?test=${encodeURIComponent(test.test)}&limit=${limit}`,
        ),
      );
      setError(undefined);
    } catch (failure) {
      setError(failure);
    } finally {
      setReading(false);
    }
  };
  return (
    <>
      {/* A region that scrolls has to be reached by the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section class="scroll" tabIndex={0} aria-label={words.rowsOf(test.title)}>
        <table>
          <thead>
            <tr>
              {shown.columns.map(({ name, numeric }) => (
                <th key={name} scope="col" class={numeric ? 'number' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row, i) => (
              // Rows have no name of their own here.
              <tr key={i}>
                {row.map((value, at) => (
                  <td key={shown.columns[at]?.name} class={shown.columns[at]?.numeric ? 'number' : undefined}>
                    {value ?? <span class="dim">{words.null}</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="rows-more dim">
        {words.shown(formatNumber(shown.rows.length), formatNumber(test.failures))}
        {kept > shown.rows.length ? (
          <button type="button" disabled={isReading} onClick={() => void read()}>
            {stored ? words.moreRows : words.allRows(formatNumber(kept))}
          </button>
        ) : (
          test.failures > kept && ` · ${words.notKept}`
        )}
      </p>
      {error !== undefined && <Failure error={error} />}
    </>
  );
}

function sampleRows({ samples }: TestResult): FailingRows {
  const names = Object.keys(samples[0] ?? {});
  return {
    columns: names.map((name) => ({ name, numeric: false })),
    rows: samples.map((sample) => names.map((name) => sample[name] ?? null)),
    available: samples.length,
  };
}
