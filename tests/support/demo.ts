import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TestProject, testProject } from './project.ts';
import { makeSupabase } from './roles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/**
 * The demo project of this repository, and other files in it, in a database as Supabase makes it.
 * @param rows of each seed; with few, some of its tests fail
 */
export async function demoProject(
  others: Readonly<Record<string, string>>,
  rows = 6000,
): Promise<TestProject> {
  const files = ['models', 'macros', 'tests'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`)
      .filter((path) => /^(models\/.*\.sql|tests\/[^/]*\.sql|macros\/.*\.(hbs|ts))$/.test(path)),
  );
  const seeds = readdirSync(join(root, 'seeds')).filter((name) => name.endsWith('.csv'));
  const made = await testProject({
    'medallion.config.ts': read('medallion.config.ts'),
    ...Object.fromEntries(files.map((path) => [path, read(path)])),
    ...Object.fromEntries(
      seeds.map((name) => [`seeds/${name}`, read(`seeds/${name}`).split('\n').slice(0, rows).join('\n')]),
    ),
    ...others,
  });
  await makeSupabase(made.sql);
  return made;
}
