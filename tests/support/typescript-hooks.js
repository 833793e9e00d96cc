import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** JavaScript of a TypeScript file, with its source map in it. */
export async function transpile(file) {
  const { transformSync } = await import('rolldown/utils');
  const { code, map, errors } = transformSync(file, readFileSync(file, 'utf8'), { sourcemap: true });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`;
}

/** Node's hook: files of `cli/` import each other by the names that they have when they are built. */
export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const isOurs = /^\..*\.js$/.test(specifier) && /\.tsx?$/.test(context.parentURL ?? '');
    if (!isOurs || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
  }
}

/** Node's hook: see `load` in https://nodejs.org/api/module.html */
export async function load(url, context, nextLoad) {
  if (!/^file:.*\.tsx?$/.test(url)) return nextLoad(url, context);
  const file = fileURLToPath(url);
  const ready = join(process.env.MDL_TEST_CODE ?? '', `${relative(root, file)}.js`);
  const source =
    process.env.MDL_TEST_CODE && existsSync(ready) ? readFileSync(ready, 'utf8') : await transpile(file);
  return { format: 'module', source, shortCircuit: true };
}
