export type { ColumnDiff, RelationDiff, SchemaChange, TextValue } from './diff.js';
export { diffNamed } from './diff-named.js';
export { type DiffOptions, diffRelations } from './diff-relations.js';
