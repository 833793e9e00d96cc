/** A configuration that loads each of these tables of `files({ ... })` (as source text) into `bronze.<name>`. @param bronze further settings */
export function filesConfig(tables: Readonly<Record<string, string>>, bronze = `load: 'replace'`): string {
  const names = Object.keys(tables);
  return `import { defineConfig, files } from 'medallion';
export default defineConfig({
  name: 'loja', database: process.env.DATABASE_URL,
  sources: { s: files({ tables: { ${names.map((name) => `${name}: ${tables[name]}`).join(', ')} } }) },
  bronze: { ${names.map((name) => `${name}: { from: 's.${name}', ${bronze} }`).join(', ')} },
});`;
}
