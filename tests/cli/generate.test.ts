// in one process
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config } from '../support/api.ts';
import { compile } from '../support/compile.ts';
import { films } from '../support/films.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { withShop } from '../support/shop.ts';

const test = suite('generate');

const names = ['database.ts', 'supabase.ts', 'schemas.ts', 'openapi.json'];
const generated = (project: TestProject) => names.map((name) => project.read(`generated/${name}`));

function withFilmsProject(work: (project: TestProject) => Promise<void>): Promise<void> {
  return withProject({ 'medallion.config.ts': config(`{ schemas: ['api'] }`) }, async (project) => {
    await createRoles(project.sql, 'anon');
    await project.sql.unsafe(films);
    await work(project);
  });
}

test('tests/support/films-database.ts is what mdl generate supabase writes', () =>
  withFilmsProject(async (project) => {
    assert.is((await project.mdl('generate', 'supabase')).code, 0);
    const text = project.read('generated/supabase.ts');
    const file = fileURLToPath(new URL('../support/films-database.ts', import.meta.url));
    if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, text);
    assert.snapshot(text, readFileSync(file, 'utf8'), 'UPDATE_SNAPSHOTS=1 when the change is meant');
  }));

test('files are written once, and again when something else is published', () =>
  withShop({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    const first = await project.mdl('generate');
    assert.equal([first.code, first.stdout.match(/written {4}generated\/.+/g)?.length], [0, 4], first.stderr);
    const before = generated(project);
    const written = statSync(join(project.dir, 'generated/database.ts')).mtimeMs;
    const second = await project.mdl('generate');
    assert.is(second.stdout.match(/unchanged {2}generated\/.+/g)?.length, 4, second.stdout);
    assert.equal(generated(project), before);
    assert.is(statSync(join(project.dir, 'generated/database.ts')).mtimeMs, written);
    assert.equal(await project.mdl('generate', '--check').then(({ code }) => code), 0);

    project.write(
      'models/gold/ages.sql',
      project
        .read('models/gold/ages.sql')
        .replace('people: {', 'youngest: { type: integer }\n  people: {')
        .replace(' as people', ' as people, min(age) as youngest'),
    );
    assert.is((await project.mdl('build')).code, 0);
    const old = await project.mdl('generate', '--check');
    assert.is(old.code, 1);
    assert.match(old.stderr, /MDL6101/);
    for (const name of names) assert.match(old.stderr, `generated/${name}`);
    assert.equal(generated(project), before);
    const one = await project.mdl('generate', 'zod');
    assert.is(one.stdout.trim(), 'written    generated/schemas.ts');
    assert.match(project.read('generated/schemas.ts'), 'youngest: integer.nullable()');
    assert.is(project.read('generated/supabase.ts'), before[1]);
    const some = await project.mdl('generate', '--check');
    assert.not.match(some.stderr, 'schemas.ts');
  }));

test('what is missing is named; the folder and the schemas are settings', () =>
  withShop(
    {
      'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) },
  serve: { schemas: ['gold', 'silver'] }, generate: { dir: 'src/types', schemas: ['gold'] } });`,
    },
    async (project) => {
      const empty = await project.mdl('generate');
      assert.equal([empty.code, empty.stderr], [0, '']);
      assert.match(empty.stdout, 'Nothing is published in gold, silver yet');
      assert.is((await project.mdl('build')).code, 0);
      assert.is((await project.mdl('generate')).code, 0);
      assert.not.match(project.read('src/types/database.ts'), /silver|bronze/);
      assert.match(project.read('src/types/schemas.ts'), 'export const SilverPeople = z.object({');
      assert.ok(JSON.parse(project.read('src/types/openapi.json')).definitions.ages);
      assert.ok(JSON.parse(project.read('src/types/openapi.silver.json')).definitions.people);
      assert.is((await project.mdl('generate', '--check')).code, 0);
      const elsewhere = await project.mdl('generate', '--check', 'openapi');
      assert.is(elsewhere.code, 0, elsewhere.stderr);
    },
  ));

test('a file of somebody else is left alone, and so are the others', () =>
  withShop({ 'generated/supabase.ts': 'export type Database = {};\n' }, async (project) => {
    const { code, stderr } = await project.mdl('generate');
    assert.is(code, 2);
    assert.match(stderr, /MDL6102[\s\S]*generated\/supabase\.ts was not written by mdl generate/);
    assert.is(project.read('generated/supabase.ts'), 'export type Database = {};\n');
    assert.throws(() => project.read('generated/database.ts'), /ENOENT/);
    mkdirSync(join(project.dir, 'generated/schemas.ts'));
    const folder = await project.mdl('generate', 'zod');
    assert.equal([folder.code, folder.stderr.includes('generated/schemas.ts cannot be written')], [2, true]);
  }));

test('wrong usage says what is right', () =>
  withShop({}, async (project) => {
    const unknown = await project.mdl('generate', 'supabse');
    assert.is(unknown.code, 2);
    assert.match(unknown.stderr, /"supabse" to generate[\s\S]*supabase/);
    assert.match((await project.mdl('generate', '--check', '--watch')).stderr, 'one of --check and --watch');
  }));

test('a query of the films compiles as it is, and not with a misspelt column', () =>
  withFilmsProject(async (project) => {
    assert.is((await project.mdl('generate')).code, 0);
    const supabase = (columns: string) => `
import { createClient } from '@supabase/supabase-js';
import type { Database, Tables } from './generated/supabase.js';
const client = createClient<Database>('http://127.0.0.1', 'key');
const { data } = await client.schema('api').from('films').select('${columns}').eq('id', 1).single();
export const title: string = data!.title;
export const director: string | null | undefined = data!.directors?.name;
export const film: Tables<'films'>['rating'] = 7.5;
export const view: Tables<{ schema: 'api' }, 'directors'>['tags'] = ['a'];
const { data: plots } = await client.schema('api').from('plots').select('text, films(title, roles(actors(name)))');
export const names: string[] = plots![0]!.films.roles.map(({ actors }) => actors.name);
const { data: counted } = await client.schema('api').from('films').select('year, count(), rating.max()');
export const count: number = counted![0]!.count;
`;
    const kysely = (column: string) => `
import type { Kysely } from 'kysely';
import type { DB } from './generated/database.js';
declare const db: Kysely<DB>;
const films = await db.selectFrom('api.films').select(['title', '${column}', 'info', 'seen']).execute();
export const title: string = films[0]!.title;
export const rating: string | null = films[0]!.rating;
export const italian = db.selectFrom("api.Città d'Italia").select(['A"b', 'nome, cognome']);
`;
    assert.is(
      await compile(project, {
        'supabase.ts': supabase('title, directors(name)'),
        'kysely.ts': kysely('rating'),
        'schemas.ts': `import { ApiFilms, schemas } from './generated/schemas.js';
export const title: string = ApiFilms.parse({}).title;
export const tags: (string | null)[] | null = schemas.api.directors.parse({}).tags;`,
      }),
      '',
    );
    const misspelt = await compile(project, {
      'supabase.ts': supabase('titel, directors(name)'),
      'kysely.ts': kysely('ratting'),
    });
    assert.match(misspelt, /supabase\.ts.*titel/);
    assert.match(misspelt, /^kysely\.ts\(5,\d+\): error TS2769.*\n.*\n.*DB, "api\.films"/m);
  }));

test.run();
