import { join } from 'node:path';

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
  const [{ createJiti }, authoring] = await Promise.all([import('jiti'), import('./authoring.js')]);
  const jiti = createJiti(join(projectDir, 'medallion.config.ts'), {
    fsCache: join(projectDir, '.medallion', 'cache', 'typescript'),
    moduleCache: false,
    virtualModules: { medallion: authoring },
  });
  return { load: (file) => jiti.import<Record<string, unknown>>(file) };
}
