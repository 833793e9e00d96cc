import { query, runQueries } from '../../support/films-client.ts';

// What the types forbid is asked for all the same, as clients without them do.
const wrong = <Name>(name: string) => name as Name;

runQueries('clients: errors', `schemas: ['api', 'hidden']`, [
  query('an unknown table', (c) => c.from(wrong<'films'>('film')).select(), {
    ...{ data: null, status: 404, code: 'PGRST205', hint: "Perhaps you meant the table 'api.films'" },
    message: "Could not find the table 'api.film' in the schema cache",
  }),
  query('an unknown table that is like no other', (c) => c.from(wrong<'films'>('zzzzzzzz')).select(), {
    ...{ status: 404, code: 'PGRST205', hint: null },
  }),
  query('an unknown column in select', (c) => c.from('films').select(wrong<'id'>('titel')), {
    ...{ status: 400, code: '42703', hint: "Perhaps you meant the column 'title'" },
    message: 'column films.titel does not exist',
  }),
  query('an unknown column in a filter', (c) => c.from('films').select('id').eq(wrong<'year'>('yaer'), 1), {
    ...{ status: 400, code: '42703', hint: "Perhaps you meant the column 'year'" },
  }),
  query('an unknown column in order', (c) => c.from('films').select('id').order(wrong<'id'>('yaer')), {
    ...{ status: 400, code: '42703', hint: "Perhaps you meant the column 'year'" },
  }),
  query('an unknown column in or', (c) => c.from('films').select('id').or('yaer.eq.1'), {
    status: 400,
    code: '42703',
  }),
  query(
    'an unknown column of what is embedded',
    (c) => c.from('films').select(wrong<'id'>('id, directors(nome)')),
    {
      ...{ status: 400, code: '42703', hint: "Perhaps you meant the column 'name'" },
    },
  ),
  query('an unknown type', (c) => c.from('films').select(wrong<'id'>('id::numerik')), {
    ...{ status: 400, code: '42704', hint: "Perhaps you meant the type 'numeric'" },
  }),
  query('no relationship', (c) => c.from('films').select(wrong<'id'>('id, employees(name)')), {
    ...{ status: 400, code: 'PGRST200' },
    message: "Could not find a relationship between 'films' and 'employees' in the schema cache",
  }),
  query('a misspelt relationship', (c) => c.from('films').select(wrong<'id'>('id, director(name)')), {
    ...{ status: 400, code: 'PGRST200', hint: "Perhaps you meant 'directors' instead of 'director'." },
  }),
  query('several relationships', (c) => c.from('orders').select(wrong<'id'>('id, employees(name)')), {
    ...{ status: 300, code: 'PGRST201' },
    hint: "Try changing 'employees' to one of the following: 'employees!billing', 'employees!shipping'. Find the desired relationship in the 'details' key.",
  }),
  query('a hint that none has', (c) => c.from('orders').select(wrong<'id'>('id, employees!nothing(name)')), {
    ...{ status: 400, code: 'PGRST200' },
  }),
  query(
    'a filter on what is not embedded',
    (c) => c.from('films').select('id').eq(wrong<'title'>('directors.name'), 'x'),
    {
      ...{ status: 400, code: 'PGRST108' },
    },
  ),
  query(
    'order by a list',
    (c) => c.from('directors').select('id, films(id)').order(wrong<'id'>('films(id)')),
    {
      ...{ status: 400, code: 'PGRST118' },
    },
  ),
  query(
    'a comparison with a whole relation',
    (c) => c.from('directors').select('id, films(id)').eq(wrong<'id'>('films'), 3),
    {
      ...{ status: 400, code: 'PGRST120' },
    },
  ),
  query('aggregates that are not allowed', (c) => c.from('films').select('count()'), {
    ...{ status: 400, code: 'PGRST123', message: 'Use of aggregate functions is not allowed' },
  }),
  query('an unknown operator', (c) => c.from('films').select('id').filter('id', wrong<'eq'>('eqq'), 1), {
    ...{ status: 400, code: 'PGRST100' },
  }),
  query('select that does not end', (c) => c.from('films').select(wrong<'id'>('id, directors(name')), {
    ...{ status: 400, code: 'PGRST100' },
  }),
  query('or that does not end', (c) => c.from('films').select('id').or('id.eq.1,and(id.eq.2'), {
    status: 400,
    code: 'PGRST100',
  }),
  query('a value that is not of the type', (c) => c.from('films').select('id').eq('id', wrong<never>('x')), {
    ...{ status: 400, code: '22P02', message: 'invalid input syntax for type integer: "x"' },
  }),
  query('a date that is none', (c) => c.from('directors').select('id').eq('born', '2024-02-31'), {
    status: 400,
    code: '22008',
  }),
  query('a pattern on a number', (c) => c.from('films').select('id').like('year', '1%'), {
    status: 404,
    code: '42883',
  }),
  query('a pattern that is none', (c) => c.from('films').select('id').regexMatch('title', '('), {
    status: 400,
    code: '2201B',
  }),
  query('a search that is none', (c) => c.from('plots').select('film_id').textSearch('words', 'boat &'), {
    status: 400,
    code: '42601',
  }),
  query(
    'a language that is none',
    (c) => c.from('plots').select('film_id').textSearch('words', 'boat', { config: 'klingon' }),
    {
      ...{ status: 400, code: '42704' },
    },
  ),
  query(
    'a JSON path of a column that is no JSON',
    (c) =>
      c
        .from('films')
        .select(wrong<'id'>('x:year->a'))
        .eq('id', 1)
        .overrideTypes<{ x: null }[], { merge: false }>(),
    {
      data: [{ x: null }],
    },
  ),
  query(
    'a schema that is not exposed',
    (c) => c.schema(wrong<'api'>('pg_catalog')).from(wrong<'films'>('pg_class')).select(),
    {
      ...{ status: 406, code: 'PGRST106', hint: 'Only the following schemas are exposed: api, hidden' },
    },
  ),
  query(
    'a schema that the role may not use',
    (c) => c.schema(wrong<'api'>('hidden')).from('directors').select('id'),
    {
      ...{ status: 401, code: '42501', message: 'permission denied for schema hidden' },
    },
  ),
  query(
    'throwOnError',
    (c) =>
      Promise.resolve(c.from(wrong<'films'>('film')).select().throwOnError()).then(
        () => ({ data: 'no error', error: null, count: null, status: 200 }),
        (error: { code: string }) => ({ data: error.code, error: null, count: null, status: 404 }),
      ),
    { data: 'PGRST205' },
  ),
  query('insert', (c) => c.from('actors').insert({ id: 9, name: 'x' }), { status: 405, code: 'PGRST117' }),
  query('upsert', (c) => c.from('actors').upsert({ id: 1, name: 'x' }), { status: 405, code: 'PGRST117' }),
  query('update', (c) => c.from('actors').update({ name: 'x' }).eq('id', 1), {
    status: 405,
    code: 'PGRST117',
  }),
  query('delete', (c) => c.from('actors').delete().eq('id', 1), { status: 405, code: 'PGRST117' }),
]);
