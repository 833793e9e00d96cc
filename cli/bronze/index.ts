export { keepForRetry } from './bookkeeping.js';
export { changesSince } from './changes.js';
export type { LoadRequest } from './extract.js';
export { loadTable, unchangedResult } from './load.js';
export { loadSchema, loadSchemaComment } from './load-table.js';
export { type LoadPreview, previewLoad } from './preview.js';
export { unchangedLoads } from './unchanged.js';
