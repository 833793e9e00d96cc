/**
 * What `import ... from 'medallion'` means inside medallion.config.ts and macros/*.ts while mdl loads them:
 * the names for writing a project, without the engine, so that loading a configuration stays quick.
 */
export { csv } from '../sources/csv/index.js';
export { files } from '../sources/files/index.js';
export { postgres } from '../sources/postgres/index.js';
export { defineSource } from '../sources/records/define-source.js';
export { supabase } from '../sources/supabase/index.js';
export { defineConfig } from './define.js';
export { defineMacro } from './define-macro.js';
