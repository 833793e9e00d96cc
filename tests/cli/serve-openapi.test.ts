// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { withFilms } from '../support/films.ts';
import { loaded } from '../support/load.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('serve: the description at the root');

test('tables with their columns, types, keys and comments, as PostgREST describes them', () =>
  withFilms('', async (api) => {
    for (const path of ['/', '/rest/v1/', '/rest/v1']) {
      const { status, headers, json } = await api.get(path, {
        headers: { accept: 'application/openapi+json' },
      });
      assert.is(status, 200, path);
      assert.is(headers.get('content-type'), 'application/openapi+json; charset=utf-8');
      assert.is(json.swagger, '2.0');
      const { films, directors, plots } = json.definitions;
      assert.is(films.description, 'All films');
      assert.equal(films.required, ['id', 'title']);
      assert.equal(films.properties.id, {
        description: 'Note:\nThis is a Primary Key.<pk/>',
        type: 'integer',
        format: 'integer',
      });
      assert.match(
        films.properties.director_id.description,
        "This is a Foreign Key to `directors.id`.<fk table='directors' column='id'/>",
      );
      assert.equal(films.properties.rating, { type: 'number', format: 'numeric(3,1)' });
      assert.equal(films.properties.info, { format: 'jsonb' });
      assert.equal(films.properties.is_long, { type: 'boolean', format: 'boolean' });
      assert.equal(directors.properties.tags, { type: 'array', format: 'text[]', items: { type: 'string' } });
      assert.is(plots.properties.words.format, 'tsvector');
      assert.ok(
        json.paths['/films'].get.parameters.some(
          ({ $ref }: { $ref: string }) => $ref === '#/parameters/rowFilter.films.title',
        ),
      );
      for (const { $ref } of json.paths["/Città d'Italia"].get.parameters)
        assert.ok(json.parameters[$ref.replace('#/parameters/', '')], $ref);
    }
    assert.is((await api.get('/', { headers: { accept: 'text/csv' } })).status, 406);
    assert.is((await api.get('/', { headers: { 'accept-profile': 'hidden' } })).json.code, 'PGRST106');
    assert.is((await api.get('/', { method: 'HEAD' })).text, '');
  }));

test('another project loads from it as from Supabase, finding tables and keys by it', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'api', database: process.env.DATABASE_URL, layers: { api: {} }, serve: { schemas: ['api'] } };`,
    },
    async (server) => {
      await createRoles(server.sql, 'anon');
      await server.sql.unsafe(`
        create schema api; create table api.numbers (n int primary key, text text); insert into api.numbers select i, 'v' || i from generate_series(1, 2500) i;
        grant usage on schema api to anon; grant select on api.numbers to anon`);
      await withApi(server, (api) =>
        withProject(
          {
            'medallion.config.ts': `import { defineConfig, supabase } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: supabase({ url: '${api.url}', key: 'any', schema: 'api' }) } });`,
          },
          async (reader) => {
            assert.equal([(await loaded(reader)).read, (await loaded(reader)).read], [2500, 2500]);
            const [sums] =
              await reader.sql`select count(distinct n)::int as rows, sum(n::int)::int as sum from bronze.numbers`;
            assert.equal({ ...sums }, { rows: 2500, sum: (2500 * 2501) / 2 });
          },
        ),
      );
    },
  ));

test.run();
