import { query, runQueries } from '../../support/films-client.ts';

runQueries('clients: spread', 'aggregates: true', [
  query('spread of a to-one', (c) => c.from('films').select('id, ...directors(director:name)').eq('id', 1), {
    data: [{ id: 1, director: 'Ana Silva' }],
  }),
  query(
    'spread where there is none',
    (c) => c.from('films').select('id, ...directors(director:name, born)').eq('id', 4),
    {
      data: [{ id: 4, director: null as never, born: null }],
    },
  ),
  query(
    'spread of a list',
    (c) =>
      c
        .from('directors')
        .select('id, ...films(ids:id, title)')
        .in('id', [1, 3])
        .order('id')
        .order('id', { referencedTable: 'films' }),
    {
      data: [
        { id: 1, ids: [1, 2], title: ['Mar', 'Rio, o'] },
        { id: 3, ids: [], title: [] },
      ],
    },
  ),
  query(
    'spread within a spread',
    (c) => c.from('plots').select('film_id, ...films(title, ...directors(director:name))').eq('film_id', 3),
    {
      data: [{ film_id: 3, title: 'Sol "x"', director: 'Bo Li' }],
    },
  ),
  query(
    'a cast and a JSON path in what is embedded',
    (c) => c.from('directors').select('id, films(year::text, lang:info->>lang)').eq('id', 2),
    {
      data: [{ id: 2, films: [{ year: '2010', lang: 'zh' }] }],
    },
  ),
  query(
    'groups by what is spread',
    (c) =>
      c
        .from('films')
        .select('...directors(name), count()')
        .not('director_id', 'is', null)
        .order('directors(name)' as 'id')
        .overrideTypes<{ name: string; count: number }[], { merge: false }>(),
    {
      data: [
        { name: 'Ana Silva', count: 2 },
        { name: 'Bo Li', count: 1 },
      ],
    },
  ),
]);
