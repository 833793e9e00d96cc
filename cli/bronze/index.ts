export { loadTable } from './load.js';
export { loadSchema, loadSchemaComment } from './load-table.js';
