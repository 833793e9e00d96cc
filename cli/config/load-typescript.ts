import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Loads the user's TypeScript files, cached in the project's `.medallion/cache`. */
export interface TypeScriptLoader {
  /** The module's exports. Whatever the file throws is passed on. */
  load(file: string): Promise<Record<string, unknown>>;
}

/**
 * Makes a loader for one project. `medallion` resolves to this very package, installed beside the project or not.
 * @param projectDir absolute path of the project's folder
 */
export async function typeScriptLoader(projectDir: string): Promise<TypeScriptLoader> {
  // Required, as an import would first look through all of it for the names that it exports.
  const { createJiti } = require('jiti') as typeof import('jiti');
  const authoring = await import('./authoring.js');
  const jiti = createJiti(join(projectDir, 'medallion.config.ts'), {
    fsCache: join(projectDir, '.medallion', 'cache', 'typescript'),
    moduleCache: false,
    virtualModules: { medallion: authoring },
  });
  return { load: (file) => jiti.import<Record<string, unknown>>(file) };
}
