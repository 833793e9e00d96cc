export type { ColumnDiff, RelationDiff, SchemaChange, TextValue } from './diff.js';
export {
  type ComparedModel,
  type ComparedTarget,
  diffEnvironments,
  type EnvironmentDiff,
} from './diff-environments.js';
export { diffNamed } from './diff-named.js';
export { type DiffOptions, diffRelations } from './diff-relations.js';
export { notCompared, type Summary, summarizeDiff, summarizeNew } from './summarize.js';
