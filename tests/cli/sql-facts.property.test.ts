import fc from 'fast-check';
import { loadModule, type ScanToken, scanSync } from 'libpg-query';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqlFacts } from '../../dist/graph/sql-facts/facts.js';
import { openSqlFacts } from '../../dist/graph/sql-facts/open.js';

const test = suite('facts of generated queries');
let factsOf: (sql: string) => SqlFacts;
test.before(async () => {
  await loadModule();
  factsOf = await openSqlFacts();
});

const queries = [
  `select trim(id_cliente) as id, "E-mail", preço * 1.5 as total, 'it''s' as "A b" from silver.clientes as c where idade between 18 and 120 order by 1`,
  `with a as materialized (select x, y from s.t1), recente (k) as (select x from a where y > 3)
   select r.k, count(distinct a.y) filter (where a.x <> 2) over (partition by r.k order by a.y rows between 1 preceding and current row) as n
     from recente r left join a on a.x = r.k and a.y is not null group by r.k, a.y, a.x having count(*) > 10`,
  `select case status when 'aberto' then 1 else 0 end as aberto, cast(valor as numeric(10, 2)) as v, data::date, array[1, 2, 3] as lista, E'a\\nb' as e
     from pedidos where id in (7, 8, 9) and nome like 'A%' union all select 0, 1.25, null, '{}', $q$x$q$ limit 50 offset 20`,
  `select j ->> 'nome' as nome, extract(year from dia) as ano, coalesce(a, b, 'nada') as c, x[1] as primeiro
     from bronze.json_pedidos, lateral jsonb_array_elements(itens) with ordinality as i (item, nr), generate_series(1, 4) as g (n)
    where exists (select from "Outra Tabela" o where o.id = nr) and not (a = b or a > b)`,
];

const comments = (token: ScanToken) => token.tokenName === 'SQL_COMMENT' || token.tokenName === 'C_COMMENT';
const tokensOf = (sql: string) => scanSync(sql).tokens.filter((token) => !comments(token));
const isName = ({ tokenName, text }: ScanToken) => tokenName === 'IDENT' && !text.startsWith('"');

const blank = fc
  .array(
    fc.constantFrom(' ', '\n', '\t', '\r\n', "-- select 1; '\n", '/* a /* b */ "c */', "/*'*/ ", '--\n'),
    { maxLength: 4 },
  )
  // A comment glued to an operator would be read as part of it.
  .map((parts) => ` ${parts.join('')}`);

test('white space, comments and the case of keywords and of names without quotes never count', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...queries),
      fc.infiniteStream(blank),
      fc.infiniteStream(fc.boolean()),
      (sql, blanks, flips) => {
        const written = tokensOf(sql).map((token) => {
          const mayFlip = token.keywordName !== 'NO_KEYWORD' || isName(token);
          const text = mayFlip
            ? token.text.replaceAll(/[a-z]/g, (letter) =>
                flips.next().value ? letter.toUpperCase() : letter,
              )
            : token.text;
          return `${blanks.next().value}${text}`;
        });
        assert.equal(factsOf(written.join('')), factsOf(sql), written.join(''));
      },
    ),
    { numRuns: 200 },
  );
});

/** The same kind of token with another meaning; undefined for what is not changed here. */
function changed({ tokenName, text }: ScanToken): string | undefined {
  if (/^\d+$/.test(text)) return `${text}1`;
  if (/^\d*\.\d+$/.test(text)) return `${text}1`;
  if (tokenName === 'SCONST') return text.startsWith('$') ? '$q$other$q$' : text.replace(/'$/, "z'");
  if (tokenName === 'IDENT') return text.startsWith('"') ? text.replace(/"$/, ' "') : `${text}_z`;
  return { '+': '-', '*': '+', '=': '<', '<>': '=', '>': '>=', '->>': '->', and: 'or', or: 'and' }[text];
}

test('another constant, name or operator always counts', () => {
  let changes = 0;
  for (const sql of queries) {
    const tokens = tokensOf(sql);
    for (const [i, token] of tokens.entries()) {
      const other = changed(token);
      if (other === undefined) continue;
      changes++;
      const sqlChanged = tokens.map(({ text }, k) => (k === i ? other : text)).join(' ');
      assert.is.not(factsOf(sqlChanged).hash, factsOf(sql).hash, sqlChanged);
    }
  }
  assert.ok(changes > 120, `${changes}`);
});

test('order counts: of columns, conditions, joins, branches', () => {
  const piece = fc.constantFrom('a', 'b + 1', "'x'", 'f(c)', 'null', 'current_date', 'd::int');
  fc.assert(
    fc.property(fc.uniqueArray(piece, { minLength: 2, maxLength: 6 }), fc.nat(), (pieces, at) => {
      const i = at % (pieces.length - 1);
      const swapped = pieces.with(i, pieces[i + 1]!).with(i + 1, pieces[i]!);
      for (const write of [
        (all: readonly string[]) => `select ${all.join(', ')} from t`,
        (all: readonly string[]) =>
          `select from t where ${all.map((part) => `(${part}) is null`).join(' and ')}`,
        (all: readonly string[]) => `select from t order by ${all.join(', ')}`,
        (all: readonly string[]) => `select coalesce(${all.join(', ')})`,
      ]) {
        assert.is.not(factsOf(write(pieces)).hash, factsOf(write(swapped)).hash);
        const unordered = (sql: string) => ({ ...factsOf(sql), hash: '' });
        assert.equal(unordered(write(swapped)), unordered(write(pieces)));
      }
    }),
  );
});

test('any text has facts, and another text that cannot be read never has the same', () => {
  const garbage = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...queries));
  fc.assert(
    fc.property(garbage, garbage, (a, b) => {
      const [first, second] = [factsOf(`select ${a}`), factsOf(`select ${b}`)];
      assert.match(first.hash, /^[\w-]{43}$/);
      assert.equal(JSON.parse(JSON.stringify(first)), first);
      const isUnread = first.timeDependent.some((reason) => reason.startsWith('SQL that cannot be read'));
      if (isUnread && a !== b) assert.is.not(first.hash, second.hash);
    }),
    { numRuns: 300 },
  );
});

test.run();
