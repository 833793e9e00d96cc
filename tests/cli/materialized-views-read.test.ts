// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { engineBuild } from '../support/engine.ts';
import { byCity, files, shown } from '../support/materialized-views.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { until } from '../support/wait.ts';

/** What plans, the API and clients make of them. */
const test = suite('reading materialized views');

test('a plan holds it, also where it is made anew; what failed does not keep it from being published', () =>
  withProject(files, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",Recife\n');
    write(
      'models/gold/by_city.sql',
      byCity('primary_key: city', 'city, count(*) as people, min(name) as first'),
    );
    const planned = await engineBuild(project, { command: 'plan', plan: { samples: 2 } });
    const made = planned.events.find((event) => event.event === 'plan.made')!;
    assert.equal(
      made.models.map(({ node, how, schema, rows }) => [node, how, schema.length, rows?.after]),
      [
        ['silver.people', 'delta', 0, 3],
        ['gold.by_city', 'swap', 1, 2],
        ['gold.large', 'swap', 0, 1],
      ],
    );
    assert.equal(await shown(project), ['Olinda']);
    const published = await project.mdl('publish');
    assert.is(published.code, 0, published.stdout + published.stderr);
    assert.equal(await shown(project), ['Recife']);
    assert.equal((await engineBuild(project)).how, {});

    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,Eva,Olinda\n');
    write(
      'models/gold/broken.sql',
      '/*---\ntests: [ { expression: people < 2 } ]\n---*/\nselect * from {{ref "gold.by_city"}}',
    );
    const again = await engineBuild(project, { command: 'plan', plan: { samples: 0 }, publish: 'passing' });
    assert.is(again.status, 'failed');
    const { how, status } = await engineBuild(project, { publish: 'passing' });
    assert.is(status, 'failed');
    assert.equal(how, {
      'silver.people': 'delta 0 1 0',
      'gold.by_city': 'delta 0 2 0',
      'gold.large': 'swap',
    });
    assert.equal(await shown(project), ['Olinda']);
    assert.is((await sql`select to_regclass('gold.broken') as r`)[0]!.r, null);
  }));

test('the API serves it with its columns, and clients get types of it', () =>
  withProject(
    {
      ...files,
      'medallion.config.ts': files['medallion.config.ts'].replace(
        'bronze:',
        `layers: { silver: {}, gold: { expose: true } }, grants: { gold: { select: ['anon'] }  }, serve: { schemas: ['gold'], maxRows: 10 }, bronze:`,
      ),
    },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await engineBuild(project);
      await withApi(project, async ({ get }) => {
        const { status, text, headers } = await get('/by_city?select=city,people&order=city');
        assert.is(status, 200, text);
        assert.equal(JSON.parse(text), [
          { city: 'Olinda', people: 2 },
          { city: 'Recife', people: 1 },
        ]);
        const etag = headers.get('etag');
        assert.ok(etag);
        project.write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n');
        assert.is((await engineBuild(project)).how['gold.by_city'], 'delta 0 1 1');
        await until(async () => (await get('/by_city')).text === '[{"city":"Olinda","people":1}]');
        assert.is.not((await get('/by_city?select=city,people&order=city')).headers.get('etag'), etag);
      });
      const { code, stdout, stderr } = await project.mdl('generate');
      assert.is(code, 0, stdout + stderr);
      assert.match(project.read('generated/database.ts'), /'?gold\.by_city'?: GoldByCity/);
      assert.match(
        project.read('generated/supabase.ts'),
        /by_city: \{\s+Row: \{\s+city: string;?\s+people: number \| null/,
      );
    },
  ));

test.run();
