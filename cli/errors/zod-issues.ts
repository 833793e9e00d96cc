import type { core } from 'zod';
import { didYouMean } from './nearest.js';

/** One thing that is wrong with a checked value: where in it, what, and a hint when there is one. */
export interface SettingIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * Turns zod's first issue into words for people; an unknown key gets the nearest known ones.
 * @param knownKeys the keys that are valid at a path, where the caller knows them
 */
export function describeIssue(
  error: core.$ZodError,
  knownKeys: (path: readonly PropertyKey[]) => readonly string[],
): SettingIssue {
  const issue = deepest(mostTelling(error.issues));
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    return {
      path: [...issue.path, key],
      message: `unknown setting "${key}"`,
      hint: didYouMean(key, knownKeys(issue.path)),
    };
  }
  return { path: issue.path, message: issue.message };
}

/** A wrong name explains why the right one is missing, not the other way round. */
function mostTelling(issues: readonly core.$ZodIssue[]): core.$ZodIssue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
}

/** In a union, the alternative that got furthest is the one that the user meant. */
function deepest(issue: core.$ZodIssue): core.$ZodIssue {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const inner = issue.errors
      .map((issues) => deepest(mostTelling(issues)))
      .sort(
        (a, b) =>
          Number(b.code === 'unrecognized_keys') - Number(a.code === 'unrecognized_keys') ||
          b.path.length - a.path.length,
      )[0];
    if (inner && (inner.path.length > 0 || inner.code === 'unrecognized_keys'))
      return { ...inner, path: [...issue.path, ...inner.path] };
  }
  if (issue.code === 'invalid_key' && issue.issues[0]) return { ...issue.issues[0], path: issue.path };
  return issue;
}

/** `columns.email.tests[0]`: a path as people write it. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`))
    .join('');
}
