import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { config, everyRowAccountedFor, loadedHere } from './load.ts';
import { type TestProject, withProject } from './project.ts';

/** A CSV file of so many rows. */
export const text = (count: number, from = 0) =>
  `id,v\n${Array.from({ length: count }, (_, i) => `${from + i},value ${from + i}`).join('\n')}\n`;
/** How many rows a load did not read again. */
export const goneOn = (result: Record<string, any>) =>
  /Going on after ([\d,]+) rows/.exec(result.notices.join('\n'))?.[1]?.replaceAll(',', '');

/** A project whose file of 200 rows is loaded in batches of 10; the schema `medallion` is there. */
export const withTable = (bronze: string, work: (project: TestProject, path: string) => Promise<void>) =>
  withProject(
    { 'medallion.config.ts': config(`batchRows: 10, ${bronze}`), 'seeds/t.csv': 'id,v\nx,y\n' },
    async (project) => {
      await loadedHere(project);
      const path = join(project.dir, 'seeds/t.csv');
      writeFileSync(path, text(200));
      await work(project, path);
    },
  );

/** All rows are there, each of them once. */
export async function whole(project: TestProject, result: Record<string, any>, count = 200) {
  assert.is(result.status, 'succeeded', JSON.stringify(result));
  const [row] = await project.sql`
    select count(*)::int as rows, count(distinct id)::int as ids, bool_and(v = 'value ' || id) as fit, bool_and(process_id is not null) as known
      from bronze.t where id <> 'x'`;
  assert.equal({ ...row }, { rows: count, ids: count, fit: true, known: true });
  await everyRowAccountedFor(project);
}
