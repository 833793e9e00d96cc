// core: runs on every server
// in one process
import { createClient } from '@supabase/supabase-js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import ws from 'ws';
import { type Api, config, withApi } from '../support/api.ts';
import { compile } from '../support/compile.ts';
import { films } from '../support/films.ts';
import { functions } from '../support/functions.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('serve, functions, plans and maps');

function withFunctions(settings: string, work: (api: Api) => Promise<void>, more = ''): Promise<void> {
  return withProject(
    { 'medallion.config.ts': config(`{ schemas: ['api'], ${settings} }`) },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await project.sql.unsafe(films + functions + more);
      await withApi(project, work);
    },
  );
}

test('stable and immutable functions are called by GET: values, lists, rows, one row', () =>
  withFunctions('', async (api) => {
    for (const [path, expected] of [
      ['/rpc/add?a=1&b=2', 3],
      ['/rpc/add?a=1', 11],
      ['/rest/v1/rpc/add?b=2&a=1', 3],
      ['/rpc/numbers?up_to=3', [1, 2, 3]],
      ['/rpc/numbers?up_to=9&numbers=gt.6&order=numbers.desc', [9, 8, 7]],
      ['/rpc/numbers?up_to=3&limit=1&offset=1', [2]],
      [
        '/rpc/films_of?year_=2010&select=title,directors(name)&order=id',
        [
          { title: 'Sol "x"', directors: { name: 'Bo Li' } },
          { title: 'Lua', directors: null },
        ],
      ],
      ['/rpc/films_of?year_=2010&select=id&id=gt.3', [{ id: 4 }]],
      ['/rpc/newest?select=title', { title: 'Sol "x"' }],
      [
        '/rpc/pairs?n=2',
        [
          { x: 1, 'Y y': 'y1' },
          { x: 2, 'Y y': 'y2' },
        ],
      ],
      ['/rpc/pairs?n=9&x=gte.8&select=%22Y%20y%22', [{ 'Y y': 'y8' }, { 'Y y': 'y9' }]],
      ['/rpc/one_out?n=4', { twice: 8 }],
      ['/rpc/total?v=1&v=2&v=3', 6],
      ['/rpc/words?list={a,%22b,c%22}', { list: ['a', 'b,c'], filter: {} }],
      [
        `/rpc/words?list={}&filter=${encodeURIComponent('{"eq":"eq.1"}')}`,
        { list: [], filter: { eq: 'eq.1' } },
      ],
      ['/rpc/same?b=eq.1', 'text'],
      ['/rpc/same?a=1&c=2', 'two'],
      ['/rpc/Ol%C3%A1%20mundo?o%20nome=eq.Zo%C3%AB', 'olá eq.Zoë'],
      ['/rpc/nothing', null],
    ] as const) {
      const { status, json, text } = await api.get(path);
      assert.equal([status, json], [200, expected], `${path} ${text}`);
    }
    const csv = await api.get('/rpc/pairs?n=1', { headers: { accept: 'text/csv' } });
    assert.is(csv.text, 'x,Y y\n1,y1');
    const one = await api.get('/rpc/pairs?n=1', { headers: { accept: 'application/vnd.pgrst.object+json' } });
    assert.equal(one.json, { x: 1, 'Y y': 'y1' });
    const counted = await api.get('/rpc/films_of?year_=2010&limit=1', { headers: { prefer: 'count=exact' } });
    assert.equal([counted.status, counted.headers.get('content-range')], [206, '0-0/2']);
    const client = createClient<any, 'api', 'api'>(api.url, 'any', {
      db: { schema: 'api' },
      realtime: { transport: ws as never },
    });
    assert.is(
      (await client.rpc('total', { v: [1, 2] }, { get: true })).error!.code,
      '22P02',
      'as PostgREST: variadic ones are repeated',
    );
    assert.is((await client.rpc('add', { a: 2, b: 3 }, { get: true })).data, 5);
    const rows = await client
      .rpc('films_of', { year_: 2010 }, { get: true })
      .select('title')
      .eq('id', 4)
      .single();
    assert.equal(rows.data, { title: 'Lua' });
    const { get } = (await api.get('/')).json.paths['/rpc/add'];
    assert.is(get.summary, 'Adds two numbers');
    assert.equal(
      get.parameters.map(({ name, required }: any) => [name, required]),
      [
        ['a', true],
        ['b', false],
      ],
    );
    assert.not('/rpc/writes' in (await api.get('/')).json.paths);
  }));

test('functions of a row are asked for, filtered and sorted by like columns; of tables, views and what is embedded', () =>
  withFunctions('', async (api) => {
    for (const [path, expected] of [
      ['/films?select=id,label&label=like.R*', [{ id: 2, label: 'Rio, o (2004)' }]],
      ['/films?select=id&order=label.desc.nullslast&limit=2', [{ id: 3 }, { id: 2 }]],
      ['/films?select=l:label&id=eq.1', [{ l: 'Mar (1999)' }]],
      ['/directors?select=name,born_in&born_in=gt.1980', [{ name: 'Bo Li', born_in: 1985 }]],
      [
        '/plots?select=first:words_of->0,films(label)&film_id=eq.1',
        [{ first: 'A', films: { label: 'Mar (1999)' } }],
      ],
      ['/films?select=label::varchar&or=(label.eq.x,label.match.^Lua)', [{ label: 'Lua (2010)' }]],
    ] as const) {
      const { status, json, text } = await api.get(path);
      assert.equal([status, json], [200, expected], `${path} ${text}`);
    }
    assert.not('label' in (await api.get('/films?id=eq.1')).json[0], 'only where it is asked for');
    assert.is((await api.get('/films?select=labl')).json.hint, "Perhaps you meant the column 'label'");
  }));

test('what cannot be called says why', () =>
  withFunctions('', async (api) => {
    for (const [path, status, code, words] of [
      ['/rpc/ad?a=1', 404, 'PGRST202', 'api.add'],
      ['/rpc/add', 404, 'PGRST202', 'without parameters'],
      ['/rpc/add?a=1&x=2', 404, 'PGRST202', 'a, x'],
      ['/rpc/same?a=1', 300, 'PGRST203', 'api.same'],
      ['/rpc/add?a=one', 400, '22P02', 'integer'],
      ['/rpc/writes', 405, '25006', 'volatile'],
      ['/rpc/sneaky', 400, '0A000', 'non-volatile'],
      ['/rpc/total', 404, 'PGRST202', 'total(v'],
      ['/rpc/secret', 401, '42501', 'secret'],
      ['/rpc/unnamed', 404, 'PGRST202', 'unnamed'],
      ['/rpc/films_of?year_=1&nothing=eq.1', 400, '42703', 'nothing'],
      ['/rpc/add?a=1&a=2%20or%201', 400, '22P02', 'integer'],
    ] as const) {
      const answer = await api.get(path);
      assert.equal([answer.status, answer.json.code], [status, code], `${path} ${answer.text}`);
      assert.match(answer.text, words);
    }
    const posted = await api.get('/rpc/add', { method: 'POST', body: '{"a":1}' });
    assert.equal([posted.status, posted.json.code], [405, 'PGRST117']);
    assert.match(posted.json.hint, 'get: true');
    assert.is((await api.get('/actors?id=eq.9')).json.length, 0);
  }));

test('mdl generate types the calls, what they give and what they take', () =>
  withProject({ 'medallion.config.ts': config(`{ schemas: ['api'] }`) }, async (project) => {
    await createRoles(project.sql, 'anon');
    await project.sql.unsafe(films + functions);
    assert.is((await project.mdl('generate', 'supabase')).code, 0);
    assert.not.match(project.read('generated/supabase.ts'), 'writes');
    const program = (name: string, given: string) => `
import { createClient } from '@supabase/supabase-js';
import type { Database } from './generated/supabase.js';
const client = createClient<Database>('http://127.0.0.1', 'key').schema('api');
const { data: sum } = await client.rpc('${name}', { ${given} }, { get: true });
export const number: number = sum!;
const { data: rows } = await client.rpc('films_of', { year_: 2010 }, { get: true }).select('title, directors(name)');
export const title: string = rows![0]!.title;
const { data: pairs } = await client.rpc('pairs', { n: 2 }, { get: true });
export const y: string | null = pairs![0]!['Y y'];
const { data: newest } = await client.rpc('newest', undefined, { get: true });
export const year: number | null = newest!.year;
const { data: word } = await client.rpc('same', { b: 'x' }, { get: true });
export const kind: string = word!;
const { data: labelled } = await client.from('films').select('label, directors(born_in)').single();
export const label: string | null = labelled!.label;
`;
    assert.is(await compile(project, { 'rpc.ts': program('add', 'a: 1') }), '');
    for (const [name, given] of [
      ['ad', 'a: 1'],
      ['add', "a: 'x'"],
      ['add', 'x: 1'],
    ] as const)
      assert.match(
        await compile(project, { 'rpc.ts': program(name, given) }),
        /rpc\.ts\(5,/,
        `${name} ${given}`,
      );
  }));

test('the plan of a request, where that is allowed', async () => {
  const accept = (type: string) => ({ headers: { accept: type } });
  await withFunctions('', async (api) => {
    const refused = await api.get('/films', accept('application/vnd.pgrst.plan+json'));
    assert.equal([refused.status, refused.json.code], [406, 'PGRST107']);
  });
  await withFunctions('plan: true', async (api) => {
    const plan = await api.get('/films?id=eq.1', accept('application/vnd.pgrst.plan+json'));
    assert.is(
      plan.headers.get('content-type'),
      'application/vnd.pgrst.plan+json; for="application/json"; charset=utf-8',
    );
    assert.ok(plan.json[0].Plan['Total Cost'] > 0);
    const text = await api.get(
      '/films',
      accept('application/vnd.pgrst.plan+text; for="text/csv"; options=analyze|verbose|x'),
    );
    assert.match(text.text, 'actual time');
    assert.match(text.headers.get('content-type')!, 'for="text/csv"; options=analyze|verbose;');
    const client = createClient<any, 'api', 'api'>(api.url, 'any', {
      db: { schema: 'api' },
      realtime: { transport: ws as never },
    });
    const explained = await client.from('films').select('title').explain({ analyze: true, format: 'text' });
    assert.match(String(explained.data), 'Execution Time');
  });
});

test('rows with a geometry as GeoJSON, where PostGIS is', () =>
  withProject({ 'medallion.config.ts': config(`{ schemas: ['api'] }`) }, async (project) => {
    await createRoles(project.sql, 'anon');
    const [{ isThere }] =
      (await project.sql`select exists (select from pg_available_extensions where name = 'postgis') as "isThere"`) as any;
    await project.sql.unsafe(`
      create schema api; create schema "Geo"; ${isThere ? 'create extension postgis schema "Geo"' : ''};
      create table api.places (id int, name text, at ${isThere ? '"Geo".geometry' : 'point'});
      insert into api.places values (1, 'Recife', '${isThere ? 'POINT(-34.9 -8.05)' : '(1,2)'}');
      grant usage on schema api, "Geo" to anon; grant select on api.places to anon`);
    await withApi(project, async (api) => {
      const { status, json, headers } = await api.get('/places?select=name,at', {
        headers: { accept: 'application/geo+json' },
      });
      if (!isThere) return assert.equal([status, json.code], [406, 'PGRST107']);
      assert.is(headers.get('content-type'), 'application/geo+json; charset=utf-8');
      assert.equal(json, {
        type: 'FeatureCollection',
        features: [
          {
            type: 'Feature',
            geometry: { type: 'Point', coordinates: [-34.9, -8.05] },
            properties: { name: 'Recife' },
          },
        ],
      });
      const none = await api.get('/places?id=eq.0', { headers: { accept: 'application/geo+json' } });
      assert.equal(none.json, { type: 'FeatureCollection', features: [] });
    });
  }));

test.run();
