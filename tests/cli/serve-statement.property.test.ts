// in one process
import fc from 'fast-check';
import { loadModule } from 'libpg-query';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../dist/database/connect.js';
import type { Catalog } from '../../dist/serve/catalog/catalog.js';
import { readCatalog } from '../../dist/serve/catalog/read.js';
import { planRead } from '../../dist/serve/http/plan-read.js';
import { meetRange } from '../../dist/serve/http/range.js';
import { UrlSyntaxError } from '../../dist/serve/parse/reader.js';
import { parseUrl } from '../../dist/serve/parse/url.js';
import { readStatement } from '../../dist/serve/query/statement.js';
import { RequestError } from '../../dist/serve/resolve/errors.js';
import { resolveUrl } from '../../dist/serve/resolve/resolve.js';
import { films } from '../support/films.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { strayParts } from '../support/statement-check.ts';
import { garbage } from '../support/url-garbage.ts';
import { filled, hostile, question } from '../support/url-grammar.ts';

const test = suite('serve statements');
const numRuns = Number(process.env.MDL_FUZZ_RUNS ?? 3000);
let catalog: Catalog;

test.before(async () => {
  await loadModule();
  await withProject({}, async (project) => {
    await createRoles(project.sql, 'anon');
    await project.sql.unsafe(films);
    const sql = connect({ url: project.url, max: 1, applicationName: 'test' });
    catalog = await readCatalog(sql, ['api']);
    await sql.end();
  });
});

type Shape = Parameters<typeof readStatement>[1];
const shape: fc.Arbitrary<Shape> = fc.record({
  format: fc.constantFrom('object', 'stripped', 'texts'),
  countsAll: fc.boolean(),
  countsPage: fc.boolean(),
  isJoined: fc.boolean(),
});

/** The statement of a URL; undefined where the URL is refused. */
function statementOf(relation: string, parameters: Iterable<readonly [string, string]>, options: Shape) {
  try {
    const tree = parseUrl(parameters, { depth: 10 });
    const of = catalog.relations.get('api')!.get(relation)!;
    return readStatement(resolveUrl(catalog, of, tree, { maxRows: 1000, aggregates: true }), options);
  } catch (error) {
    if (error instanceof UrlSyntaxError || error instanceof RequestError) return undefined;
    throw error;
  }
}

test('other values give the same statement with other parameters, whatever they are', () => {
  let statements = 0;
  const values = fc.array(hostile, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(question, shape, values, values, (asked, options, some, others) => {
      for (const given of [some, others]) {
        // Which of them are equal counts: one can sort groups by what is shown.
        const harmless = given.map((value) => `p${given.indexOf(value)}`);
        const plain = statementOf(asked.relation, filled(asked, harmless), options);
        // In each value a word that stands nowhere else: it must reach the parameters, and never the text.
        const marked = filled(
          asked,
          given.map((value) => `zq7${value}`),
        );
        const statement = statementOf(asked.relation, marked, options);
        assert.is(statement?.sql, plain?.sql);
        if (!statement) continue;
        statements++;
        assert.is(statement.parameters.length, plain!.parameters.length);
        assert.not.ok(statement.sql.includes('zq7'), statement.sql);
      }
    }),
    { numRuns },
  );
  assert.ok(statements > numRuns, `most URLs of the grammar have a statement: ${statements}`);
  console.log(
    `measured: ${statements} statements of ${2 * numRuns} URLs of the grammar differ in their parameters only`,
  );
});

test('a statement that is remembered by its shape is the one that would be made anew', () => {
  let statements = 0;
  const settings = { maxRows: 1000, aggregates: true, maxDepth: 10, plan: false };
  fc.assert(
    fc.property(
      question,
      shape,
      fc.array(hostile, { minLength: 1, maxLength: 6 }),
      (asked, options, values) => {
        const parameters = filled(asked, values);
        const { format, ...counts } = { ...options, format: 'object' as const };
        let made: ReturnType<typeof readStatement>;
        try {
          const tree = parseUrl(parameters, { depth: settings.maxDepth });
          const root = { ...tree.root, ...meetRange(undefined, tree.root) };
          const of = catalog.relations.get('api')!.get(asked.relation)!;
          made = readStatement(resolveUrl(catalog, of, { ...tree, root }, settings), { format, ...counts });
        } catch (error) {
          if (error instanceof UrlSyntaxError || error instanceof RequestError) return;
          throw error;
        }
        statements++;
        const plan = planRead(
          catalog,
          {
            target: { kind: 'relation', name: asked.relation },
            query: new URLSearchParams(
              parameters.map(([key, value]): [string, string] => [key, value]),
            ).toString(),
            headers: {},
          },
          settings,
        );
        const { sql, parameters: bound } = plan.statement(counts);
        assert.is(sql, made.sql);
        assert.equal(bound, made.parameters);
      },
    ),
    { numRuns },
  );
  assert.ok(statements > numRuns / 2, `most URLs of the grammar have a statement: ${statements}`);
  console.log(`measured: ${statements} statements by shape are those that would be made anew`);
});

test('every statement is one that only reads what is exposed, by the functions and operators of the grammar', () => {
  let statements = 0;
  const parameters = fc.oneof(
    fc
      .tuple(question, fc.array(hostile, { minLength: 1, maxLength: 6 }))
      .map(([asked, values]) => ({ relation: asked.relation, parameters: filled(asked, values) })),
    garbage,
  );
  fc.assert(
    fc.property(parameters, shape, ({ relation, parameters }, options) => {
      const statement = statementOf(relation, parameters, options);
      if (!statement) return;
      statements++;
      assert.equal(strayParts(statement.sql, catalog), [], statement.sql);
    }),
    { numRuns },
  );
  assert.ok(statements > numRuns / 3, `many URLs have a statement: ${statements}`);
  console.log(
    `measured: ${statements} statements of ${numRuns} URLs, garbage among them, only read what is exposed`,
  );
});

test.run();
