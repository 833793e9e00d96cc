import { query, runQueries } from '../../support/films-client.ts';

const italian = "Città d'Italia";

runQueries('clients: columns', 'aggregates: true', [
  query('all columns of a row', (c) => c.from('orders').select().eq('id', 1), {
    data: [{ id: 1, billing_id: 2, shipping_id: 3 }],
  }),
  query('every type as JSON', (c) => c.from('films').select('*').eq('id', 2).single(), {
    data: {
      ...{ id: 2, title: 'Rio, o', director_id: 1, year: 2004, rating: 8, info: { lang: 'pt', awards: [] } },
      ...{
        seen: '["2024-02-01 00:00:00+00","2024-03-01 00:00:00+00")',
        length: '02:00:00',
        is_long: true,
        mood: null,
      },
    },
  }),
  query('a view', (c) => c.from('directors').select().eq('id', 1), {
    data: [{ id: 1, name: 'Ana Silva', country: 'PT', born: '1970-02-03', tags: ['a', 'b'] }],
  }),
  query(
    'a view with other names than its table',
    (c) => c.from('long_films').select('name, by').eq('id', 2),
    {
      data: [{ name: 'Rio, o', by: 1 }],
    },
  ),
  query('an alias', (c) => c.from('films').select('id, nome:title').eq('id', 1), {
    data: [{ id: 1, nome: 'Mar' }],
  }),
  query(
    'line breaks in select',
    (c) =>
      c
        .from('films')
        .select(`
      id,
      title
    `)
        .eq('id', 1),
    { data: [{ id: 1, title: 'Mar' }] },
  ),
  query('a column twice under two names', (c) => c.from('films').select('a:id, b:id').eq('id', 1), {
    data: [{ a: 1, b: 1 }],
  }),
  query('all columns and one more', (c) => c.from('actors').select('*, nome:name').eq('id', 1), {
    data: [{ id: 1, name: 'Rui', nome: 'Rui' }],
  }),
  query('a cast', (c) => c.from('films').select('year::text').eq('id', 1), { data: [{ year: '1999' }] }),
  query('a cast with an alias', (c) => c.from('films').select('y:year::text').eq('id', 1), {
    data: [{ y: '1999' }],
  }),
  query('a cast to a number', (c) => c.from('films').select('rating::int4').eq('id', 2), {
    data: [{ rating: 8 }],
  }),
  query('a JSON path', (c) => c.from('films').select('info->lang').eq('id', 1), { data: [{ lang: 'pt' }] }),
  query('a JSON path as text', (c) => c.from('films').select('info->>lang').eq('id', 1), {
    data: [{ lang: 'pt' }],
  }),
  query(
    'a whole number beyond what JavaScript counts, as text',
    (c) => c.from('films').select('info->>size').eq('id', 1),
    {
      data: [{ size: '9007199254740993' }],
    },
  ),
  query('an element of a JSON array', (c) => c.from('films').select('info->awards->0->n').eq('id', 1), {
    data: [{ n: 1 }],
  }),
  query(
    'the last element, with an alias',
    (c) =>
      c
        .from('films')
        .select('last:info->awards->-1')
        .eq('id', 1)
        .overrideTypes<{ last: object }[], { merge: false }>(),
    { data: [{ last: { n: 2 } }] },
  ),
  query(
    'an element of an array',
    (c) =>
      c.from('directors').select('tags->0').eq('id', 1).overrideTypes<{ tags: string }[], { merge: false }>(),
    {
      data: [{ tags: 'a' }],
    },
  ),
  query(
    'a JSON path that leads nowhere',
    (c) => c.from('films').select('x:info->nothing->more').eq('id', 1),
    { data: [{ x: null }] },
  ),
  query(
    'no column',
    (c) => c.from('films').select('').eq('id', 1).overrideTypes<object[], { merge: false }>(),
    { data: [{}] },
  ),
  query('a relation with spaces, accents and an apostrophe', (c) => c.from(italian).select().eq('id', 1), {
    data: [{ id: 1, 'nome, cognome': 'x', select: 7, 'A"b': 'q', ação: 'á' }],
  }),
  query('a column with an accent', (c) => c.from(italian).select('id').eq('ação', 'é'), {
    data: [{ id: 2 }],
  }),
  query(
    'a column called as a word of SQL',
    (c) => c.from(italian).select('id').order('select', { ascending: false }),
    {
      data: [{ id: 2 }, { id: 1 }],
    },
  ),
  query(
    'a quoted column in select, order and or',
    (c) =>
      c
        .from(italian)
        .select('"nome, cognome","A\\"b"')
        .or('"nome, cognome".eq.x,"A\\"b".eq.r')
        .order('"nome, cognome"' as 'id')
        .overrideTypes<{ 'nome, cognome': string; 'A"b': string }[], { merge: false }>(),
    {
      data: [
        { 'nome, cognome': 'x', 'A"b': 'q' },
        { 'nome, cognome': 'y, z', 'A"b': 'r' },
      ],
    },
  ),
  query(
    'a quoted column in a filter',
    (c) => c.from(italian).select('id').filter('"nome, cognome"', 'eq', 'y, z'),
    {
      data: [{ id: 2 }],
    },
  ),
  query('count of all rows', (c) => c.from('films').select('count()'), { data: [{ count: 4 }] }),
  query('count of the rows that match', (c) => c.from('films').select('n:count()').eq('year', 2010), {
    data: [{ n: 2 }],
  }),
  query('sum', (c) => c.from('films').select('rating.sum()'), { data: [{ sum: 21.6 }] }),
  query('avg with a cast', (c) => c.from('films').select('mean:rating.avg()::int4'), { data: [{ mean: 7 }] }),
  query('max and min', (c) => c.from('films').select('year.max(), year.min()'), {
    data: [{ max: 2010, min: 1999 }],
  }),
  query('count of a column that has null', (c) => c.from('films').select('mood.count()'), {
    data: [{ count: 3 }],
  }),
  query('groups', (c) => c.from('films').select('year, count()').order('year'), {
    data: [
      { year: 1999, count: 1 },
      { year: 2004, count: 1 },
      { year: 2010, count: 2 },
    ],
  }),
  query(
    'groups of a JSON path',
    (c) =>
      c
        .from('films')
        .select('lang:info->>lang, count()')
        .not('info', 'is', null)
        .order('info->>lang' as 'id'),
    {
      data: [
        { lang: 'pt', count: 2 },
        { lang: 'zh', count: 1 },
      ],
    },
  ),
  query(
    'an aggregate of what is embedded',
    (c) => c.from('directors').select('name, films(count())').order('id').limit(2),
    {
      data: [
        { name: 'Ana Silva', films: [{ count: 2 }] },
        { name: 'Bo Li', films: [{ count: 1 }] },
      ],
    },
  ),
  query(
    'the newest of each group that is embedded',
    (c) => c.from('directors').select('id, films(year.max())').eq('id', 1),
    {
      data: [{ id: 1, films: [{ max: 2004 }] }],
    },
  ),
]);
