import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mdl, sideBySide, timed, timeRow } from './setup.js';

const readAll = `
const { readdirSync, readFileSync } = require('node:fs');
for (const name of readdirSync('models', { recursive: true })) if (name.endsWith('.sql')) readFileSync('models/' + name, 'utf8');`;

/** Compiling many models from cold against a bare Node that reads the same files. */
export async function measureCompile(bench, quick) {
  const rows = [];
  for (const models of quick ? [1000] : [1000, 5000]) {
    const folder = `compile-${models}`;
    bench.write(
      `${folder}/medallion.config.ts`,
      `import { defineConfig } from 'medallion'; export default defineConfig({ name: 'many' });`,
    );
    bench.write(`${folder}/macros/to_int.hbs`, '{{column}}::integer');
    for (let i = 0; i < models; i++) {
      const from =
        i < 10
          ? '(values (1, 2)) as v (id, n)'
          : `{{ref "silver.m${i - 10}"}} join {{ref "silver.m${i - 3}"}} using (id)`;
      bench.write(
        `${folder}/models/silver/m${i}.sql`,
        `/*---\ndescription: Model number ${i}\nprimary_key: id\ncolumns:\n  id: { type: integer, tests: [ not_null ] }\n  n: { type: integer }\n---*/\nselect id, {{> to_int column="${i < 10 ? 'n' : `m${i - 10}.n`}"}} as n\nfrom ${from.replace('{{ref "silver.m', '{{ref "silver.m')}\n${'-- what a model of some length looks like\n'.repeat(10)}`,
      );
    }
    const cwd = join(bench.dir, folder);
    const [compile, limit] = await sideBySide(
      3,
      async () => {
        rmSync(join(cwd, '.medallion'), { recursive: true, force: true });
        return (await timed(process.execPath, [mdl, 'ls', '--output', 'name'], { cwd })).ms;
      },
      async () => (await timed(process.execPath, ['-e', readAll], { cwd })).ms,
    );
    rows.push({
      ...timeRow(`graph of ${models} models, cold / node reading the files`, compile, limit, 0),
      target: '< 1.5 s for 5,000',
      met: compile < 1500 ? 'yes' : 'no',
    });
  }
  return rows;
}
