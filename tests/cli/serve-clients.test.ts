import { createClient } from '@supabase/supabase-js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import type { Api } from '../support/api.ts';
import { withFilms } from '../support/films.ts';

const test = suite('serve clients');

/** A client as its users make it: only the address is ours. */
const clientOf = (api: Api) =>
  createClient<any, 'api'>(api.url, 'sb_publishable_any', {
    db: { schema: 'api' },
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  });

test('supabase-js reads, filters, embeds, pages and counts, unchanged', () =>
  withFilms('aggregates: true', async (api) => {
    const client = clientOf(api);
    const data = async (query: PromiseLike<{ data: unknown; error: unknown }>) => {
      const { data, error } = await query;
      assert.is(error, null);
      return data;
    };
    const rows = (select: string) => client.from('films').select(select);
    const ids = async (query: PromiseLike<{ data: any; error: unknown }>) =>
      ((await data(query)) as { id: number }[]).map(({ id }) => id);
    assert.equal(await data(rows('id, nome:title').eq('id', 1)), [{ id: 1, nome: 'Mar' }]);
    assert.equal(await data(rows('id').eq('id', 1).single()), { id: 1 });
    assert.is(await data(rows('id').eq('id', 9).maybeSingle()), null);
    assert.equal(
      await ids(rows('id').neq('id', 1).gt('id', 0).gte('id', 2).lt('id', 9).lte('id', 3)),
      [2, 3],
    );
    assert.equal(await ids(rows('id').like('title', '%u%')), [4]);
    assert.equal(await ids(rows('id').ilike('title', 'M%')), [1]);
    assert.equal(await ids(rows('id').likeAnyOf('title', ['M%', 'L%'])), [1, 4]);
    assert.equal(await ids(rows('id').ilikeAllOf('title', ['%o%', '%r%'])), [2]);
    assert.equal(await ids(rows('id').is('rating', null)), [3]);
    assert.equal(await ids(rows('id').in('title', ['Rio, o', 'Sol "x"'])), [2, 3]);
    assert.equal(await ids(rows('id').not('id', 'in', '(1,2)')), [3, 4]);
    assert.equal(await ids(rows('id').contains('info', { lang: 'zh' })), [3]);
    assert.equal(await ids(client.from('directors').select('id').contains('tags', ['a'])), [1]);
    assert.equal(await ids(client.from('directors').select('id').containedBy('tags', ['b'])), [2, 3]);
    assert.equal(await ids(client.from('directors').select('id').overlaps('tags', ['b', 'z'])), [1, 2]);
    assert.equal(await ids(rows('id').rangeLt('seen', '[2024-02-15,2024-03-01)')), [1]);
    assert.equal(await ids(rows('id').rangeGt('seen', '[2023-01-01,2024-01-01)')), [1, 2]);
    assert.equal(await ids(rows('id').rangeGte('seen', '[2024-02-01,2024-03-01)')), [2]);
    assert.equal(await ids(rows('id').rangeLte('seen', '[2023-01-01,2024-02-01)')), [1]);
    assert.equal(await ids(rows('id').rangeAdjacent('seen', '[2024-03-01,2024-04-01)')), [2]);
    assert.equal(await ids(rows('id').match({ year: 2010, mood: 'happy' })), [3, 4]);
    assert.equal(await ids(rows('id').filter('info->>lang', 'eq', 'pt')), [1, 2]);
    assert.equal(await ids(rows('id').or('id.eq.1,title.eq.Lua')), [1, 4]);
    assert.equal(await data(client.from('plots').select('film_id').textSearch('words', 'boat')), [
      { film_id: 1 },
    ]);
    assert.equal(
      await data(
        client
          .from('plots')
          .select('film_id')
          .textSearch('text', 'sea -sun', { type: 'websearch', config: 'english' }),
      ),
      [{ film_id: 1 }],
    );
    assert.equal(
      await ids(rows('id').order('rating', { ascending: false, nullsFirst: false })),
      [2, 1, 4, 3],
    );
    assert.equal(await ids(rows('id').order('year').order('title', { ascending: false }).limit(2)), [1, 2]);
    assert.equal(await ids(rows('id').order('id').range(1, 2)), [2, 3]);
    assert.equal(await data(client.from('directors').select('name, films(title)').eq('id', 2)), [
      { name: 'Bo Li', films: [{ title: 'Sol "x"' }] },
    ]);
    assert.equal(
      await ids(client.from('directors').select('id, films!inner(id)').gt('films.year', 2004)),
      [2],
    );
    assert.equal(
      await data(
        client
          .from('directors')
          .select('id, films(id)')
          .eq('id', 1)
          .order('id', { referencedTable: 'films', ascending: false })
          .limit(1, { referencedTable: 'films' }),
      ),
      [{ id: 1, films: [{ id: 2 }] }],
    );
    assert.equal(
      await ids(
        client
          .from('directors')
          .select('id, films()')
          .or('year.eq.1999', { referencedTable: 'films' })
          .not('films', 'is', null),
      ),
      [1],
    );
    assert.equal(await data(rows('year, count()').order('year').limit(1)), [{ year: 1999, count: 1 }]);
    const counted = await client.from('films').select('*', { count: 'exact', head: true });
    assert.equal([counted.count, counted.data, counted.status], [4, null, 200]);
    const page = await client.from('films').select('id', { count: 'exact' }).range(0, 1);
    assert.equal([page.count, page.data?.length, page.status], [4, 2, 206]);
    const csv = await client.from('films').select('id,title').eq('id', 1).csv();
    assert.is(csv.data, 'id,title\n1,Mar');
    const none = await client.from('films').select('id').eq('id', 9).single();
    assert.equal([none.error?.code, none.status], ['PGRST116', 406]);
    const unknown = await client.from('film').select();
    assert.equal(
      [unknown.error?.code, unknown.error?.hint],
      ['PGRST205', "Perhaps you meant the table 'api.films'"],
    );
    const written = await client.from('films').insert({ id: 9, title: 'x' });
    assert.equal([written.error?.code, written.status], ['PGRST117', 405]);
  }));

test.run();
