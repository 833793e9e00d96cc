import { query, runQueries } from '../../support/films-client.ts';

runQueries('clients: clauses on what is embedded', '', [
  query(
    'inner leaves out rows without',
    (c) => c.from('films').select('id, directors!inner(id)').order('id'),
    {
      data: [
        { id: 1, directors: { id: 1 } },
        { id: 2, directors: { id: 1 } },
        { id: 3, directors: { id: 2 } },
      ],
    },
  ),
  query(
    'inner with a filter on what is embedded',
    (c) => c.from('directors').select('id, films!inner(id)').gt('films.year', 2004),
    {
      data: [{ id: 2, films: [{ id: 3 }] }],
    },
  ),
  query(
    'inner by a to-one',
    (c) => c.from('films').select('id, directors!inner(name)').eq('directors.country', 'PT').order('id'),
    {
      data: [
        { id: 1, directors: { name: 'Ana Silva' } },
        { id: 2, directors: { name: 'Ana Silva' } },
      ],
    },
  ),
  query(
    'inner through two levels',
    (c) =>
      c.from('directors').select('id, films!inner(id, actors!inner(name))').eq('films.actors.name', 'Mei'),
    {
      data: [{ id: 1, films: [{ id: 1, actors: [{ name: 'Mei' }] }] }],
    },
  ),
  query(
    'inner with a hint',
    (c) => c.from('orders').select('id, employees!shipping!inner(name)').eq('employees.name', 'Ivo'),
    {
      data: [{ id: 1, employees: { name: 'Ivo' } }],
    },
  ),
  query('left, said expressly', (c) => c.from('films').select('id, directors!left(id)').eq('id', 4), {
    data: [{ id: 4, directors: null }],
  }),
  query(
    'a filter on what is embedded keeps the rows',
    (c) => c.from('directors').select('id, films(id)').gt('films.year', 2000).order('id'),
    {
      data: [
        { id: 1, films: [{ id: 2 }] },
        { id: 2, films: [{ id: 3 }] },
        { id: 3, films: [] },
      ],
    },
  ),
  query(
    'a filter through its alias',
    (c) => c.from('directors').select('id, f:films(id)').eq('f.id', 2).eq('id', 1),
    {
      data: [{ id: 1, f: [{ id: 2 }] }],
    },
  ),
  query(
    'a filter two levels down',
    (c) =>
      c
        .from('films')
        .select('id, roles(actors(name))')
        .eq('roles.actors.name', 'Mei')
        .eq('id', 1)
        .order('actor_id', { referencedTable: 'roles' })
        .overrideTypes<{ id: number; roles: { actors: { name: string } | null }[] }[], { merge: false }>(),
    {
      data: [{ id: 1, roles: [{ actors: null }, { actors: { name: 'Mei' } }] }],
    },
  ),
  query(
    'or on what is embedded',
    (c) =>
      c
        .from('directors')
        .select('id, films(id)')
        .or('id.eq.1,year.eq.2010', { referencedTable: 'films' })
        .order('id')
        .limit(2),
    {
      data: [
        { id: 1, films: [{ id: 1 }] },
        { id: 2, films: [{ id: 3 }] },
      ],
    },
  ),
  query(
    'in on what is embedded',
    (c) => c.from('directors').select('id, films(id)').in('films.id', [2, 3]).eq('id', 1),
    {
      data: [{ id: 1, films: [{ id: 2 }] }],
    },
  ),
  query(
    'not on what is embedded',
    (c) => c.from('directors').select('id, films(id)').not('films.id', 'eq', 2).eq('id', 1),
    {
      data: [{ id: 1, films: [{ id: 1 }] }],
    },
  ),
  query(
    'order of what is embedded',
    (c) =>
      c
        .from('directors')
        .select('id, films(id)')
        .eq('id', 1)
        .order('id', { referencedTable: 'films', ascending: false }),
    {
      data: [{ id: 1, films: [{ id: 2 }, { id: 1 }] }],
    },
  ),
  query(
    'limit of what is embedded',
    (c) =>
      c
        .from('directors')
        .select('id, films(id)')
        .order('id')
        .order('id', { referencedTable: 'films' })
        .limit(1, { referencedTable: 'films' })
        .limit(2),
    {
      data: [
        { id: 1, films: [{ id: 1 }] },
        { id: 2, films: [{ id: 3 }] },
      ],
    },
  ),
  query(
    'range of what is embedded',
    (c) =>
      c
        .from('directors')
        .select('id, films(id)')
        .eq('id', 1)
        .order('id', { referencedTable: 'films' })
        .range(1, 5, { referencedTable: 'films' }),
    {
      data: [{ id: 1, films: [{ id: 2 }] }],
    },
  ),
  query(
    'order by a column of a to-one',
    (c) =>
      c
        .from('films')
        .select('id, directors(name)')
        .order('directors(name)' as 'id', { ascending: false, nullsFirst: false })
        .order('id'),
    {
      data: [
        { id: 3, directors: { name: 'Bo Li' } },
        { id: 1, directors: { name: 'Ana Silva' } },
        { id: 2, directors: { name: 'Ana Silva' } },
        { id: 4, directors: null },
      ],
    },
  ),
  query(
    'only those that have some',
    (c) =>
      c
        .from('directors')
        .select('id, films()')
        .not('films', 'is', null)
        .order('id')
        .overrideTypes<{ id: number }[], { merge: false }>(),
    {
      data: [{ id: 1 }, { id: 2 }],
    },
  ),
  query(
    'only those that have none',
    (c) =>
      c
        .from('directors')
        .select('id, films()')
        .is('films', null)
        .overrideTypes<{ id: number }[], { merge: false }>(),
    {
      data: [{ id: 3 }],
    },
  ),
  query(
    'those that have none, or another condition',
    (c) =>
      c
        .from('directors')
        .select('id, films()')
        .or('films.is.null,id.eq.1')
        .order('id')
        .overrideTypes<{ id: number }[], { merge: false }>(),
    {
      data: [{ id: 1 }, { id: 3 }],
    },
  ),
  query(
    'only those that have one that matches, without showing it',
    (c) =>
      c
        .from('directors')
        .select('id, films!inner()')
        .eq('films.mood', 'sad')
        .overrideTypes<{ id: number }[], { merge: false }>(),
    {
      data: [{ id: 1 }],
    },
  ),
]);
