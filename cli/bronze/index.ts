export type { LoadRequest } from './extract.js';
export { loadTable } from './load.js';
export { loadSchema, loadSchemaComment } from './load-table.js';
export { type LoadPreview, previewLoad } from './preview.js';
