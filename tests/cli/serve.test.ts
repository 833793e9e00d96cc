// core: runs on every server
// in one process
import { isDeepStrictEqual } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Api } from '../support/api.ts';
import { withFilms } from '../support/films.ts';

const test = suite('serve');

/** What a path answers: rows, or for a single column its values. */
const reads: readonly (readonly [path: string, rows: unknown])[] = [
  // columns
  ['/films?select=id,title&id=eq.1', [{ id: 1, title: 'Mar' }]],
  ['/films?select=nome:title&id=eq.1', [{ nome: 'Mar' }]],
  ['/films?select=year::text&id=eq.1', [{ year: '1999' }]],
  ['/films?select=y:year::text&id=eq.1', [{ y: '1999' }]],
  ['/films?select=info->lang&id=eq.1', [{ lang: 'pt' }]],
  ['/films?select=info->>size&id=eq.1', [{ size: '9007199254740993' }]],
  ['/films?select=info->awards->0->>n&id=eq.1', [{ n: '1' }]],
  ['/films?select=last:info->awards->-1->n&id=eq.1', [{ last: 2 }]],
  ['/films?select=info->awards->1->>n::int&id=eq.1', [{ n: 2 }]],
  ['/directors?select=tags->0&id=eq.1', [{ tags: 'a' }]],
  ['/films?select=&id=eq.1', [{}]],
  [
    '/plots?select=*&film_id=eq.1',
    [{ film_id: 1, text: 'A boat sails the sea', words: "'boat':2 'sail':3 'sea':5" }],
  ],
  // operators
  ['/films?select=id&id=neq.1', [{ id: 2 }, { id: 3 }, { id: 4 }]],
  ['/films?select=id&year=gt.2004', [{ id: 3 }, { id: 4 }]],
  ['/films?select=id&year=gte.2004&year=lt.2010', [{ id: 2 }]],
  ['/films?select=id&rating=lte.7.5', [{ id: 1 }, { id: 4 }]],
  ['/films?select=id&title=like.*u*', [{ id: 4 }]],
  ['/films?select=id&title=like.%25u%25', [{ id: 4 }]],
  ['/films?select=id&title=ilike.m*', [{ id: 1 }]],
  ['/films?select=id&title=match.^[MR]', [{ id: 1 }, { id: 2 }]],
  ['/films?select=id&title=imatch.^m', [{ id: 1 }]],
  ['/films?select=id&id=in.(1,3)', [{ id: 1 }, { id: 3 }]],
  ['/films?select=id&title=in.("Rio, o","Sol \\"x\\"")', [{ id: 2 }, { id: 3 }]],
  ['/films?select=id&id=not.in.(1,3)', [{ id: 2 }, { id: 4 }]],
  ['/films?select=id&rating=is.null', [{ id: 3 }]],
  ['/films?select=id&rating=not.is.null', [{ id: 1 }, { id: 2 }, { id: 4 }]],
  ['/films?select=id&rating=is.not_null&limit=1', [{ id: 1 }]],
  ['/films?select=id&is_long=is.true', [{ id: 2 }, { id: 3 }]],
  ['/films?select=id&is_long=is.FALSE', [{ id: 1 }]],
  ['/films?select=id&is_long=is.unknown', [{ id: 4 }]],
  ['/films?select=id&is_long=eq.true', [{ id: 2 }, { id: 3 }]],
  ['/films?select=id&mood=isdistinct.happy', [{ id: 1 }, { id: 2 }]],
  ['/films?select=id&mood=not.isdistinct.happy', [{ id: 3 }, { id: 4 }]],
  ['/directors?select=id&born=eq.1970-02-03', [{ id: 1 }]],
  ['/directors?select=id&tags=cs.{a}', [{ id: 1 }]],
  ['/directors?select=id&tags=cd.{a,b,c}', [{ id: 1 }, { id: 2 }, { id: 3 }]],
  ['/directors?select=id&tags=ov.{b,z}', [{ id: 1 }, { id: 2 }]],
  ['/films?select=id&info=cs.{"lang":"zh"}', [{ id: 3 }]],
  ['/films?select=id&seen=sl.[2024-02-15,2024-03-01)', [{ id: 1 }]],
  ['/films?select=id&seen=sr.[2023-01-01,2024-01-01)', [{ id: 1 }, { id: 2 }]],
  ['/films?select=id&seen=nxr.[2023-01-01,2024-02-01)', [{ id: 1 }]],
  ['/films?select=id&seen=nxl.[2024-02-01,2024-03-01)', [{ id: 2 }]],
  ['/films?select=id&seen=adj.[2024-03-01,2024-04-01)', [{ id: 2 }]],
  ['/films?select=id&length=eq.01:30:00', [{ id: 1 }]],
  ['/films?select=id&id=eq(any).{1,4}', [{ id: 1 }, { id: 4 }]],
  ['/films?select=id&title=like(any).{M*,L*}', [{ id: 1 }, { id: 4 }]],
  ['/films?select=id&title=ilike(all).{*o*,*x*}', [{ id: 3 }]],
  ['/films?select=id&id=gt(all).{1,2}', [{ id: 3 }, { id: 4 }]],
  ['/plots?select=film_id&words=fts.boat', [{ film_id: 1 }]],
  ['/plots?select=film_id&words=plfts(english).suns rising', [{ film_id: 3 }]],
  ['/plots?select=film_id&text=phfts(english).sun rises', [{ film_id: 3 }]],
  ['/plots?select=film_id&text=wfts(english).sea -sun', [{ film_id: 1 }]],
  ['/films?select=id&info->>lang=eq.pt', [{ id: 1 }, { id: 2 }]],
  ['/films?select=id&info->awards->0->n=eq.1', [{ id: 1 }]],
  ['/films?select=id&info->>lang=in.(zh)', [{ id: 3 }]],
  // logic
  ['/films?select=id&or=(id.eq.1,title.eq.Lua)', [{ id: 1 }, { id: 4 }]],
  ['/films?select=id&and=(year.gte.2000,or(mood.is.null,rating.gt.6))', [{ id: 2 }, { id: 4 }]],
  ['/films?select=id&not.or=(id.eq.1,id.eq.2)', [{ id: 3 }, { id: 4 }]],
  ['/films?select=id&or=(not.and(id.gt.1,id.lt.4),id.eq.2)', [{ id: 1 }, { id: 2 }, { id: 4 }]],
  ['/films?select=id&or=(id.not.in.(1,2),id.eq.1)', [{ id: 1 }, { id: 3 }, { id: 4 }]],
  ['/films?select=id&or=(title.eq."Rio, o",id.eq.3)', [{ id: 2 }, { id: 3 }]],
  ['/films?select=id&or=(info->>lang.eq.zh,id.eq.4)', [{ id: 3 }, { id: 4 }]],
  ['/directors?select=id&or=(tags.cs.{a,b},country.eq.TR)', [{ id: 1 }, { id: 3 }]],
  // order, limit, offset
  ['/films?select=id&order=year.desc,title.asc', [{ id: 4 }, { id: 3 }, { id: 2 }, { id: 1 }]],
  ['/films?select=id&order=rating', [{ id: 4 }, { id: 1 }, { id: 2 }, { id: 3 }]],
  ['/films?select=id&order=rating.nullsfirst', [{ id: 3 }, { id: 4 }, { id: 1 }, { id: 2 }]],
  ['/films?select=id&order=rating.desc.nullslast', [{ id: 2 }, { id: 1 }, { id: 4 }, { id: 3 }]],
  ['/films?select=id&order=info->>lang.desc.nullslast,id&limit=2', [{ id: 3 }, { id: 1 }]],
  ['/films?select=id&limit=1&offset=2&order=id', [{ id: 3 }]],
  ['/films?select=id&limit=0', []],
  // embedding
  ['/films?select=title,directors(name)&id=eq.1', [{ title: 'Mar', directors: { name: 'Ana Silva' } }]],
  ['/films?select=title,directors(name)&id=eq.4', [{ title: 'Lua', directors: null }]],
  ['/films?select=id,by:directors(name)&id=eq.3', [{ id: 3, by: { name: 'Bo Li' } }]],
  ['/films?select=id,director_id(name)&id=eq.3', [{ id: 3, director_id: { name: 'Bo Li' } }]],
  ['/films?select=id,films_director_fkey(name)&id=eq.3', [{ id: 3, films_director_fkey: { name: 'Bo Li' } }]],
  [
    '/directors?select=name,films(title)&order=id',
    [
      { name: 'Ana Silva', films: [{ title: 'Mar' }, { title: 'Rio, o' }] },
      { name: 'Bo Li', films: [{ title: 'Sol "x"' }] },
      { name: 'Cem', films: [] },
    ],
  ],
  [
    '/directors?select=id,films(id)&films.order=id.desc&films.limit=1&id=eq.1',
    [{ id: 1, films: [{ id: 2 }] }],
  ],
  ['/directors?select=id,films(id)&films.offset=1&films.order=id&id=eq.1', [{ id: 1, films: [{ id: 2 }] }]],
  [
    '/directors?select=id,films(id)&films.year=gt.2000&order=id',
    [
      { id: 1, films: [{ id: 2 }] },
      { id: 2, films: [{ id: 3 }] },
      { id: 3, films: [] },
    ],
  ],
  ['/directors?select=id,films!inner(id)&films.year=gt.2004', [{ id: 2, films: [{ id: 3 }] }]],
  [
    '/directors?select=id,f:films(id)&f.or=(id.eq.1,id.eq.3)&order=id&limit=2',
    [
      { id: 1, f: [{ id: 1 }] },
      { id: 2, f: [{ id: 3 }] },
    ],
  ],
  ['/directors?select=id,films()&films=is.null', [{ id: 3 }]],
  ['/directors?select=id,films()&films=not.is.null&order=id', [{ id: 1 }, { id: 2 }]],
  ['/directors?select=id,films()&or=(films.is.null,id.eq.1)&order=id', [{ id: 1 }, { id: 3 }]],
  [
    '/films?select=id,plots(text)&id=in.(1,2)',
    [
      { id: 1, plots: { text: 'A boat sails the sea' } },
      { id: 2, plots: null },
    ],
  ],
  ['/plots?select=film_id,films(title)&film_id=eq.1', [{ film_id: 1, films: { title: 'Mar' } }]],
  [
    '/films?select=id,actors(name)&id=lt.3&actors.order=name',
    [
      { id: 1, actors: [{ name: 'Mei' }, { name: 'Rui' }] },
      { id: 2, actors: [{ name: 'Rui' }] },
    ],
  ],
  [
    '/actors?select=name,films(title)&name=eq.Rui',
    [{ name: 'Rui', films: [{ title: 'Mar' }, { title: 'Rio, o' }] }],
  ],
  ['/actors?select=name,films!roles(id)&id=eq.3', [{ name: 'Zoe', films: [] }]],
  [
    '/films?select=id,roles(character,actors(name))&id=eq.2',
    [{ id: 2, roles: [{ character: 'rower', actors: { name: 'Rui' } }] }],
  ],
  [
    '/films?select=id,roles(actors(name))&roles.actors.name=eq.Mei&id=eq.1&roles.order=actor_id',
    [{ id: 1, roles: [{ actors: null }, { actors: { name: 'Mei' } }] }],
  ],
  ['/films?select=id,...directors(director:name)&id=eq.1', [{ id: 1, director: 'Ana Silva' }]],
  ['/films?select=id,...directors(director:name,born)&id=eq.4', [{ id: 4, director: null, born: null }]],
  [
    '/directors?select=id,...films(ids:id,title)&films.order=id&id=in.(1,3)&order=id',
    [
      { id: 1, ids: [1, 2], title: ['Mar', 'Rio, o'] },
      { id: 3, ids: [], title: [] },
    ],
  ],
  [
    '/long_films?select=name,directors(name)&order=id',
    [
      { name: 'Rio, o', directors: { name: 'Ana Silva' } },
      { name: 'Sol "x"', directors: { name: 'Bo Li' } },
    ],
  ],
  ['/directors?select=id,long_films(name)&id=eq.1', [{ id: 1, long_films: [{ name: 'Rio, o' }] }]],
  ['/employees?select=name,manager_id(name)&id=eq.4', [{ name: 'Uli', manager_id: { name: 'Eva' } }]],
  [
    '/employees?select=name,boss:employees!manager_id(name)&id=eq.2',
    [{ name: 'Eva', boss: { name: 'Boss' } }],
  ],
  [
    '/employees?select=name,team:employees!id(name)&id=eq.1&team.order=name',
    [{ name: 'Boss', team: [{ name: 'Eva' }, { name: 'Ivo' }] }],
  ],
  [
    '/orders?select=id,to:employees!shipping(name)&order=id',
    [
      { id: 1, to: { name: 'Ivo' } },
      { id: 2, to: { name: 'Eva' } },
    ],
  ],
  [
    '/orders?select=id,billing(name),shipping_id(name)&id=eq.1',
    [{ id: 1, billing: { name: 'Eva' }, shipping_id: { name: 'Ivo' } }],
  ],
  [
    '/films?select=id,directors(id)&order=directors(name).desc.nullslast,id',
    [
      { id: 3, directors: { id: 2 } },
      { id: 1, directors: { id: 1 } },
      { id: 2, directors: { id: 1 } },
      { id: 4, directors: null },
    ],
  ],
  // names
  [
    `/${encodeURIComponent("Città d'Italia")}?select="nome, cognome","select","A\\"b",ação&order="nome, cognome"&limit=1`,
    [{ 'nome, cognome': 'x', select: 7, 'A"b': 'q', ação: 'á' }],
  ],
  [`/${encodeURIComponent("Città d'Italia")}?select=id&"nome, cognome"=eq.y, z`, [{ id: 2 }]],
  [
    `/${encodeURIComponent("Città d'Italia")}?select=id&or=("A\\"b".eq.q,ação.eq.é)&order=id`,
    [{ id: 1 }, { id: 2 }],
  ],
];

/** What comes back other than it should. */
async function differing(
  api: Api,
  cases: readonly (readonly [path: string, rows: unknown])[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, rows] of cases) {
    const { status, text, json } = await api.get(path);
    if (status !== 200 || !isDeepStrictEqual(json, rows)) wrong.push(`${path}: ${status} ${text}`);
  }
  return wrong;
}

test('every operator, every kind of embedding, order and logic read what PostgREST reads', () =>
  withFilms('', async (api) => {
    assert.equal(await differing(api, reads), []);
    assert.equal(
      await differing(
        api,
        reads.map(([path, rows]) => [`/rest/v1${path}`, rows]),
      ),
      [],
    );
  }));

const aggregates: readonly (readonly [path: string, rows: unknown])[] = [
  ['/films?select=count()', [{ count: 4 }]],
  ['/films?select=n:count()', [{ n: 4 }]],
  ['/films?select=year.max(),year.min()', [{ max: 2010, min: 1999 }]],
  [
    '/films?select=year,count()&order=year',
    [
      { year: 1999, count: 1 },
      { year: 2004, count: 1 },
      { year: 2010, count: 2 },
    ],
  ],
  ['/films?select=mean:rating.avg()::int', [{ mean: 7 }]],
  ['/films?select=info->awards->0->>n::int.sum()', [{ sum: 1 }]],
  [
    '/films?select=info->>lang,count()&info=not.is.null&order=info->>lang',
    [
      { lang: 'pt', count: 2 },
      { lang: 'zh', count: 1 },
    ],
  ],
  [
    '/directors?select=name,films(count())&order=id&limit=2',
    [
      { name: 'Ana Silva', films: [{ count: 2 }] },
      { name: 'Bo Li', films: [{ count: 1 }] },
    ],
  ],
  [
    '/directors?select=name,films(year,rating.sum())&id=eq.1&films.order=year',
    [
      {
        name: 'Ana Silva',
        films: [
          { year: 1999, sum: 7.5 },
          { year: 2004, sum: 8.0 },
        ],
      },
    ],
  ],
  [
    '/films?select=directors(name),count()&directors=not.is.null&order=directors(name)',
    [
      { directors: { name: 'Ana Silva' }, count: 2 },
      { directors: { name: 'Bo Li' }, count: 1 },
    ],
  ],
  [
    '/films?select=...directors(name),count()&director_id=not.is.null&order=directors(name)',
    [
      { name: 'Ana Silva', count: 2 },
      { name: 'Bo Li', count: 1 },
    ],
  ],
  ['/plots?select=...films(year.max())', [{ max: 2010 }]],
];

test('aggregates, where they are allowed', () =>
  withFilms('aggregates: true', async (api) => assert.equal(await differing(api, aggregates), [])));

test.run();
