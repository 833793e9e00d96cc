import fc from 'fast-check';
import { loadModule, parseSync } from 'libpg-query';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firstKeyword, innerSemicolon, stripTrailing } from '../../dist/graph/sql-text.js';

const test = suite('sql text');
test.before(() => loadModule());

const piece = fc.constantFrom(
  'select',
  ' 1',
  ' as x',
  ';',
  '\n',
  ' ',
  "';'",
  "'it''s'",
  "E'\\';'",
  '";"',
  '$$;$$',
  '$a$;$$;$a$',
  '-- ;\n',
  '/* ; */',
  '/* /* ; */ ; */',
  ' from t',
  ' where a = $1',
  "U&'x'",
  '1$',
  'é$',
  ',',
  '(',
  ')',
  "b'1'",
  '--',
);

/** What Postgres's own parser says: how many statements there are; undefined for text that is no SQL. */
function statements(sql: string): number | undefined {
  try {
    return (parseSync(sql) as { stmts?: unknown[] }).stmts?.length ?? 0;
  } catch {
    return undefined;
  }
}

test('statements are counted as Postgres counts them', () => {
  let valid = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const sql = `select 1 as a ${pieces.join('')}`;
      const count = statements(sql);
      if (count === undefined) return;
      valid++;
      const stripped = stripTrailing(sql);
      assert.is(innerSemicolon(stripped) === undefined, count === 1, JSON.stringify(sql));
      assert.is(statements(stripped), count);
      assert.is(firstKeyword(sql), 'select');
    }),
    { numRuns: 4000 },
  );
  assert.ok(valid > 200, `${valid} of the texts were SQL`);
});

test('a stripped text can stand in parentheses', () => {
  for (const sql of ['select 1 -- the end', 'select 1; ', 'select 1 /* x */ ;; -- y\n', "select ';' ;"])
    assert.is(statements(`select * from (${stripTrailing(sql)}) q`), 1, sql);
  assert.is(firstKeyword(' -- x\n /* y */ WITH a as (select 1) select 2'), 'with');
  assert.is(firstKeyword('-- nothing'), undefined);
});

test.run();
