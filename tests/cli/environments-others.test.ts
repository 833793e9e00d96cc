// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, config, dev, files, relationsIn, run } from '../support/environments.ts';
import { withProject } from '../support/project.ts';

const test = suite('environments and what is not theirs');

test('what others hang on an environment keeps it, and clean takes the rest', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write('models/silver/people.sql', `${files['models/silver/people.sql']} where true`);
    const { reasons } = await built(project, 'dev');
    assert.equal(Object.keys(reasons), ['silver.people', 'gold.by_city', 'gold.shown']);
    await project.sql`create view public.mine as select * from silver__dev.people`;
    project.write('models/silver/people.sql', files['models/silver/people.sql']);
    const { notices } = await built(project, 'dev');
    assert.match(
      notices.at(-1)!,
      /"silver__dev"."people" is no longer needed and stays: view mine depends on/,
    );
    assert.equal(await relationsIn(project, '%\\_\\_dev'), ['silver__dev.people']);
    assert.is((await project.sql`select from public.mine`).count, 3);
    await project.sql`drop view public.mine`;
    const { stdout } = await project.mdl('clean', ...dev);
    assert.match(
      stdout,
      'Removed table silver.people, schema bronze__dev, schema gold__dev, schema silver__dev',
    );
    assert.is((await project.sql`select from medallion.relations where project = 'loja@dev'`).count, 0);
    assert.is((await project.sql`select from gold.shown`).count, 2);
  }));

test('a foreign key onto production becomes a data test; rights and policies are left out; bronze that differs is loaded', () =>
  withProject(
    {
      ...files,
      'medallion.config.ts': config(
        `{ prod: {}, dev: { from: 'prod', schemas: '"Dev" {schema}' }, 'Zoë’s': { from: 'prod', schemas: 'z_{schema}' } }`,
        `grants: { gold: { select: ['public'] } }`,
      ),
      'models/gold/visits.sql': `/*---
primary_key: n
foreign_keys: [ { columns: [person], references: silver.people } ]
columns: { n: int, person: int }
---*/
select 1 as n, 1 as person`,
    },
    async (project) => {
      const { sql, write, read } = project;
      await built(project);
      write('models/gold/visits.sql', read('models/gold/visits.sql').replace('1 as person', '2 as person'));
      const changed = await built(project, 'dev');
      assert.equal(Object.keys(changed.reasons), ['gold.visits']);
      assert.ok(changed.tests.includes('test.gold.visits'));
      const [facts] = await sql`
        select (select count(*)::int from pg_constraint where conrelid = '"""Dev"" gold".visits'::regclass and contype = 'f') as keys,
               has_table_privilege('public', '"""Dev"" gold".visits', 'select') as readable`;
      assert.equal({ ...facts }, { keys: 0, readable: false });
      write('models/gold/visits.sql', read('models/gold/visits.sql').replace('2 as person', '77 as person'));
      const failed = await run(project, 'dev');
      assert.is(failed.status, 'failed');
      assert.is((await sql`select from ${sql('"Dev" gold')}.visits where person = 2`).count, 1);

      // Another environment has a state of its own, and loads what production loads in another way.
      write('models/gold/visits.sql', read('models/gold/visits.sql').replace('77 as person', '1 as person'));
      write('medallion.config.ts', read('medallion.config.ts').replace(`load: 'upsert'`, `load: 'replace'`));
      const other = await built(project, 'Zoë’s');
      assert.equal(other.loads, ['bronze.people']);
      assert.equal(Object.keys(other.reasons), ['silver.people', 'gold.by_city', 'gold.shown']);
      assert.equal((await built(project, 'Zoë’s')).reasons, {});
      assert.is((await relationsIn(project, '"Dev"%')).length, 1);
    },
  ));

test.run();
