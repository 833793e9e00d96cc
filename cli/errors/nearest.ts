/** Edit distance with insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/**
 * The known names closest to a misspelt one, best first.
 * @param name what was written; @param known the names that would have been right; @param most how many to return
 */
export function nearestNames(name: string, known: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  const lastPart = wanted.split('.').at(-1)!;
  return [...known]
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const own = distance(wanted, lower);
      return { candidate, far: Math.min(own, lower.split('.').at(-1) === lastPart ? 1 : own) };
    })
    .filter(
      ({ candidate, far }) => far <= Math.max(2, Math.floor(Math.max(candidate.length, wanted.length) / 3)),
    )
    .sort((a, b) => a.far - b.far || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** A sentence that offers the nearest names, or lists the first known ones when none is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearestNames(name, all);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  if (all.length === 0) return 'There are none yet.';
  return `Known: ${all.slice(0, 8).join(', ')}${all.length > 8 ? ', ...' : ''}.`;
}
