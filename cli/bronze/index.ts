export type { LoadContext } from './context.js';
export { type LoadResult, loadTable } from './load.js';
export { loadSchema, loadSchemaComment } from './load-table.js';
