import { query, runQueries } from '../../support/films-client.ts';

runQueries('clients: embedding', '', [
  query('many to one', (c) => c.from('films').select('title, directors(name)').eq('id', 1), {
    data: [{ title: 'Mar', directors: { name: 'Ana Silva' } }],
  }),
  query(
    'many to one, where there is none',
    (c) => c.from('films').select('title, directors(name)').eq('id', 4),
    {
      data: [{ title: 'Lua', directors: null }],
    },
  ),
  query('with an alias', (c) => c.from('films').select('id, by:directors(name)').eq('id', 3), {
    data: [{ id: 3, by: { name: 'Bo Li' } }],
  }),
  query('by the column of the key', (c) => c.from('films').select('id, director_id(name)').eq('id', 3), {
    data: [{ id: 3, director_id: { name: 'Bo Li' } }],
  }),
  query(
    'by the name of the key',
    (c) =>
      c
        .from('films')
        .select('id, films_director_fkey(name)')
        .eq('id', 3)
        .overrideTypes<{ id: number; films_director_fkey: { name: string } }[], { merge: false }>(),
    {
      data: [{ id: 3, films_director_fkey: { name: 'Bo Li' } }],
    },
  ),
  query('one to many', (c) => c.from('directors').select('name, films(title)').order('id'), {
    data: [
      { name: 'Ana Silva', films: [{ title: 'Mar' }, { title: 'Rio, o' }] },
      { name: 'Bo Li', films: [{ title: 'Sol "x"' }] },
      { name: 'Cem', films: [] },
    ],
  }),
  query(
    'all columns of what is embedded',
    (c) =>
      c
        .from('orders')
        .select('id, billing(*)')
        .eq('id', 1)
        .overrideTypes<{ id: number; billing: object }[], { merge: false }>(),
    {
      data: [{ id: 1, billing: { id: 2, name: 'Eva', manager_id: 1 } }],
    },
  ),
  query('one to one', (c) => c.from('films').select('id, plots(text)').in('id', [1, 2]), {
    data: [
      { id: 1, plots: { text: 'A boat sails the sea' } },
      { id: 2, plots: null },
    ],
  }),
  query(
    'one to one, from the other side',
    (c) => c.from('plots').select('film_id, films(title)').eq('film_id', 1),
    {
      data: [{ film_id: 1, films: { title: 'Mar' } }],
    },
  ),
  query(
    'many to many',
    (c) =>
      c.from('films').select('id, actors(name)').lt('id', 3).order('name', { referencedTable: 'actors' }),
    {
      data: [
        { id: 1, actors: [{ name: 'Mei' }, { name: 'Rui' }] },
        { id: 2, actors: [{ name: 'Rui' }] },
      ],
    },
  ),
  query(
    'many to many, from the other side',
    (c) => c.from('actors').select('name, films(title)').eq('name', 'Rui'),
    {
      data: [{ name: 'Rui', films: [{ title: 'Mar' }, { title: 'Rio, o' }] }],
    },
  ),
  query(
    'many to many, hinted with the table between',
    (c) => c.from('actors').select('name, films!roles(id)').eq('id', 3),
    {
      data: [{ name: 'Zoe', films: [] }],
    },
  ),
  query(
    'the table between and what is behind it',
    (c) => c.from('films').select('id, roles(character, actors(name))').eq('id', 2),
    {
      data: [{ id: 2, roles: [{ character: 'rower', actors: { name: 'Rui' } }] }],
    },
  ),
  query(
    'three levels',
    (c) =>
      c
        .from('directors')
        .select('name, films(title, roles(character, actors(name)))')
        .eq('id', 1)
        .eq('films.id', 2),
    {
      data: [
        {
          name: 'Ana Silva',
          films: [{ title: 'Rio, o', roles: [{ character: 'rower', actors: { name: 'Rui' } }] }],
        },
      ],
    },
  ),
  query('there and back', (c) => c.from('films').select('id, directors(name, films(id))').eq('id', 1), {
    data: [{ id: 1, directors: { name: 'Ana Silva', films: [{ id: 1 }, { id: 2 }] } }],
  }),
  query(
    'two relations beside each other',
    (c) => c.from('films').select('id, directors(name), plots(text)').eq('id', 3),
    {
      data: [{ id: 3, directors: { name: 'Bo Li' }, plots: { text: 'The sun rises again' } }],
    },
  ),
  query(
    'one relation twice',
    (c) =>
      c
        .from('directors')
        .select('id, old:films(id), new:films(id)')
        .lt('old.year', 2000)
        .gte('new.year', 2000)
        .eq('id', 1),
    {
      data: [{ id: 1, old: [{ id: 1 }], new: [{ id: 2 }] }],
    },
  ),
  query(
    'within one table: the one that is referenced',
    (c) =>
      c
        .from('employees')
        .select('name, manager_id(name)')
        .eq('id', 4)
        .overrideTypes<{ name: string; manager_id: { name: string } }[], { merge: false }>(),
    {
      data: [{ name: 'Uli', manager_id: { name: 'Eva' } }],
    },
  ),
  query(
    'within one table, with an alias',
    (c) =>
      c
        .from('employees')
        .select('name, boss:employees!manager_id(name)')
        .eq('id', 2)
        .overrideTypes<{ name: string; boss: { name: string } }[], { merge: false }>(),
    {
      data: [{ name: 'Eva', boss: { name: 'Boss' } }],
    },
  ),
  query(
    'within one table: those that reference',
    (c) =>
      c
        .from('employees')
        .select('name, team:employees!id(name)')
        .eq('id', 1)
        .order('name', { referencedTable: 'team' })
        .overrideTypes<{ name: string; team: { name: string }[] }[], { merge: false }>(),
    {
      data: [{ name: 'Boss', team: [{ name: 'Eva' }, { name: 'Ivo' }] }],
    },
  ),
  query(
    'two keys to one table, by the name of the key',
    (c) => c.from('orders').select('id, to:employees!shipping(name)').order('id'),
    {
      data: [
        { id: 1, to: { name: 'Ivo' } },
        { id: 2, to: { name: 'Eva' } },
      ],
    },
  ),
  query(
    'two keys to one table, by its column',
    (c) =>
      c
        .from('orders')
        .select('id, payer:billing_id(name), receiver:shipping_id(name)')
        .eq('id', 1)
        .overrideTypes<
          { id: number; payer: { name: string }; receiver: { name: string } }[],
          { merge: false }
        >(),
    {
      data: [{ id: 1, payer: { name: 'Eva' }, receiver: { name: 'Ivo' } }],
    },
  ),
  query(
    'two keys to one table, from the other side',
    (c) =>
      c
        .from('employees')
        .select('id, orders!billing(id)')
        .eq('id', 2)
        .order('id', { referencedTable: 'orders' }),
    {
      data: [{ id: 2, orders: [{ id: 1 }, { id: 2 }] }],
    },
  ),
  query(
    'a view has the keys of its table',
    (c) => c.from('long_films').select('name, directors(name)').order('id'),
    {
      data: [
        { name: 'Rio, o', directors: { name: 'Ana Silva' } },
        { name: 'Sol "x"', directors: { name: 'Bo Li' } },
      ],
    },
  ),
  query('from a view to a view', (c) => c.from('directors').select('id, long_films(name)').eq('id', 1), {
    data: [{ id: 1, long_films: [{ name: 'Rio, o' }] }],
  }),
  query(
    'from a view to one of another table',
    (c) => c.from('long_films').select('id, plots(text)').eq('id', 3),
    {
      data: [{ id: 3, plots: { text: 'The sun rises again' } }],
    },
  ),
]);
