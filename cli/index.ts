export { defineConfig, type MedallionConfig } from './config/define.js';
export { defineMacro, type Macro } from './config/define-macro.js';
