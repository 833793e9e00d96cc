// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, config, files, open, relationsIn } from '../support/environments.ts';
import { withProject } from '../support/project.ts';

const test = suite('loads, snapshots and materialized views of environments');

const history = (select = 'id, name, city') =>
  `/*---\nmaterialized: snapshot\nsnapshot: { key: id }\n---*/\nselect ${select} from {{ref "silver.people"}}`;
const counted = (more = '') =>
  `/*---\nmaterialized: materialized_view\nprimary_key: city\n---*/\nselect city, count(*)::int as versions${more} from {{ref "silver.history"}} group by city`;
const quickly = '/*---\nmaterialized: materialized_view\n---*/\nselect name from {{ref "silver.people"}}';

test('a snapshot goes on with the history of production in a relation of its own', () =>
  withProject(
    { ...files, 'models/silver/history.sql': history(), 'models/gold/versions.sql': counted() },
    async (project) => {
      const { sql, write, read } = project;
      const kept = async () => {
        const rows = await sql`select h::text from silver.history h order by 1`;
        const state = await sql`
          select r.*, r.inputs::text from medallion.relations r where project = 'loja' order by node`;
        const loads = await sql`select count(*)::int as n from medallion.loads where project = 'loja'`;
        return JSON.stringify([rows, state, loads]);
      };
      await built(project);
      write('seeds/people.csv', read('seeds/people.csv').replace('José', 'Zé'));
      await built(project);
      assert.is((await sql`select from silver.history`).count, 4);
      const before = await kept();

      write('models/silver/history.sql', history(`id, name, city, city = 'Olinda' as isso`));
      write('models/gold/versions.sql', counted(', count(isso)::int as known'));
      write('models/gold/names.sql', quickly);
      const first = await built(project, 'dev');
      assert.equal(Object.keys(first.reasons).sort(), ['gold.names', 'gold.versions', 'silver.history']);
      assert.is((await sql`select from silver__dev.history`).count, 7);
      const [old] = await sql`
        select h.valid_from = d.valid_from and h.valid_to = d.valid_to as same
          from silver.history h join silver__dev.history d on d.id = h.id and d.valid_from = h.valid_from where h.name = 'José'`;
      assert.is(old!.same, true);
      assert.is(await kept(), before);
      assert.equal((await built(project, 'dev')).reasons, {});

      // Production's rows change: dev's history goes on, each by itself.
      write('seeds/people.csv', read('seeds/people.csv').replace('Ana', 'Anna'));
      write('models/silver/history.sql', history());
      await built(project, 'prod', { select: ['+silver.people'] });
      write('models/silver/history.sql', history(`id, name, city, city = 'Olinda' as isso`));
      const between = await kept();
      await built(project, 'dev');
      assert.is((await sql`select from silver__dev.history`).count, 8);
      assert.is((await sql`select from silver.history`).count, 4);
      assert.is(await kept(), between);
      assert.is((await sql`select from gold__dev.names where name = 'Anna'`).count, 1);

      // A swap in production does not wait for a materialized view of dev that reads what it replaces.
      write(
        'models/silver/people.sql',
        read('models/silver/people.sql').replace('id: int', 'id: bigint').replace('id::int', 'id::bigint'),
      );
      const { notices } = await built(project, 'prod', { select: ['silver.people', 'gold.by_city'] });
      assert.match(notices.join('\n'), /names of the environment loja@dev .* was dropped/);
      assert.equal(await relationsIn(project, 'gold\\_\\_dev'), ['gold__dev.versions']);
    },
  ));

test('loads of an environment touch neither the rows nor the bookkeeping of production', () =>
  withProject(
    {
      ...files,
      'medallion.config.ts': config(`{ prod: {}, dev: { from: 'prod' } }`).replace(
        `load: 'upsert'`,
        `load: 'upsert', cursor: 'id', deletes: 'mark'`,
      ),
    },
    async (project) => {
      const { sql, write, read } = project;
      const kept = async () =>
        JSON.stringify([
          await sql`select p::text from bronze.people p order by id`,
          await sql`select r.*, r.inputs::text from medallion.relations r where project = 'loja' order by node`,
          await sql`select * from medallion.loads where project = 'loja' order by load_id`,
        ]);
      await built(project, 'prod');
      const before = await kept();
      write('seeds/people.csv', `${read('seeds/people.csv').replace('1,Ana,Olinda\n', '')}4,Eva,Natal\n`);
      // Bronze is production's: whatever is asked for, it is only read.
      for (const options of [
        {},
        { fullRefresh: true },
        { select: ['bronze.people'], fullRefresh: true },
        { phases: { load: true, models: false } },
      ]) {
        assert.equal((await built(project, 'dev', options)).loads, []);
        assert.is(await kept(), before);
      }
      // Now it is another one, which is loaded beside it.
      write(
        'medallion.config.ts',
        read('medallion.config.ts')
          .replace(`key: 'id'`, `key: ['id', 'city']`)
          .replace(`deletes: 'mark'`, `deletes: 'remove'`),
      );
      assert.equal((await built(project, 'dev')).loads, ['bronze.people']);
      assert.is((await sql`select from bronze__dev.people`).count, 3);
      assert.is(await kept(), before);
      write('seeds/people.csv', `${read('seeds/people.csv')}5,Lia,Natal\n`);
      await built(project, 'dev');
      await built(project, 'dev', { fullRefresh: true });
      assert.is((await sql`select from bronze__dev.people`).count, 4);
      assert.is(await kept(), before);
      const cleaned = await project.mdl('clean', '--target', 'dev');
      assert.is(cleaned.code, 0, cleaned.stderr);
      assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
      assert.is(await kept(), before);
      // After that it begins from the beginning.
      await built(project, 'dev');
      assert.is((await sql`select from bronze__dev.people`).count, 4);
      assert.is((await open(project, 'dev')).options.name, 'loja@dev');
    },
  ));

test.run();
