import { query, runQueries } from '../../support/films-client.ts';

const ids = (...list: readonly number[]) => ({ data: list.map((id) => ({ id })) });

runQueries('clients: shapes', '', [
  query('single', (c) => c.from('films').select('id, title').eq('id', 1).single(), {
    data: { id: 1, title: 'Mar' },
  }),
  query('single of an embedding', (c) => c.from('films').select('directors(name)').eq('id', 1).single(), {
    data: { directors: { name: 'Ana Silva' } },
  }),
  query(
    'single with limit 1',
    (c) => c.from('films').select('id').order('id', { ascending: false }).limit(1).single(),
    {
      data: { id: 4 },
    },
  ),
  query('single of none', (c) => c.from('films').select('id').eq('id', 9).single(), {
    ...{
      data: null,
      status: 406,
      code: 'PGRST116',
      message: 'Cannot coerce the result to a single JSON object',
    },
  }),
  query('single of several', (c) => c.from('films').select('id').single(), {
    data: null,
    status: 406,
    code: 'PGRST116',
  }),
  query('maybeSingle', (c) => c.from('films').select('id').eq('id', 1).maybeSingle(), { data: { id: 1 } }),
  query('maybeSingle of none', (c) => c.from('films').select('id').eq('id', 9).maybeSingle(), {
    data: null,
    status: 200,
  }),
  query('maybeSingle of several', (c) => c.from('films').select('id').maybeSingle(), {
    data: null,
    status: 406,
    code: 'PGRST116',
  }),
  query('csv', (c) => c.from('films').select('id, title').order('id').csv(), {
    data: 'id,title\n1,Mar\n2,"Rio, o"\n3,"Sol ""x"""\n4,Lua',
  }),
  query('csv of nothing', (c) => c.from('films').select('id, title').eq('id', 9).csv(), { data: 'id,title' }),
  query('csv with null', (c) => c.from('films').select('id, mood, year').eq('id', 2).csv(), {
    data: 'id,mood,year\n2,,2004',
  }),
  query(
    'stripNulls',
    (c) =>
      c
        .from('films')
        .select('id, rating, mood')
        .in('id', [2, 3])
        .order('id')
        .stripNulls()
        .overrideTypes<object[], { merge: false }>(),
    {
      data: [
        { id: 2, rating: 8 },
        { id: 3, mood: 'happy' },
      ],
    },
  ),
  query(
    'stripNulls of a single one',
    (c) =>
      c
        .from('films')
        .select('id, mood')
        .eq('id', 2)
        .stripNulls()
        .single()
        .overrideTypes<object, { merge: false }>(),
    {
      data: { id: 2 },
    },
  ),
  query(
    'overrideTypes',
    (c) => c.from('films').select('id').eq('id', 1).overrideTypes<{ id: 1 }[], { merge: false }>(),
    {
      data: [{ id: 1 }],
    },
  ),
  query(
    'an abort signal that nobody uses',
    (c) => c.from('films').select('id').eq('id', 1).abortSignal(new AbortController().signal),
    ids(1),
  ),
  query(
    'a signal that has been given',
    (c) => c.from('films').select('id').abortSignal(AbortSignal.abort()).retry(false),
    {
      ...{ data: null, code: '' },
    },
  ),
  query(
    'throwOnError where there is none',
    (c) => c.from('films').select('id').eq('id', 1).throwOnError(),
    ids(1),
  ),
  query(
    "a header of one's own",
    (c) => c.from('films').select('id').eq('id', 1).setHeader('x-client', 'mine'),
    ids(1),
  ),
  query('the schema by name', (c) => c.schema('api').from('actors').select('id').eq('id', 1), ids(1)),
]);
