import type { Sql } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { isCancelled, isOutOfTime, postgresError } from '../database/postgres-error.js';
import { readTextRows } from '../database/text-rows.js';
import { moreTime } from '../database/trouble.js';
import { MedallionError, type Where } from '../errors/index.js';
import type { TestResult } from '../events/events.js';
import type { CheckedTest } from './check.js';
import { dataTests } from './registry.js';
import { type Rule, sourceOf } from './rule.js';
import { sampleRows, samplesOf, stateOf } from './samples.js';
import { verdict } from './threshold.js';

/** A test that is ready to run. */
export interface RunnableTest {
  readonly id: string;
  readonly title: string;
  readonly severity: 'error' | 'warn';
  readonly errorIf?: string | undefined;
  readonly warnIf?: string | undefined;
  readonly filter?: string | undefined;
  readonly where: Where;
  readonly rule: Rule;
}

export interface RunTestsOptions {
  readonly sql: Sql;
  readonly node: string;
  /** Undefined for singular tests, whose query names everything itself. */
  readonly relation: Relation | undefined;
  readonly signal: AbortSignal;
  /** Set to keep failing rows in `medallion.test_failures`. */
  readonly store?: { readonly runId: number } | undefined;
  /** Set to return the rows of each test that does not pass, this many at most. */
  readonly showRows?: number | undefined;
}

const storedRows = 1000;
/** Far below Postgres's limit of 1,664 columns in a select. */
const rulesPerScan = 400;

/** Makes a built-in test runnable on a relation. */
export function runnable(
  test: CheckedTest,
  node: string,
  relation: Relation,
  resolve: (name: string) => Relation,
): RunnableTest {
  const { declaration } = test;
  const column = declaration.column === undefined ? undefined : quoteIdentifier(declaration.column);
  const rule = dataTests[declaration.kind]!.rule(
    declaration.argument,
    { relation, column, resolve },
    declaration,
  );
  return withRule(test, node, rule);
}

/** Makes a declared test runnable by a rule. */
export function withRule({ declaration, title }: CheckedTest, node: string, rule: Rule): RunnableTest {
  return {
    id: `${node}: ${title}`,
    title,
    severity: declaration.severity,
    errorIf: declaration.errorIf,
    warnIf: declaration.warnIf,
    filter: declaration.filter,
    where: declaration.where,
    rule,
  };
}

/**
 * Runs the tests of one relation. All row rules and aggregates share a single scan; each query rule takes one statement; only a test with
 * failures costs one more, for its first rows. A test whose SQL fails is `errored` and spoils no other.
 * @throws MedallionError MDL5002 when aborted; errors of the connection as the driver raises them
 */
export async function runTests(
  options: RunTestsOptions,
  tests: readonly RunnableTest[],
): Promise<TestResult[]> {
  const results = new Map<RunnableTest, TestResult>();
  const shared = tests.filter((test) => test.rule.kind !== 'query');
  for (let i = 0; i < shared.length; i += rulesPerScan)
    await scan(options, shared.slice(i, i + rulesPerScan), results);
  for (const test of tests) {
    if (test.rule.kind === 'query')
      await attempt(options, test, results, async () => Number((await count(options, test))[0]!.failures));
  }
  return tests.map((test) => results.get(test)!);
}

type Counted = readonly { readonly failures: number }[];

function source(options: Pick<RunTestsOptions, 'relation'>, test: RunnableTest): string {
  return sourceOf(options.relation ? quoteRelation(options.relation) : '', test.filter);
}

function count(options: RunTestsOptions, test: RunnableTest): PromiseLike<Counted> {
  const rule = test.rule as Extract<Rule, { kind: 'query' }>;
  return options.sql.unsafe<{ failures: number }[]>(
    `select count(*) as failures from (\n${rule.failing(source(options, test))}\n) as failing`,
  );
}

/** The aggregate that counts a test's failures in a scan of the relation. */
function failuresOf(test: RunnableTest): string {
  const rule = test.rule as Exclude<Rule, { kind: 'query' }>;
  const filter = test.filter === undefined ? undefined : `(${test.filter}\n)`;
  if (rule.kind === 'row') return `count(*) filter (where ${filter ? `${filter} and ` : ''}(${rule.breaks}))`;
  return rule.failures;
}

async function scan(
  options: RunTestsOptions,
  tests: readonly RunnableTest[],
  results: Map<RunnableTest, TestResult>,
): Promise<void> {
  if (tests.length === 0) return;
  requireGoingOn(options);
  // An aggregate over filtered rows sees other rows than its neighbours: it scans by itself.
  const alone = tests.filter((test) => test.rule.kind === 'aggregate' && test.filter !== undefined);
  const together = tests.filter((test) => !alone.includes(test));
  let row: Record<string, number> | undefined;
  try {
    if (together.length > 0) {
      const list = together.map((test, i) => `${failuresOf(test)} as "${i}"`);
      [row] = await options.sql.unsafe<Record<string, number>[]>(
        `select ${list.join(',\n  ')}\nfrom ${quoteRelation(options.relation!)}`,
      );
    }
  } catch (cause) {
    if (!postgresError(cause) || isCancelled(cause)) throw cause;
    // Each by itself would take as long again.
    if (isOutOfTime(cause)) {
      for (const test of together) results.set(test, errored(options, test, cause));
      together.length = 0;
    }
  }
  for (const [i, test] of together.entries()) {
    // Without the row one of the tests has an error: each is asked by itself, and the culprit names itself.
    await attempt(options, test, results, async () =>
      row ? Number(row[String(i)]) : countAlone(options, test),
    );
  }
  for (const test of alone) await attempt(options, test, results, () => countAlone(options, test));
}

async function countAlone(options: RunTestsOptions, test: RunnableTest): Promise<number> {
  const from = test.rule.kind === 'aggregate' ? source(options, test) : quoteRelation(options.relation!);
  const [row] = await options.sql.unsafe<{ failures: number }[]>(
    `select ${failuresOf(test)} as failures from ${from}`,
  );
  return Number(row!.failures);
}

async function attempt(
  options: RunTestsOptions,
  test: RunnableTest,
  results: Map<RunnableTest, TestResult>,
  countFailures: () => Promise<number>,
): Promise<void> {
  requireGoingOn(options);
  const base = baseOf(options, test);
  try {
    const failures = await countFailures();
    const status = verdict(failures, test);
    if (failures === 0) {
      results.set(test, { ...base, status, failures, samples: [] });
      return;
    }
    const failing = failingSql(options.relation, test);
    const found = await readTextRows(options.sql, failing, Math.max(sampleRows, options.showRows ?? 0));
    results.set(test, {
      ...base,
      status,
      failures,
      samples: test.rule.kind === 'aggregate' ? [stateOf(found)] : samplesOf(found),
      rows:
        options.showRows === undefined || status === 'passed'
          ? undefined
          : { columns: found.columns, rows: found.rows.slice(0, options.showRows), available: failures },
      stored: options.store && (await store(options, test, failing, options.store.runId)),
    });
  } catch (cause) {
    if (!postgresError(cause) || isCancelled(cause)) throw cause;
    results.set(test, errored(options, test, cause));
  }
}

function baseOf({ node }: RunTestsOptions, { id, title, severity, where }: RunnableTest) {
  return { test: id, node, title, severity, where };
}

/** A test whose SQL failed. @param cause Postgres's error */
function errored(options: RunTestsOptions, test: RunnableTest, cause: unknown): TestResult {
  const postgres = postgresError(cause)!;
  const error = new MedallionError('MDL4102', {
    message: `${test.title}: ${postgres.message}`,
    where: test.where,
    hint: isOutOfTime(cause) ? moreTime : undefined,
    cause,
    postgres,
  });
  return { ...baseOf(options, test), status: 'errored', failures: 0, samples: [], error: error.toJSON() };
}

/** A select of the rows that break a test: the SQL that it consists of. @param relation as in `RunTestsOptions` */
export function failingSql(relation: Relation | undefined, test: RunnableTest): string {
  const { rule } = test;
  const from = source({ relation }, test);
  switch (rule.kind) {
    case 'query':
      return rule.failing(from);
    case 'row':
      return `select * from ${from} where (${rule.breaks})`;
    case 'aggregate':
      return `select state.* from (select ${rule.show} as state from ${from}) as shown, json_each_text(shown.state) as state`;
  }
}

/** @returns how many rows were kept */
async function store(
  options: RunTestsOptions,
  test: RunnableTest,
  failing: string,
  runId: number,
): Promise<number> {
  const { count } = await options.sql.unsafe(
    `insert into medallion.test_failures (run_id, test, node, failed_row)
     select $1, $2, $3, to_json(failing) from (\n${failing}\n) as failing limit ${storedRows}`,
    [runId, test.id, options.node],
  );
  return count;
}

function requireGoingOn(options: RunTestsOptions): void {
  if (options.signal.aborted) throw new MedallionError('MDL5002', { message: 'Interrupted.' });
}
