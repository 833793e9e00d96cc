const comparisons: Readonly<Record<string, (failures: number, limit: number) => boolean>> = {
  '>': (failures, limit) => failures > limit,
  '>=': (failures, limit) => failures >= limit,
  '<': (failures, limit) => failures < limit,
  '<=': (failures, limit) => failures <= limit,
  '=': (failures, limit) => failures === limit,
  '!=': (failures, limit) => failures !== limit,
};

/** `>10` as a predicate over the number of failures; undefined when the text is not a threshold. */
export function parseThreshold(text: string): ((failures: number) => boolean) | undefined {
  const match = /^\s*(>=|<=|!=|>|<|=)\s*(\d+)\s*$/.exec(text);
  if (!match) return undefined;
  const compare = comparisons[match[1]!]!;
  const limit = Number(match[2]);
  return (failures) => compare(failures, limit);
}

/** The verdict on a number of failures; thresholds are expected to be checked. */
export function verdict(
  failures: number,
  test: { severity: 'error' | 'warn'; errorIf?: string | undefined; warnIf?: string | undefined },
): 'passed' | 'warned' | 'failed' {
  const exceeds = (text: string | undefined) => parseThreshold(text ?? '>0')!(failures);
  if (test.severity === 'error' && exceeds(test.errorIf)) return 'failed';
  // With only error_if given, fewer failures than that are still worth a warning.
  return exceeds(test.warnIf) ? 'warned' : 'passed';
}
