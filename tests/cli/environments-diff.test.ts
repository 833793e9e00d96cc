// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, config, dev, files } from '../support/environments.ts';
import { withProject } from '../support/project.ts';

const test = suite('diff of environments');

const keyed = (name: string, key = 'id') => `/*---
primary_key: ${key}
columns: { id: int, name: text, city: { type: text } }
---*/
select id::int as id, ${name} as name, city from {{ref "bronze.people"}}`;

test('what differs between targets, model by model', () =>
  withProject(
    { ...files, 'models/silver/people.sql': keyed('name'), 'models/silver/"Não" ligado.sql': keyed('name') },
    async (project) => {
      const diff = async (...args: string[]) => {
        const { code, stdout, stderr } = await project.mdl('diff', ...args);
        return { code, text: stdout + stderr };
      };
      await built(project);
      assert.equal(await diff(...dev), { code: 0, text: 'prod and dev: the same in all\n' });

      project.write('models/silver/people.sql', keyed(`case id when '2' then 'Zé' else name end`));
      project.write(
        'models/silver/"Não" ligado.sql',
        keyed('name').replace('city: {', 'age: { default: 1 }, city: {'),
      );
      project.write('models/gold/new.sql', 'select 1 as "Ü, x"');
      const unbuilt = await diff(...dev);
      assert.is(unbuilt.code, 1);
      assert.match(unbuilt.text, 'gold.new   not published\n    built in neither yet');
      assert.match(unbuilt.text, 'silver.people   sql changed\n    not built in dev yet');

      await built(project, 'dev');
      const { code, text } = await diff('prod', 'dev', '--limit', '1');
      assert.is(code, 1);
      assert.match(text, 'prod and dev: 5 relations apart, 3 of them differ; 1 are the same');
      assert.match(text, 'gold.new   not published\n    1 row\n    not in prod');
      assert.match(
        text,
        /silver.people {3}sql changed\n {4}~ 1 changed {3}of 3 rows\n {4}name differs in 1 row\n/,
      );
      assert.match(text, /id {2}prod {2}dev\n.*\n {6}2 {3}José {2}Zé\n/);
      assert.match(
        text,
        'silver."Não" ligado   contract changed\n    + column age integer\n    the same 3 rows',
      );
      assert.match(text, 'gold.shown   view, reads gold.by_city\n    the same 2 rows');

      const found = JSON.parse((await diff(...dev, '--json', '--exclude-columns', 'name,nothing')).text);
      assert.equal(
        [
          found.a,
          found.b,
          found.isEqual,
          found.shared,
          found.models.map(({ node }: { node: string }) => node).sort(),
        ],
        [
          'prod',
          'dev',
          false,
          1,
          ['gold.by_city', 'gold.new', 'gold.shown', 'silver."Não" ligado', 'silver.people'],
        ],
      );
      const people = found.models.find(({ node }: { node: string }) => node === 'silver.people');
      assert.equal([people.isEqual, people.missing, people.rows.changed], [true, undefined, 0]);

      const one = await diff('silver.people', ...dev);
      assert.is(one.code, 1);
      assert.match(one.text, 'prod and dev, by id\n');

      // One that fails is told, and the rest is compared all the same.
      await project.sql`create or replace view gold__dev.shown as select city, people / 0 as people from gold__dev.by_city`;
      const failing = await diff(...dev);
      assert.is(failing.code, 1);
      assert.match(failing.text, /gold.shown .*\n {4}rows could not be compared: .*division by zero/);
      assert.match(failing.text, 'name differs in 1 row');
      for (const [args, told] of [
        [['prod'], 'MDL1004 Name two relations'],
        [['prod', 'default'], 'MDL1004 prod and default are the same'],
        [['prod', 'prot'], 'MDL4311'],
        [[...dev, '--key', 'id'], 'MDL1004 --key and --columns'],
        [['gold.nothing', ...dev], 'MDL1301'],
      ] as const) {
        const refused = await diff(...args);
        assert.match(refused.text, told);
        assert.is.not(refused.code, 0);
      }
    },
  ));

test('bronze is compared by what it holds; two environments of one target with each other', () =>
  withProject(
    {
      ...files,
      'medallion.config.ts': config(
        `{ dev: { from: 'default' }, 'Zoë’s': { from: 'default', schemas: 'z "{schema}"' } }, defaultTarget: 'dev'`,
      ),
    },
    async (project) => {
      await built(project, 'default');
      project.write(
        'medallion.config.ts',
        project.read('medallion.config.ts').replace(`load: 'upsert'`, `load: 'replace'`),
      );
      await built(project);
      await built(project, 'Zoë’s', { select: ['+silver.people'] });
      const { stdout } = await project.mdl('diff', ...dev, '--json');
      const found = JSON.parse(stdout);
      assert.equal(
        found.models.map(({ node, isEqual, why }: Record<string, unknown>) => [node, isEqual, why]),
        [
          ['bronze.people', true, 'loaded by replace'],
          ['silver.people', true, 'reads bronze.people'],
          ['gold.by_city', true, 'reads silver.people'],
          ['gold.shown', true, 'reads gold.by_city'],
        ],
      );
      const both = await project.mdl('diff', 'dev', 'Zoë’s');
      assert.match(both.stdout, 'dev and Zoë’s: 4 relations apart, 2 of them differ; 0 are the same');
      assert.match(both.stdout, 'gold.by_city   reads silver.people\n    not built in Zoë’s yet');
    },
  ));

test.run();
