import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testProject } from '../support/project.ts';

/**
 * What others rely on, as files of this repository, so that a change to it shows in a diff.
 * After a change that is meant: `UPDATE_SNAPSHOTS=1 node tests/run.js snapshots`.
 */
const test = suite('snapshots');
const root = fileURLToPath(new URL('../..', import.meta.url));

function compare(name: string, text: string): void {
  const file = `${root}tests/cli/snapshots/${name}`;
  if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, text);
  assert.ok(existsSync(file), `${file} is missing`);
  assert.snapshot(text, readFileSync(file, 'utf8'), `${name}: UPDATE_SNAPSHOTS=1 when the change is meant`);
}

test('the schema medallion: what migrations make', async () => {
  const project = await testProject({ 'seeds/t.csv': 'id\n1\n', 'models/gold/one.sql': 'select 1 as id' });
  try {
    assert.is((await project.mdl('build')).code, 0);
    const columns = await project.sql`
      select c.relname as "table", format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end,
             coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), case a.attidentity when '' then '' else ' identity' end)) as line
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where c.relnamespace = 'medallion'::regnamespace and c.relkind = 'r'
       order by c.relname, a.attnum`;
    const constraints = await project.sql`
      select conrelid::regclass::text as "table", format('  %s: %s', conname, pg_get_constraintdef(oid)) as line
        from pg_constraint where connamespace = 'medallion'::regnamespace and contype in ('p', 'u', 'f', 'c') order by 1, conname`;
    const indexes = await project.sql`
      select tablename as "table", '  ' || indexdef as line from pg_indexes
       where schemaname = 'medallion' and indexname not in (select conname from pg_constraint) order by 1, indexname`;
    const tables = [...new Set(columns.map((row) => row.table as string))];
    const of = (rows: readonly Record<string, unknown>[], table: string) =>
      rows
        .filter((row) => (row.table as string).replace('medallion.', '') === table)
        .map((row) => row.line as string);
    const text = tables
      .map((table) =>
        [table, ...of(columns, table), ...of(constraints, table), ...of(indexes, table)].join('\n'),
      )
      .join('\n\n');
    compare('medallion-schema.txt', `${text}\n`);
  } finally {
    await project.close();
  }
});

/** The declaration of a name, with its docstring, from the module that declares it. */
function declaration(module: string, name: string): string {
  const text = readFileSync(`${root}dist/${module.replace(/\.js$/, '.d.ts')}`, 'utf8');
  const blocks = text.match(
    /(^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^export (?!\{|\*)[\s\S]*?(?=^\/\*\*|^export |^import |^declare |^interface |^type |(?![\s\S]))/gm,
  );
  const found = blocks?.find((block) =>
    new RegExp(`^export (declare )?(abstract )?(interface|type|function|const|class) ${name}\\b`, 'm').test(
      block,
    ),
  );
  if (found) return found.trimEnd();
  for (const [, names, from] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '(.+)';/gm))
    if (exportedNames(names!).includes(name)) return declaration(join(dirname(module), from!), name);
  throw new Error(`${name} is not declared in ${module}`);
}

function exportedNames(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.replace(/\btype\b/, '').trim())
    .filter((name) => name !== '');
}

test('the public names and their types', () => {
  assert.equal(Object.keys(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).exports), [
    '.',
    './client',
    './package.json',
  ]);
  const index = readFileSync(`${root}dist/index.d.ts`, 'utf8');
  const names = [...index.matchAll(/^export (?:type )?\{([^}]*)\} from '(.+)';/gm)].flatMap(
    ([, list, from]) => exportedNames(list!).map((name) => [name, from!] as const),
  );
  assert.ok(names.length > 20, index);
  const own = ['OpenDatabaseOptions', 'openDatabase'].map((name) => [name, './client.js'] as const);
  const report = [...names, ...own]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, from]) => declaration(from, name))
    .join('\n\n');
  compare('public-api.txt', `${report}\n`);
});

test.run();
