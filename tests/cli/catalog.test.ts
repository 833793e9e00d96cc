// in one process
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Api, withApi } from '../support/api.ts';
import { demoProject } from '../support/demo.ts';
import { testProject, withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('catalog');

const at = (nodes: any[], name: string) => nodes.find((node) => node.name === name);
const detailOf = async ({ get }: Api, name: string) =>
  (await get(`/ui/api/catalog/${encodeURIComponent(name)}`)).json;

test('the demo: every node with what became of it, and where each of its columns comes from', async () => {
  const demo = await demoProject({}, Number.POSITIVE_INFINITY);
  try {
    assert.is((await demo.mdl('build')).code, 0);
    await withApi(demo, async (api) => {
      const { status, headers, json } = await api.get('/ui/api/catalog');
      assert.is(status, 200);
      assert.is(headers.get('cache-control'), 'no-store');
      assert.equal(json.layers, ['bronze', 'silver', 'gold']);
      const named = (kind: string) =>
        json.nodes.filter((node: any) => node.kind === kind).map((node: any) => node.name);
      assert.equal(named('source'), ['source:loja.clientes', 'source:loja.pedidos', 'source:loja.produtos']);
      assert.equal(named('load'), ['bronze.clientes', 'bronze.pedidos', 'bronze.produtos']);
      assert.is(named('model').length, 13);
      assert.is(named('test').length, 4);

      const pedidos = at(json.nodes, 'silver.pedidos');
      assert.equal(pedidos.parents, ['bronze.pedidos', 'silver.clientes', 'silver.produtos']);
      assert.equal(pedidos.relation, { schema: 'silver', name: 'pedidos', isExposed: false });
      assert.is(pedidos.state, 'warned');
      assert.equal(pedidos.tests, { passed: 5, warned: 1, failed: 0 });
      assert.ok(pedidos.rows > 90_000 && pedidos.durationMs > 0);
      assert.is(at(json.nodes, 'gold.vendas_por_mes').relation.isExposed, true);
      assert.is(at(json.nodes, 'silver.vendas').relation, null);
      assert.is(at(json.nodes, 'silver.vendas').columns.length, 13);
      const load = at(json.nodes, 'bronze.pedidos');
      assert.equal(
        [load.materialized, load.parents, load.state],
        ['upsert', ['source:loja.pedidos'], 'succeeded'],
      );
      assert.ok(Date.parse(load.freshAt) <= Date.parse(pedidos.freshAt));

      const { json: lineage } = await api.get('/ui/api/lineage');
      for (const { name, columns, kind } of json.nodes)
        if (kind === 'load' || kind === 'model') assert.equal(Object.keys(lineage[name]), columns, name);
      const from = (node: string, column: string) =>
        lineage[node][column].map((source: any) => `${source.node}.${source.column}`).join();
      assert.is(
        from('gold.vendas_por_mes', 'ticket_medio'),
        'silver.pedidos.valor_total',
        'through an ephemeral model',
      );
      assert.is(from('gold.vendas_por_categoria', 'categoria'), 'silver.produtos.categoria');
      assert.is(
        from('gold.resumo', 'ticket_medio'),
        'gold.vendas_por_mes.receita,gold.vendas_por_mes.pedidos',
      );
      assert.is(from('silver.vendas', 'mes'), 'silver.pedidos.data_pedido');
      assert.is(
        from('silver.pedidos', 'valor_total'),
        'bronze.pedidos.valor_total,bronze.pedidos.quantidade,bronze.pedidos.preco_unitario',
      );
      assert.is(from('silver.pedidos', 'data_ingestao'), '');
      assert.is(from('bronze.pedidos', 'id_pedido'), 'source:loja.pedidos.id_pedido');
      assert.is(from('bronze.pedidos', 'row_version'), '');

      const detail = await detailOf(api, 'silver.pedidos');
      assert.is(detail.file, 'models/silver/pedidos.sql');
      assert.match(detail.template, '{{ref "bronze.pedidos"}}');
      assert.match(detail.sql, 'from "bronze"."pedidos"');
      assert.not.match(detail.template, 'description:');
      assert.equal(detail.foreignKeys[1], { columns: ['id_produto'], references: 'silver.produtos' });
      assert.equal(detail.children, ['silver.vendas', 'test.rfm_cobre_compradores']);
      assert.ok(detail.bytes > 8192);
      const column = (name: string) => at(detail.columns, name);
      assert.equal(column('id_cliente'), {
        ...{ name: 'id_cliente', type: 'text', isNullable: true, isKey: false },
        description: 'Null when the customer is not known any more',
        tests: ['orders without a customer'],
        from: [{ node: 'silver.clientes', column: 'id_cliente' }],
        isPassedOn: true,
      });
      assert.equal([column('valor_total').type, column('valor_total').isNullable], ['numeric(14,2)', false]);
      assert.is(column('quantidade').isPassedOn, false);
      assert.is(column('id_pedido').isKey, true);
      const warned = detail.tests.find(({ status }: any) => status === 'warned');
      assert.is(warned.title, 'orders without a customer');
      assert.ok(warned.failures > 0);
      assert.is(detail.tests.length, 6);
      assert.equal(
        detail.history.map(({ runId, state }: any) => [runId, state]),
        [[1, 'warned']],
      );
    });
  } finally {
    await demo.close();
  }
});

const seeds = { 'seeds/itens.csv': 'id,Preço Médio,tags\n1,2.50,a b\n2,3.00,c\n' };
const config = (serve = '{}') => `import { csv } from 'medallion';
export default { name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, bronze: { itens: { from: 'loja.itens', key: 'id', description: 'As exported' } },
  grants: { gold: { select: ['anon'] } }, serve: ${serve} };`;
const models = {
  'models/silver/Ação 2024.sql': `/*---
description: Odd names
tags: [odd]
meta: { owner: ana }
columns:
  id: { type: int, tests: [not_null] }
  codigo: { type: text, tests: [ { relationships: gold.todos.id } ] }
  Preço "M": { type: 'numeric(10,2)', description: In reais }
  feito: { type: timestamptz, default: now() }
---*/
select id, id as codigo, "Preço Médio" as "Preço ""M""" from {{ref "bronze.itens"}}`,
  'models/silver/so.sql':
    '/*---\nmaterialized: ephemeral\n---*/\nselect *, length(tags) as n from {{ref "bronze.itens"}}',
  'models/silver/so_dois.sql':
    '/*---\nmaterialized: ephemeral\n---*/\nselect id as chave, n from {{ref "silver.so"}}',
  'models/gold/todos.sql':
    'select s.*, u.tag from {{ref "silver.so"}} as s, unnest(string_to_array(s.tags, \' \')) as u (tag)',
  'models/gold/visao.sql':
    '/*---\nmaterialized: view\nprimary_key: id\n---*/\nselect id, "Preço ""M""" as preco from {{ref "Ação 2024"}}',
  'models/gold/dois.sql': 'select chave, n + 1 as n from {{ref "silver.so_dois"}}',
  'tests/nenhum.sql':
    '/*---\ndescription: None is free\nseverity: warn\n---*/\nselect * from {{ref "gold.visao"}} where preco > 0',
};

test('odd names, views, ephemeral models, tests across models', async () => {
  const project = await testProject({ 'medallion.config.ts': config(), ...seeds, ...models });
  try {
    await createRoles(project.sql, 'anon');
    const built = await project.mdl('build');
    assert.is(built.code, 0, built.stdout + built.stderr);
    await withApi(project, async (api) => {
      const odd = await detailOf(api, 'silver.Ação 2024');
      assert.equal(
        [odd.description, odd.tags, odd.meta, odd.file],
        ['Odd names', ['odd'], { owner: 'ana' }, 'models/silver/Ação 2024.sql'],
      );
      assert.equal(
        odd.columns.map(({ name, type, from, isPassedOn }: any) => [
          name,
          type,
          from?.map((s: any) => s.column),
          isPassedOn,
        ]),
        [
          // Cast to what the contract declares.
          ['id', 'integer', ['id'], false],
          ['codigo', 'text', ['id'], true],
          ['Preço "M"', 'numeric(10,2)', ['Preço Médio'], false],
          ['feito', 'timestamp with time zone', [], false],
        ],
      );
      assert.equal(
        odd.tests.map(({ title, status }: any) => [title.slice(0, 8), status]),
        [
          ['not_null', 'passed'],
          ['relation', 'passed'],
        ],
      );
      assert.equal(odd.children, ['gold.visao', 'test.silver.Ação 2024']);
      const { json } = await api.get('/ui/api/catalog');
      assert.equal(
        at(json.nodes, 'silver.Ação 2024').tests,
        { passed: 2, warned: 0, failed: 0 },
        'those of its own node too',
      );
      assert.equal(at(json.nodes, 'test.silver.Ação 2024').parents, ['silver.Ação 2024', 'gold.todos']);

      const view = await detailOf(api, 'gold.visao');
      assert.is(view.bytes, null);
      assert.equal(
        view.columns.map(({ name, isNullable, isKey, isPassedOn }: any) => [
          name,
          isNullable,
          isKey,
          isPassedOn,
        ]),
        [
          ['id', false, true, true],
          ['preco', true, false, true],
        ],
      );
      assert.equal(
        view.tests.map(({ title }: any) => title),
        ['primary key (id)', 'primary key not null (id)'],
      );

      const all = await detailOf(api, 'gold.todos');
      assert.equal(
        all.columns.map(({ name, type, from }: any) => [
          name,
          type,
          ...from.map((s: any) => `${s.node}.${s.column}`),
        ]),
        [
          ...['id', 'Preço Médio', 'tags'].map((name) => [name, 'text', `bronze.itens.${name}`]),
          ['load_timestamp', 'timestamp with time zone', 'bronze.itens.load_timestamp'],
          ['process_id', 'text', 'bronze.itens.process_id'],
          ['row_version', 'integer', 'bronze.itens.row_version'],
          ['n', 'integer', 'bronze.itens.tags'],
          ['tag', 'text', 'bronze.itens.tags'],
        ],
      );
      const inlined = await detailOf(api, 'silver.so_dois');
      assert.equal(
        inlined.columns.map(({ name, type, from }: any) => [name, type, from]),
        [
          ['chave', null, [{ node: 'bronze.itens', column: 'id' }]],
          ['n', null, [{ node: 'bronze.itens', column: 'tags' }]],
        ],
      );
      assert.equal(
        [inlined.parents, inlined.children, inlined.relation, inlined.state],
        [['silver.so'], ['gold.dois'], null, null],
      );

      const singular = await detailOf(api, 'test.nenhum');
      assert.equal(
        [singular.kind, singular.layer, singular.state, singular.file],
        ['test', null, 'warned', 'tests/nenhum.sql'],
      );
      assert.equal(singular.tests, [
        { title: 'None is free', severity: 'warn', status: 'warned', failures: 2 },
      ]);
      assert.match(singular.sql, '"gold"."visao"');

      const source = await detailOf(api, 'source:loja.itens');
      assert.equal(
        [source.kind, source.children, source.columns.map(({ name }: any) => name)],
        ['source', ['bronze.itens'], ['id', 'Preço Médio', 'tags']],
      );
      const load = await detailOf(api, 'bronze.itens');
      assert.equal(at(load.columns, 'Preço Médio').from, [
        { node: 'source:loja.itens', column: 'Preço Médio' },
      ]);
      assert.equal([load.description, load.primaryKey, load.meta], ['As exported', ['id'], {}]);

      for (const [wrong, hint] of [
        ['gold.todo', /gold\.todos/],
        ['source:loja.item', /source:loja\.itens/],
        ['gold/todos', /gold\.todos/],
      ] as const) {
        const { status, json: body } = await api.get(`/ui/api/catalog/${wrong}`);
        assert.is(status, 404);
        assert.is(body.code, 'UI404');
        assert.match(body.hint, hint);
      }
    });
  } finally {
    await project.close();
  }
});

test('before any build there is nothing; who may not look sees nothing', async () => {
  await withProject(
    { 'medallion.config.ts': config(`{ admin: 'a-key-of-the-operator' }`), ...seeds, ...models },
    async (project) => {
      await createRoles(project.sql, 'anon');
      await withApi(project, async ({ get }) => {
        assert.equal((await get('/ui/api/catalog')).json, {
          layers: ['bronze', 'silver', 'gold'],
          nodes: [],
        });
        assert.equal((await get('/ui/api/lineage')).json, {});
        const none = await get('/ui/api/catalog/gold.todos');
        assert.equal([none.status, none.json.hint], [404, 'There are none yet.']);
        for (const path of ['catalog', 'catalog/gold.todos', 'lineage']) {
          const away = { 'x-forwarded-for': '203.0.113.9' };
          assert.is((await get(`/ui/api/${path}`, { headers: away })).status, 401, path);
          assert.is(
            (await get(`/ui/api/${path}`, { headers: { origin: 'http://evil.example' } })).status,
            403,
            path,
          );
        }
        const signIn = await get('/ui/api/session', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ key: 'a-key-of-the-operator' }),
        });
        const cookie = signIn.headers.get('set-cookie')!.split(';')[0]!;
        const headers = { 'x-forwarded-for': '203.0.113.9', cookie };
        assert.is((await get('/ui/api/catalog', { headers })).status, 200);
      });
    },
  );
});

test('definitions follow what is built and published, and only what differs is written', async () => {
  await withProject({ 'medallion.config.ts': config(), ...seeds, ...models }, async (project) => {
    await createRoles(project.sql, 'anon');
    const rows = async () =>
      new Map(
        (
          await project.sql<{ node: string; version: string; run_id: string; definition: any }[]>`
            select node, xmin::text as version, run_id, definition from medallion.definitions`
        ).map((row) => [row.node, row]),
      );
    const build = async (code: number, ...args: string[]) => {
      const before = await rows().catch(() => new Map<string, { version: string }>());
      const { code: real, stdout, stderr } = await project.mdl('build', ...args);
      assert.is(real, code, stdout + stderr);
      const after = await rows();
      return [...after.values()]
        .filter(({ node, version }) => before.get(node)?.version !== version)
        .map(({ node }) => node)
        .sort();
    };
    const described = async (node: string) => (await rows()).get(node)?.definition.node.description;

    assert.is((await build(0)).length, 9);
    assert.equal(await build(0), [], 'nothing changed');
    assert.equal(await build(0, '--full-refresh'), []);

    project.write(
      'models/gold/visao.sql',
      models['models/gold/visao.sql'].replace('primary_key', 'description: New\nprimary_key'),
    );
    assert.equal(await build(0, 'gold.dois'), [], 'it was not part of the run');
    assert.equal(await build(0), ['gold.visao']);

    // What a select passes on with * is part of what it is; the ephemeral model and those that read it see it, too.
    project.write('seeds/itens.csv', 'id,Preço Médio,tags,novo\n1,2.50,a b,x\n');
    assert.equal(await build(0), [
      'bronze.itens',
      'gold.dois',
      'gold.todos',
      'silver.Ação 2024',
      'silver.so',
      'silver.so_dois',
    ]);
    assert.ok((await rows()).get('gold.todos')!.definition.node.columns.includes('novo'));

    // A published model stays what readers see of it; one that was never published is what was tried.
    project.write(
      'models/gold/visao.sql',
      '/*---\nmaterialized: view\ndescription: Broken\nprimary_key: id\ntests: [ { row_count: { min: 5 } } ]\n---*/\nselect id, \'x\' as outro from {{ref "Ação 2024"}}',
    );
    project.write(
      'models/gold/novo.sql',
      '/*---\ndescription: Not yet\n---*/\nselect nothing, id as k from {{ref "bronze.itens"}}',
    );
    assert.equal(await build(1), ['gold.novo']);
    assert.is(await described('gold.visao'), 'New');
    await withApi(project, async (api) => {
      const { json } = await api.get('/ui/api/catalog');
      assert.equal(
        [at(json.nodes, 'gold.visao').state, at(json.nodes, 'gold.visao').columns],
        ['failed', ['id', 'preco']],
      );
      assert.is(at(json.nodes, 'gold.visao').freshAt === null, false);
      const never = await detailOf(api, 'gold.novo');
      assert.equal([never.state, never.relation, never.freshAt], ['failed', null, null]);
      assert.equal(
        never.columns.map(({ name, from }: any) => [name, from]),
        [
          ['nothing', null],
          ['k', [{ node: 'bronze.itens', column: 'id' }]],
        ],
      );
    });
    project.write(
      'models/gold/novo.sql',
      '/*---\ndescription: Now\n---*/\nselect id as k from {{ref "bronze.itens"}}',
    );
    project.write('models/gold/visao.sql', models['models/gold/visao.sql']);
    assert.equal(await build(0), ['gold.novo', 'gold.visao']);
    assert.is(await described('gold.novo'), 'Now');

    // What left the project goes, unless readers still see it.
    for (const file of ['models/gold/dois.sql', 'models/silver/so_dois.sql', 'tests/nenhum.sql'])
      rmSync(join(project.dir, file));
    assert.equal(await build(0), []);
    assert.equal([...(await rows()).keys()].sort(), [
      'bronze.itens',
      'gold.dois',
      'gold.novo',
      'gold.todos',
      'gold.visao',
      'silver.Ação 2024',
      'silver.so',
      'test.silver.Ação 2024',
    ]);
    await project.sql`delete from medallion.relations where node = 'gold.dois'`;
    await build(0, 'gold.visao');
    assert.is((await rows()).has('gold.dois'), false);
  });
});

test.run();
