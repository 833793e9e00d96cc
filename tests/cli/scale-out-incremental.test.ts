import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { distributed, standInForCitus } from '../support/citus.ts';
import { withProject } from '../support/project.ts';

/** Citus itself is not here: see tests/support/citus.ts. */
const test = suite('incremental models on Citus');

const model = (settings: string, filter: string) => `/*---
materialized: incremental
incremental: ${settings}
distribute_by: shop
primary_key: [shop, id]
---*/
select shop::int as shop, id::int as id, at::date as at, total::int as total from {{ref "bronze.orders"}} ${filter}`;

test('new rows are placed where those are that they replace', () =>
  withProject(
    {
      'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders', distributeBy: 'shop' } } });`,
      'seeds/orders.csv': 'id,shop,at,total\n10,1,2019-01-01,5\n11,2,2020-01-01,7\n',
      'models/silver/merged.sql': model('{ strategy: merge }', ''),
      'models/silver/timed.sql': model(
        "{ strategy: time_range, time_column: at, grain: year, begin: '2019-01-01' }",
        'where at::date >= {{from}} and at::date < {{to}}',
      ),
    },
    async (project) => {
      await standInForCitus(project);
      await builtNodes(project);
      project.write(
        'seeds/orders.csv',
        'id,shop,at,total\n10,1,2019-01-01,6\n11,2,2020-01-01,7\n12,2,2021-01-01,1\n',
      );
      const { status, nodes, failures } = await builtRun(project, {
        ...{ plan: { samples: 0 }, from: '2019-01-01' },
      });
      assert.is(status, 'succeeded', failures);
      assert.equal(
        Object.values(nodes).map(({ how }) => how),
        ['delta 1 1 0', 'delta 1 1 0'],
      );
      assert.match(
        (await distributed(project)).join(),
        /^bronze\.orders by shop,mdl_stage_loja_silver\.mdl_new_\w+ by shop,mdl_stage_loja_silver\.mdl_new_\w+ by shop,silver\.merged by shop,silver\.timed by shop$/,
      );
      project.write('models/silver/merged.sql', model('{ strategy: delete+insert, key: id }', ''));
      assert.match(
        (await builtRun(project).catch((cause) => ({ failures: String(cause) }))).failures,
        /incremental\.key: \(id\) of silver\.merged does not contain "shop"/,
      );
    },
  ));

test.run();
