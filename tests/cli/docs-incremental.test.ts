// in one process
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes } from '../support/built.ts';
import { withProject } from '../support/project.ts';

/** What docs/incremental.md and docs/snapshots.md show does what they say. */
const test = suite('examples of incremental models and snapshots');

const docs = (page: string) => readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8');
const config = (table: string) => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { ${table}: { from: 's.${table}' } } });`;

test('an incremental model fills although its first build found no row', () => {
  const header = 'id_pedido,quantidade,data_pedido,status\n';
  const [, path, example] = /^```sql (models\/silver\/itens_vendidos\.sql)\n([\s\S]*?)^```/m.exec(
    docs('incremental'),
  )!;
  return withProject(
    {
      'medallion.config.ts': config('pedidos'),
      'seeds/pedidos.csv': header,
      'models/silver/pedidos.sql':
        'select id_pedido, quantidade::int as quantidade, data_pedido::timestamp as data_pedido, status from {{ref "bronze.pedidos"}}',
      [path!]: example!,
    },
    async (project) => {
      const count = async () =>
        (await project.sql`select count(*)::int as n from silver.itens_vendidos`)[0]!.n;
      await builtNodes(project);
      assert.is(await count(), 0);
      project.write('seeds/pedidos.csv', `${header}1,2,2024-01-01,entregue\n2,2,2024-01-01,novo\n`);
      await builtNodes(project);
      assert.is(await count(), 1);
      project.write(
        'seeds/pedidos.csv',
        `${header}1,2,2024-01-01,entregue\n3,2,2023-10-01,entregue\n4,2,2023-09-30,entregue\n`,
      );
      await builtNodes(project);
      assert.is(await count(), 2, 'the older one is too late');
    },
  );
});

test('what is unique among current versions may be taken over from a row that is gone', () => {
  const [, filter] = /with `hard_deletes: new_record` `where: (.*?)`/.exec(docs('snapshots'))!;
  return withProject(
    {
      'medallion.config.ts': config('people'),
      'seeds/people.csv': 'id,email\n1,a@x\n',
      'models/silver/people.sql': `/*---\nmaterialized: snapshot\nsnapshot: { key: id, hard_deletes: new_record }\nindexes: [ { columns: email, unique: true, where: ${filter} } ]\n---*/\nselect id, email from {{ref "bronze.people"}}`,
    },
    async (project) => {
      await builtNodes(project);
      project.write('seeds/people.csv', 'id,email\n2,a@x\n');
      assert.is((await builtNodes(project))['silver.people']!.how, 'delta 2 1 0');
    },
  );
});

test.run();
