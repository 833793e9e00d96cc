import type { DataTest } from './rule.js';
import { freshness, rowCount } from './rules/aggregates.js';
import { relationships } from './rules/relationships.js';
import { acceptedValues, between, expression, matches, notNull, unique } from './rules/values.js';

/** The built-in data tests by the name that front matter uses. */
export const dataTests: Readonly<Record<string, DataTest>> = {
  not_null: notNull,
  unique,
  accepted_values: acceptedValues,
  relationships,
  between,
  matches,
  expression,
  row_count: rowCount,
  freshness,
};
