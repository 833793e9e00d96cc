import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { JitiOptions } from 'jiti';

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
  const loader = (options: JitiOptions) =>
    createJiti(join(projectDir, 'medallion.config.ts'), {
      fsCache: join(projectDir, '.medallion', 'cache', 'typescript'),
      moduleCache: false,
      virtualModules: { medallion: authoring },
      ...options,
    });
  return {
    async load(file) {
      const attempt = (transform: Transform) =>
        loader({
          transform({ source, filename = file }) {
            const code = transform(source, filename);
            if (code === undefined) throw beyond;
            return { code };
          },
        }).import<Record<string, unknown>>(file);
      try {
        return await attempt(() => undefined);
      } catch (cause) {
        if (cause !== beyond) throw cause;
      }
      const { commonModule } = await import('./transform.js');
      try {
        return await attempt(commonModule);
      } catch (cause) {
        if (cause !== beyond) throw cause;
      }
      return loader({}).import<Record<string, unknown>>(file);
    },
  };
}

type Transform = (source: string, file: string) => string | undefined;

/** A file that is in no cache is read with what takes longer to begin, first a quick transform, then Babel. */
const beyond = new Error('This file has to be transformed');
