import { query, runQueries } from '../../support/films-client.ts';

const ids = (...list: readonly number[]) => ({ data: list.map((id) => ({ id })) });

runQueries('clients: order, pages and counts', 'maxRows: 3', [
  query('order', (c) => c.from('actors').select('name').order('name'), {
    data: [{ name: 'Mei' }, { name: 'Rui' }, { name: 'Zoe' }],
  }),
  query(
    'order, descending',
    (c) => c.from('actors').select('id').order('name', { ascending: false }),
    ids(3, 1, 2),
  ),
  query(
    'order by two columns',
    (c) => c.from('films').select('id').order('year', { ascending: false }).order('title'),
    ids(4, 3, 2),
  ),
  query(
    'nulls come last when ascending',
    (c) => c.from('films').select('id').order('rating').gt('id', 1),
    ids(4, 2, 3),
  ),
  query(
    'nulls first',
    (c) => c.from('films').select('id').order('rating', { nullsFirst: true }).gt('id', 1),
    ids(3, 4, 2),
  ),
  query(
    'nulls come first when descending',
    (c) => c.from('films').select('id').order('rating', { ascending: false }).gt('id', 1),
    ids(3, 2, 4),
  ),
  query(
    'nulls last',
    (c) => c.from('films').select('id').order('rating', { ascending: false, nullsFirst: false }).gt('id', 1),
    ids(2, 4, 3),
  ),
  query(
    'order by a column that is not shown',
    (c) => c.from('actors').select('id').order('name'),
    ids(2, 1, 3),
  ),
  query(
    'order by a JSON path',
    (c) =>
      c
        .from('films')
        .select('id')
        .order('info->>lang' as 'id', { ascending: false })
        .order('id')
        .not('info', 'is', null),
    ids(3, 1, 2),
  ),
  query('limit', (c) => c.from('films').select('id').order('id').limit(2), ids(1, 2)),
  query('limit 0', (c) => c.from('films').select('id').limit(0), { data: [] }),
  query(
    'maxRows caps a greater limit',
    (c) => c.from('films').select('id').order('id').limit(100),
    ids(1, 2, 3),
  ),
  query(
    'maxRows caps where there is no limit',
    (c) => c.from('films').select('id').order('id'),
    ids(1, 2, 3),
  ),
  query('range', (c) => c.from('films').select('id').order('id').range(1, 2), ids(2, 3)),
  query(
    'range with its last row behind the end',
    (c) => c.from('films').select('id').order('id').range(3, 9),
    ids(4),
  ),
  query('range behind the end', (c) => c.from('films').select('id').range(10, 20), { data: [], status: 200 }),
  query(
    'range behind the end, counted',
    (c) => c.from('films').select('id', { count: 'exact' }).range(10, 20),
    {
      ...{ data: null, status: 416, code: 'PGRST103', message: 'Requested range not satisfiable' },
    },
  ),
  query(
    'range that is part of all is 206',
    (c) => c.from('films').select('id', { count: 'exact' }).order('id').range(0, 1),
    {
      ...{ ...ids(1, 2), count: 4, status: 206 },
    },
  ),
  query(
    'range of the last rows',
    (c) => c.from('films').select('id', { count: 'exact' }).order('id').range(2, 9),
    {
      ...{ ...ids(3, 4), count: 4, status: 206 },
    },
  ),
  query(
    'range of all is 200',
    (c) => c.from('films').select('id', { count: 'exact' }).lt('id', 3).order('id').range(0, 9),
    {
      ...{ ...ids(1, 2), count: 2, status: 200 },
    },
  ),
  query('without a count there is none', (c) => c.from('actors').select('id').eq('id', 1), {
    count: null,
    status: 200,
  }),
  query(
    'count exact counts what matches',
    (c) => c.from('films').select('id', { count: 'exact' }).eq('year', 2010).limit(1),
    {
      ...{ count: 2, status: 206 },
    },
  ),
  query('count exact of nothing', (c) => c.from('films').select('id', { count: 'exact' }).eq('id', 9), {
    ...{ data: [], count: 0, status: 200 },
  }),
  query(
    'count exact with inner',
    (c) => c.from('directors').select('id, films!inner(id)', { count: 'exact' }).gt('films.year', 2004),
    {
      ...{ data: [{ id: 2, films: [{ id: 3 }] }], count: 1 },
    },
  ),
  query(
    'count estimated counts few rows exactly',
    (c) => c.from('films').select('id', { count: 'estimated' }).eq('id', 1),
    {
      ...{ ...ids(1), count: 1 },
    },
  ),
  query(
    'count planned of one row by its key',
    (c) => c.from('films').select('id', { count: 'planned' }).eq('id', 1),
    {
      ...{ ...ids(1), count: 1 },
    },
  ),
  query(
    'head gives the count and no rows',
    (c) => c.from('films').select('*', { count: 'exact', head: true }).eq('year', 2010),
    {
      ...{ data: null, count: 2, status: 200 },
    },
  ),
  query('head of a part', (c) => c.from('films').select('*', { count: 'exact', head: true }), {
    ...{ data: null, count: 4, status: 206 },
  }),
  query('head without a count', (c) => c.from('films').select('*', { head: true }), {
    data: null,
    count: null,
    status: 200,
  }),
]);
