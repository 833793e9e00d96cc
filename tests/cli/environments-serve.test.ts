// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { built, config, dev } from '../support/environments.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('serve and generate beside an environment');

const people = (more = '') => `/*---
primary_key: id
foreign_keys: [ { columns: city, references: gold.cities } ]
columns: { ${more}id: int, city: text }
---*/
select 1 as id, 'Olinda' as city${more && `, 'Ana' as name`}`;

const targets = (grants: boolean) =>
  config(`{ prod: {}, dev: { from: 'prod', grants: ${grants} } }`, `grants: { gold: { select: ['anon'] } }`);

test('an environment is served under the names of production, and production serves nothing of it', () =>
  withProject(
    {
      'medallion.config.ts': targets(true),
      'seeds/people.csv': 'id\n1\n',
      'models/gold/cities.sql':
        "/*---\nprimary_key: city\n---*/\nselect city from (values ('Olinda'), ('Recife')) as c (city)",
      'models/gold/people.sql': people(),
    },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await built(project);
      // Columns stand in another order, and a model is new.
      project.write('models/gold/people.sql', people('name: text, '));
      project.write('models/gold/"É" novo.sql', 'select 7 as n');
      await built(project, 'dev');
      const embedded = '/cities?select=city,people(*)&order=city';
      await withApi(
        project,
        async ({ get }) => {
          assert.equal((await get('/people')).json, [{ name: 'Ana', id: 1, city: 'Olinda' }]);
          assert.equal((await get(`/${encodeURIComponent('"É" novo')}`)).json, [{ n: 7 }]);
          // The key is onto what is read from production, where it is a test and no constraint.
          assert.equal((await get(embedded)).json, [
            { city: 'Olinda', people: [{ name: 'Ana', id: 1, city: 'Olinda' }] },
            { city: 'Recife', people: [] },
          ]);
          assert.equal((await get('/people?select=name,cities(city)')).json, [
            { name: 'Ana', cities: { city: 'Olinda' } },
          ]);
          assert.is((await get('/people', { headers: { 'accept-profile': 'gold__dev' } })).status, 406);
          assert.equal(Object.keys((await get('/')).json.definitions).sort(), [
            '"É" novo',
            'cities',
            'people',
          ]);
          const { relations, target } = (await get('/ui/api/project')).json;
          assert.equal([target, relations.length], ['dev', 3]);
          assert.equal(relations.map(({ node }: { node: string }) => node).sort(), [
            'gold."É" novo',
            'gold.cities',
            'gold.people',
          ]);

          // What is published is seen, in the environment and where it reads.
          project.write('models/gold/people.sql', people('name: text, ').replace('Ana', 'Zé'));
          await built(project, 'dev');
          for (let i = 0; i < 100 && (await get('/people')).json[0].name !== 'Zé'; i++);
          assert.is((await get('/people')).json[0].name, 'Zé');
        },
        ...dev,
      );
      await withApi(project, async ({ get }) => {
        assert.equal((await get('/people')).json, [{ id: 1, city: 'Olinda' }]);
        assert.equal((await get(embedded)).json[0], { city: 'Olinda', people: [{ id: 1, city: 'Olinda' }] });
        assert.is((await get(`/${encodeURIComponent('"É" novo')}`)).status, 404);
        assert.equal(Object.keys((await get('/')).json.definitions).sort(), ['cities', 'people']);
        assert.is((await get('/ui/api/project')).json.relations.length, 2);
      });

      const generated = async (...flags: string[]) => {
        const { code, stderr } = await project.mdl('generate', ...flags);
        assert.is(code, 0, stderr);
        return ['database.ts', 'supabase.ts', 'schemas.ts', 'openapi.json'].map((file) =>
          project.read(`generated/${file}`),
        );
      };
      for (const text of await generated()) assert.not.match(text, /__dev|novo/);
      const [database, ...ofApi] = await generated(...dev);
      assert.match(database!, "'gold__dev.people'");
      assert.match(database!, "'gold.cities'");
      for (const text of ofApi) {
        assert.match(text, 'novo');
        assert.not.match(text, /__dev/);
      }

      // Without grants only the owner reads what the environment has built.
      project.write('medallion.config.ts', targets(false));
      await built(project, 'dev');
      await withApi(
        project,
        async ({ get }) => {
          assert.is((await get('/cities')).status, 200);
          assert.is((await get('/people')).status, 401);
        },
        ...dev,
      );
    },
  ));

test.run();
