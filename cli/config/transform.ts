import { transform } from 'sucrase';

/** What the transform cannot do, or not as Babel does it: modules that wait, and what they know of themselves. Words in comments count too, which costs time only. */
const beyond = /\bawait\b|\bimport\s*\(|\bimport\.meta\b|^\s*@\w/m;

/**
 * Makes a TypeScript module one that `require` loads. Babel, which jiti brings, does the same and takes half a second to begin.
 * @returns undefined where Babel has to: for what is beyond this, and to say what is wrong with the file
 */
export function commonModule(source: string, file: string): string | undefined {
  if (beyond.test(source) || /x$/.test(file)) return undefined;
  try {
    return transform(source, {
      transforms: /ts$/.test(file) ? ['typescript', 'imports'] : ['imports'],
      disableESTransforms: true,
      production: true,
      filePath: file,
    }).code;
  } catch {
    return undefined;
  }
}
