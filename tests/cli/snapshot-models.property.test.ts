// in one process
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineBuild } from '../support/engine.ts';
import { withProject } from '../support/project.ts';
import { people, snapshotFiles } from '../support/snapshot-models.ts';

const test = suite('random snapshots');

test('random histories: what is current is the source, and versions of a key do not overlap', () =>
  withProject(snapshotFiles, async (project) => {
    const { sql, write } = project;
    const row = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('a', 'b', ''),
      fc.constantFrom('x', 'y'),
    );
    const states = fc.array(fc.uniqueArray(row, { selector: ([id]) => id, maxLength: 5 }), {
      minLength: 2,
      maxLength: 4,
    });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(states, fc.constantFrom('invalidate', 'new_record'), async (sequence, deletes) => {
        await sql.unsafe('drop table if exists gold.by_city, silver.people');
        write('models/silver/people.sql', people(`{ key: id, hard_deletes: ${deletes} }`));
        const isDeleted = `coalesce((to_jsonb(v) ->> 'is_deleted')::bool, false)`;
        for (const rows of sequence) {
          write('seeds/people.csv', `id,name,city\n${rows.map((cells) => `${cells.join(',')}\n`).join('')}`);
          assert.is(
            (await engineBuild(project, { select: ['bronze.people', 'silver.people'] })).status,
            'succeeded',
          );
          runs++;
          const current = await sql.unsafe(
            `select id, coalesce(name, '') as name, city from silver.people v where is_current and not ${isDeleted} order by id`,
          );
          assert.equal(
            current.map(({ id, name, city }) => [id, name, city]),
            [...rows].sort(([a], [b]) => a - b),
          );
          const wrong = await sql`
            select * from (select *, lead(valid_from) over (partition by id order by valid_from) as next from silver.people) v
             where valid_to <= valid_from or valid_to > next or (valid_to is null) <> is_current or (is_current and next is not null)`;
          assert.equal([...wrong], []);
        }
      }),
      { numRuns: 4 },
    );
    assert.ok(runs > 4);
  }));

test.run();
