import { query, runQueries } from '../../support/films-client.ts';

const ids = (...list: readonly number[]) => ({ data: list.map((id) => ({ id })) });

runQueries('clients: filters', '', [
  query('eq of a number', (c) => c.from('films').select('id').eq('id', 2), ids(2)),
  query('eq of a text with a comma', (c) => c.from('films').select('id').eq('title', 'Rio, o'), ids(2)),
  query('eq of a text with quotes', (c) => c.from('films').select('id').eq('title', 'Sol "x"'), ids(3)),
  query('eq of a boolean', (c) => c.from('films').select('id').eq('is_long', true), ids(2, 3)),
  query('eq of a numeric', (c) => c.from('films').select('id').eq('rating', 7.5), ids(1)),
  query('eq of a date in a view', (c) => c.from('directors').select('id').eq('born', '1985-11-30'), ids(2)),
  query('eq of an interval', (c) => c.from('films').select('id').eq('length', '90 min'), ids(1)),
  query('eq finds nothing', (c) => c.from('films').select('id').eq('title', 'nothing'), { data: [] }),
  query('neq leaves out null', (c) => c.from('films').select('id').neq('mood', 'happy'), ids(1)),
  query('gt', (c) => c.from('films').select('id').gt('year', 2004), ids(3, 4)),
  query('gte', (c) => c.from('films').select('id').gte('year', 2004), ids(2, 3, 4)),
  query('lt', (c) => c.from('films').select('id').lt('year', 2004), ids(1)),
  query('lte', (c) => c.from('films').select('id').lte('year', 2004), ids(1, 2)),
  query('gt of a text', (c) => c.from('films').select('id').gt('title', 'Mar'), ids(2, 3)),
  query('gte and lt of one column', (c) => c.from('films').select('id').gte('id', 2).lt('id', 4), ids(2, 3)),
  query(
    'gt of a date',
    (c) => c.from('directors').select('id').gt('born', new Date(1980, 0).toISOString()),
    ids(2),
  ),
  query('like', (c) => c.from('films').select('id').like('title', '%u%'), ids(4)),
  query('like with one character', (c) => c.from('films').select('id').like('title', 'M_r'), ids(1)),
  query('like tells upper case', (c) => c.from('films').select('id').like('title', 'm%'), { data: [] }),
  query('ilike', (c) => c.from('films').select('id').ilike('title', 'm%'), ids(1)),
  query('likeAllOf', (c) => c.from('films').select('id').likeAllOf('title', ['%o%', 'R%']), ids(2)),
  query('likeAnyOf', (c) => c.from('films').select('id').likeAnyOf('title', ['M%', 'L%']), ids(1, 4)),
  query('ilikeAllOf', (c) => c.from('films').select('id').ilikeAllOf('title', ['%O%', '%x%']), ids(3)),
  query('ilikeAnyOf', (c) => c.from('films').select('id').ilikeAnyOf('title', ['m%', 'l%']), ids(1, 4)),
  query('regexMatch', (c) => c.from('films').select('id').regexMatch('title', '^[MR]'), ids(1, 2)),
  query(
    'regexMatch with braces',
    (c) => c.from('films').select('id').regexMatch('title', '^.{3}$'),
    ids(1, 4),
  ),
  query('regexIMatch', (c) => c.from('films').select('id').regexIMatch('title', '^[mr]'), ids(1, 2)),
  query('is null', (c) => c.from('films').select('id').is('rating', null), ids(3)),
  query('is true', (c) => c.from('films').select('id').is('is_long', true), ids(2, 3)),
  query('is false', (c) => c.from('films').select('id').is('is_long', false), ids(1)),
  query(
    'isDistinct counts null as a value',
    (c) => c.from('films').select('id').isDistinct('mood', 'happy'),
    ids(1, 2),
  ),
  query('in of numbers', (c) => c.from('films').select('id').in('id', [1, 3]), ids(1, 3)),
  query(
    'in of texts with commas and quotes',
    (c) => c.from('films').select('id').in('title', ['Rio, o', 'Sol "x"']),
    ids(2, 3),
  ),
  query(
    'in of texts with parentheses',
    (c) => c.from('films').select('id').in('title', ['(x)', 'Mar']),
    ids(1),
  ),
  query('in of nothing', (c) => c.from('films').select('id').in('title', []), { data: [] }),
  query('notIn', (c) => c.from('films').select('id').notIn('id', [1, 3]), ids(2, 4)),
  query('contains of an array', (c) => c.from('directors').select('id').contains('tags', ['a', 'b']), ids(1)),
  query(
    'contains of the empty array',
    (c) => c.from('directors').select('id').contains('tags', []),
    ids(1, 2, 3),
  ),
  query('contains of jsonb', (c) => c.from('films').select('id').contains('info', { lang: 'pt' }), ids(1, 2)),
  query(
    'contains of nested jsonb',
    (c) =>
      c
        .from('films')
        .select('id')
        .contains('info', { awards: [{ n: 2 }] }),
    ids(1),
  ),
  query(
    'contains of a range',
    (c) => c.from('films').select('id').contains('seen', '[2024-01-10,2024-01-20)'),
    ids(1),
  ),
  query(
    'containedBy of an array',
    (c) => c.from('directors').select('id').containedBy('tags', ['b', 'c']),
    ids(2, 3),
  ),
  query(
    'containedBy of jsonb',
    (c) => c.from('films').select('id').containedBy('info', { lang: 'zh', more: 1 }),
    ids(3),
  ),
  query(
    'containedBy of a range',
    (c) => c.from('films').select('id').containedBy('seen', '[2024-02-01,2025-01-01)'),
    ids(2),
  ),
  query('rangeGt', (c) => c.from('films').select('id').rangeGt('seen', '[2023-01-01,2024-01-01)'), ids(1, 2)),
  query('rangeGte', (c) => c.from('films').select('id').rangeGte('seen', '[2024-02-01,2024-03-01)'), ids(2)),
  query('rangeLt', (c) => c.from('films').select('id').rangeLt('seen', '[2024-02-15,2024-03-01)'), ids(1)),
  query('rangeLte', (c) => c.from('films').select('id').rangeLte('seen', '[2023-01-01,2024-02-01)'), ids(1)),
  query(
    'rangeAdjacent',
    (c) => c.from('films').select('id').rangeAdjacent('seen', '[2024-03-01,2024-04-01)'),
    ids(2),
  ),
  query(
    'overlaps of an array',
    (c) => c.from('directors').select('id').overlaps('tags', ['b', 'z']),
    ids(1, 2),
  ),
  query(
    'overlaps of a range',
    (c) => c.from('films').select('id').overlaps('seen', '[2024-01-31,2024-02-02)'),
    ids(1, 2),
  ),
  query(
    'match of several columns',
    (c) => c.from('films').select('id').match({ year: 2010, mood: 'happy' }),
    ids(3, 4),
  ),
  query('not eq', (c) => c.from('films').select('id').not('id', 'eq', 1), ids(2, 3, 4)),
  query('not is null', (c) => c.from('films').select('id').not('mood', 'is', null), ids(1, 3, 4)),
  query('not in', (c) => c.from('films').select('id').not('id', 'in', '(1,2)'), ids(3, 4)),
  query('not like', (c) => c.from('films').select('id').not('title', 'like', '%o%'), ids(1, 4)),
  query(
    'not contains of an array',
    (c) => c.from('directors').select('id').not('tags', 'cs', '{a}'),
    ids(2, 3),
  ),
  query(
    'filter by name of the operator',
    (c) => c.from('films').select('id').filter('year', 'gte', 2010),
    ids(3, 4),
  ),
  query('filter in', (c) => c.from('films').select('id').filter('title', 'in', '("Rio, o",Lua)'), ids(2, 4)),
  query('filter not', (c) => c.from('films').select('id').filter('year', 'not.eq', 2010), ids(1, 2)),
  query('filter eq of any', (c) => c.from('films').select('id').filter('id', 'eq(any)', '{1,4}'), ids(1, 4)),
  query('filter gt of all', (c) => c.from('films').select('id').filter('id', 'gt(all)', '{1,2}'), ids(3, 4)),
  query(
    'filter of a JSON path as text',
    (c) => c.from('films').select('id').filter('info->>lang', 'eq', 'pt'),
    ids(1, 2),
  ),
  query(
    'filter of a JSON path as JSON',
    (c) => c.from('films').select('id').filter('info->awards->0->n', 'eq', 1),
    ids(1),
  ),
  query('eq of a JSON path', (c) => c.from('films').select('id').eq('info->>lang', 'zh'), ids(3)),
  query('in of a JSON path', (c) => c.from('films').select('id').in('info->>lang', ['zh', 'fr']), ids(3)),
  query('is null of a JSON path', (c) => c.from('films').select('id').is('info->size', null), ids(2, 3, 4)),
  query('eq of an element of an array', (c) => c.from('directors').select('id').eq('tags->>0', 'b'), ids(2)),
  query('textSearch', (c) => c.from('plots').select('film_id').textSearch('words', "boat & 'sea'"), {
    data: [{ film_id: 1 }],
  }),
  query('textSearch with or', (c) => c.from('plots').select('film_id').textSearch('words', 'boat | sun'), {
    data: [{ film_id: 1 }, { film_id: 3 }],
  }),
  query(
    'textSearch, plain',
    (c) =>
      c
        .from('plots')
        .select('film_id')
        .textSearch('words', 'suns rising', { type: 'plain', config: 'english' }),
    { data: [{ film_id: 3 }] },
  ),
  query(
    'textSearch, phrase',
    (c) =>
      c
        .from('plots')
        .select('film_id')
        .textSearch('text', 'sun rises', { type: 'phrase', config: 'english' }),
    { data: [{ film_id: 3 }] },
  ),
  query(
    'textSearch, websearch',
    (c) =>
      c
        .from('plots')
        .select('film_id')
        .textSearch('text', 'sea -sun', { type: 'websearch', config: 'english' }),
    { data: [{ film_id: 1 }] },
  ),
  query(
    'textSearch in another language',
    (c) => c.from('plots').select('film_id').textSearch('text', 'sails', { config: 'simple' }),
    { data: [{ film_id: 1 }] },
  ),
  query('or', (c) => c.from('films').select('id').or('id.eq.1,title.eq.Lua'), ids(1, 4)),
  query(
    'or with a quoted value',
    (c) => c.from('films').select('id').or('title.eq."Rio, o",id.eq.3'),
    ids(2, 3),
  ),
  query(
    'or with and inside',
    (c) => c.from('films').select('id').or('id.eq.4,and(year.gt.2000,mood.is.null)'),
    ids(2, 4),
  ),
  query(
    'or with not.and inside',
    (c) => c.from('films').select('id').or('not.and(id.gt.1,id.lt.4),id.eq.2'),
    ids(1, 2, 4),
  ),
  query(
    'or with in and not',
    (c) => c.from('films').select('id').or('id.not.in.(1,2),id.eq.1'),
    ids(1, 3, 4),
  ),
  query('or of JSON paths', (c) => c.from('films').select('id').or('info->>lang.eq.zh,id.eq.4'), ids(3, 4)),
  query(
    'or with an array',
    (c) => c.from('directors').select('id').or('tags.cs.{a,b},country.eq.TR'),
    ids(1, 3),
  ),
  query(
    'or twice: both must hold',
    (c) => c.from('films').select('id').or('id.eq.1,id.eq.2').or('year.eq.2004,year.eq.2010'),
    ids(2),
  ),
  query(
    'or beside a filter',
    (c) => c.from('films').select('id').or('id.eq.1,id.eq.2').gt('rating', 7.6),
    ids(2),
  ),
  query(
    'three levels of logic',
    (c) => c.from('films').select('id').or('and(or(id.eq.1,id.eq.2),year.lt.2000),id.eq.4'),
    ids(1, 4),
  ),
]);
