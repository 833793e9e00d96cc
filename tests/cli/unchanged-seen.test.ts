import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constantCode } from '../../dist/build/unchanged/code-of-project.js';
import { readsNoise } from '../../dist/build/unchanged/environment.js';
import { withPathsBelow } from '../../dist/build/unchanged/watched-paths.js';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('changes that a build without work has to see');

const files = {
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) } });`,
  'seeds/a.csv': 'id,v\n1,10\n',
  'models/gold/a.sql': `select id, to_char('2024-01-01 00:00+00'::timestamptz, 'HH24') as hour from {{ref "bronze.a"}}`,
};

async function built(project: TestProject) {
  const events = await project.events('build');
  assert.is(events.at(-1)!.status, 'succeeded', JSON.stringify(events.at(-1)));
  const loads = events.filter(({ event }) => event === 'load.finished');
  const started = events.filter(({ event }) => event === 'model.started');
  return {
    recalled: loads.every(({ durationMs }) => durationMs === 0),
    reasons: Object.fromEntries(started.map(({ node, reason }) => [node, reason])),
  };
}

test('every file that code imports is known, or nothing is', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mdl-code-'));
  try {
    for (const name of ['a', 'b']) writeFileSync(join(dir, `${name}.ts`), `export const ${name} = 1;`);
    const found = (text: string) => {
      writeFileSync(join(dir, 'main.ts'), text);
      const code = constantCode([join(dir, 'main.ts')]);
      for (const [path, read] of code ?? []) assert.is(read, readFileSync(path, 'utf8'));
      return code && [...code.keys()].map((path) => path.slice(dir.length + 1)).join();
    };
    const both = 'main.ts,a.ts,b.ts';
    assert.is(found(`import { a } from './a.js'; import { b } from './b.js';`), both);
    assert.is(found(`import {\n  a,\n} from './a.js'\nimport './b.ts'`), both);
    assert.is(found(`export { a } from './a.js'; export * from './b.js';`), both);
    assert.is(
      found(`import type { A } from "./a"\nconst from = 'b';\nexport { from };\nexport default from;`),
      'main.ts,a.ts',
    );
    for (const text of [
      `import { a, // it's a\n b } from './b.js';`,
      `import /* */ { a } from './a.js';`,
      `export /* */ * from './a.js';`,
      `const a = 1; export { a } /* */ from './a.js';`,
      `export { 'a' as b } from './a.js';`,
      `import { c } from './c.js';`,
      `import { c } from './\\u0061.js';`,
    ])
      assert.is(found(text), undefined, text);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('links that lead round in a circle end', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mdl-links-'));
  try {
    symlinkSync(dir, join(dir, 'around'));
    symlinkSync(join(dir, 'nothing'), join(dir, 'broken'));
    symlinkSync(join(dir, 'itself'), join(dir, 'itself'));
    assert.equal(withPathsBelow(dir), [
      dir,
      ...['around', 'broken', 'itself'].map((name) => join(dir, name)),
    ]);
    assert.equal(withPathsBelow(join(dir, 'none')), [join(dir, 'none')]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a folder is read once, whatever leads to it: two circles would take for ever', () =>
  withProject({ ...files, 'models/gold/deep/b.sql': 'select 1 as x' }, async (project) => {
    for (const name of ['one', 'other']) {
      symlinkSync(join(project.dir, 'models'), join(project.dir, 'models/gold/deep', name));
      symlinkSync(join(project.dir, 'models/gold/deep'), join(project.dir, 'models', name));
    }
    const { reasons } = await built(project);
    assert.equal(Object.keys(reasons).sort(), ['gold.a', 'gold.b']);
  }));

test('variables that differ from terminal to terminal are not to be read', () => {
  assert.not(readsNoise([`{{env "STYLE"}} {{env "npmrc"}} from env`], [`process.env.DATABASE_URL`]));
  for (const text of [`{{env "npm_package_version"}}`, `{{#if (env 'LINES' 1)}}`, '{{env name}}'])
    assert.ok(readsNoise([text], []), text);
  assert.ok(readsNoise([], ['process.env.XDG_DATA_HOME']));
});

test('a folder behind a link, a variable that looks like none of the project, settings of the server', () =>
  withProject(files, async (project) => {
    const shared = join(project.dir, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'x.sql'), 'select 1 as x');
    symlinkSync(shared, join(project.dir, 'models/gold/linked'));
    await sleep(2100);
    await built(project);
    assert.ok((await built(project)).recalled);
    const { sql } = project;
    const database = (await sql`select quote_ident(current_database()) as name`)[0]!.name;
    await sql.unsafe('create operator public.@+ (leftarg = int, rightarg = int, function = int4pl)');
    assert.not((await built(project)).recalled, 'an operator');
    assert.ok((await built(project)).recalled);
    await sql.unsafe('create domain public.some as int check (value > 0)');
    assert.not((await built(project)).recalled, 'a domain');
    assert.ok((await built(project)).recalled);
    for (const setting of ['search_path = public, pg_catalog', `timezone = 'Asia/Tokyo'`]) {
      await sql.unsafe(`alter database ${database} set ${setting}`);
      assert.not((await built(project)).recalled, setting);
      assert.ok((await built(project)).recalled, `after ${setting}`);
    }
    process.env.STYLE = 'x';
    process.env.npm_config_other = 'x';
    try {
      assert.not((await built(project)).recalled, 'STYLE');
      process.env.npm_config_other = 'y';
      assert.ok((await built(project)).recalled);
    } finally {
      delete process.env.STYLE;
      delete process.env.npm_config_other;
    }
    writeFileSync(join(shared, 'x.sql'), 'select 2 as x');
    const { reasons } = await built(project);
    assert.is(reasons['gold.x'], 'sql changed');
  }));

test.run();
