// in one process
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { checkAccessibility, closeBrowser, hasBrowser, withPage } from '../support/browser.ts';
import { type TestProject, testProject, withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { becomes, until } from '../support/wait.ts';

const test = suite('web: catalog and lineage');
let project: TestProject;

const config = (more = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) },
  grants: { gold: { select: ['anon'] } }, ${more} });`;

const files = {
  'medallion.config.ts': config(),
  'seeds/itens.csv': 'id,produto,preco,quantidade\n1,Caneta,2.50,4\n2,Caderno,12.00,1\n3,Caneta,2.40,10\n',
  'models/silver/itens.sql': `/*---
description: Items sold, typed
primary_key: id
tags: [diario]
columns:
  id: { type: integer }
  produto: { type: text, description: What was sold }
  preco: { type: 'numeric(10,2)', tests: [ { between: [0, 10], severity: warn } ] }
  quantidade: { type: integer, not_null: true }
---*/
select id::integer as id, produto, preco::numeric as preco, quantidade::integer as quantidade from {{ref "bronze.itens"}}`,
  'models/gold/receita.sql': `/*---
description: Revenue of each product
primary_key: produto
columns:
  produto: { type: text }
  total: { type: 'numeric(12,2)', description: Price times quantity, tests: [ not_null ] }
---*/
-- What each product brought in
select produto, sum(preco * quantidade) as total from {{ref "silver.itens"}} group by produto`,
  'models/gold/resumo.sql': `/*---
materialized: view
---*/
select sum(total) as tudo, count(*) as produtos from {{ref "gold.receita"}}`,
  'tests/nada_negativo.sql': 'select * from {{ref "gold.receita"}} where total < 0',
};

test.before(async () => {
  project = await testProject(files);
  await createRoles(project.sql, 'anon');
  const built = await project.mdl('build');
  assert.is(built.code, 0, built.stdout + built.stderr);
});
test.after(async () => {
  await closeBrowser();
  await project.close();
});

const words = {
  'en-US': {
    catalog: 'Catalog',
    published: 'published',
    warned: 'warned',
    ago: /seconds? ago|minutes? ago|now/,
    state: 'State',
    text: 'Names, columns, descriptions, tags',
    search: 'Search',
    searchLabel: 'Name, column, description or tag',
    one: '1 result',
    copy: 'Copy',
    copied: 'Copied',
    asRun: 'As run',
    explore: 'Explore',
    lineage: 'Lineage',
    key: 'key',
    passed: 'passed',
    asList: 'As a list',
    tests: 'Tests',
    select: 'Show only',
    depends: '← What it depends on',
    inCatalog: 'Open in the catalog',
    columnsOf: (name: string) => `Columns of ${name}`,
    reads: 'Reads',
    nodes: (count: number) => `${count} nodes`,
    nothing: 'gold.nichts selects nothing.',
  },
  'pt-BR': {
    catalog: 'Catálogo',
    published: 'publicado',
    warned: 'com avisos',
    ago: /há \d+ (segundo|minuto)|agora/,
    state: 'Estado',
    text: 'Nomes, colunas, descrições, tags',
    search: 'Buscar',
    searchLabel: 'Nome, coluna, descrição ou tag',
    one: '1 resultado',
    copy: 'Copiar',
    copied: 'Copiado',
    asRun: 'Como foi executado',
    explore: 'Explorar',
    lineage: 'Linhagem',
    key: 'chave',
    passed: 'passou',
    asList: 'Como lista',
    tests: 'Testes',
    select: 'Mostrar só',
    depends: '← De que depende',
    inCatalog: 'Abrir no catálogo',
    columnsOf: (name: string) => `Colunas de ${name}`,
    reads: 'Lê',
    nodes: (count: number) => `${count} nós`,
    nothing: 'gold.nichts não seleciona nada.',
  },
} as const;

const nodeIn = (page: Page, name: string) => page.locator(`[data-node="${name}"]`);

for (const language of ['en-US', 'pt-BR'] as const) {
  const w = words[language];

  test(`the catalog in ${language}: list, filters, search by "/", a model with all that is known of it`, async () => {
    if (!hasBrowser) return;
    await withApi(project, async ({ url }) => {
      await withPage(url, { language, clipboard: true }, async (page) => {
        await page.goto('/ui/catalog');
        const row = (name: string) => page.getByRole('row').filter({ hasText: name });
        const group = (name: string) => page.getByRole('region', { name });
        await group('silver').locator('.state').getByText(w.warned).waitFor();
        await group('gold').getByText(w.published).first().waitFor();
        await group('gold').getByText(w.ago).first().waitFor();
        await group('bronze').getByRole('link', { name: 'itens' }).waitFor();
        await row('Revenue of each product').getByRole('cell', { name: '2', exact: true }).waitFor();
        await checkAccessibility(page);

        // Filters stand in the URL; without accents and capitals, in columns too.
        await page.getByLabel(w.state).selectOption('warned');
        await page.waitForURL(/state=warned/);
        await row('receita').waitFor({ state: 'detached' });
        await page.goto('/ui/catalog?tag=diario');
        await row('Items sold, typed').waitFor();
        await becomes(() => page.getByRole('row').count(), 2, 'a head and a model');
        await page.goto('/ui/catalog');
        await page.getByLabel(w.text).fill('TÓTAL');
        await row('receita').waitFor();
        await row('itens').first().waitFor({ state: 'detached' });
        assert.match(page.url(), /q=/);

        // From another page by the key; a column's name leads to its row.
        await page.goto('/');
        await page.getByRole('button', { name: w.search }).waitFor();
        await page.keyboard.press('/');
        const field = page.getByRole('combobox', { name: w.searchLabel });
        await field.waitFor();
        assert.is(await field.evaluate((element) => element === element.ownerDocument.activeElement), true);
        await page.keyboard.type('itens');
        const options = page.getByRole('dialog').getByRole('option');
        await options.nth(2).waitFor();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await becomes(() => page.getByRole('dialog').getByRole('option', { selected: true }).count(), 1);
        await becomes(() => options.nth(2).getAttribute('aria-selected'), 'true');
        await checkAccessibility(page);
        await field.fill('total');
        await page.getByText(w.one, { exact: true }).waitFor();
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/ui\/catalog\/gold\.receita\?column=total/);
        await page.locator('tr.marked').getByText('Price times quantity').waitFor();
        // A slash that somebody writes into a field is a slash.
        await page.goto('/ui/catalog');
        await page.getByLabel(w.text).press('/');
        await becomes(() => page.getByLabel(w.text).inputValue(), '/');
        await becomes(() => page.getByRole('dialog').count(), 0);

        await page.goto('/ui/catalog/gold.receita');
        const main = page.getByRole('main');
        await main.getByRole('heading', { name: 'gold.receita', level: 1 }).waitFor();
        await main.getByText('Revenue of each product').first().waitFor();
        await main.getByText('models/gold/receita.sql').waitFor();
        const total = main.getByRole('row').filter({ hasText: 'Price times quantity' });
        await total.getByText('numeric(12,2)').waitFor();
        await total.getByRole('link', { name: 'silver.itens.preco' }).waitFor();
        await total.getByRole('link', { name: 'silver.itens.quantidade' }).waitFor();
        await main.getByText(w.key, { exact: true }).waitFor();
        await main.getByText(w.passed, { exact: true }).first().waitFor();
        assert.is(
          await main.getByRole('link', { name: w.explore }).getAttribute('href'),
          '/ui/explore/gold.receita',
        );
        assert.is(
          await main.getByRole('link', { name: '1', exact: true }).getAttribute('href'),
          '/ui/runs/1',
        );
        await nodeIn(page, 'gold.resumo').waitFor();
        await main.locator('.sql-keyword', { hasText: 'group' }).first().waitFor();
        await main.getByRole('button', { name: w.copy, exact: true }).first().click();
        await main.getByText(w.copied).waitFor();
        const copied = await page.evaluate(() => (globalThis as any).navigator.clipboard.readText());
        assert.match(copied, '{{ref "silver.itens"}}');
        assert.match(copied, '-- What each product brought in');
        await main.getByText(w.asRun).click();
        await main.getByRole('region', { name: w.asRun }).getByText('silver').waitFor();
        await checkAccessibility(page);
        await main.getByRole('link', { name: 'silver.itens', exact: true }).click();
        await page.waitForURL(/\/ui\/catalog\/silver\.itens$/);
        await page.getByText('Items sold, typed').first().waitFor();
      });
    });
  });

  test(`the lineage in ${language}: by model and by column, by pointer and keys, and as its URL says`, async () => {
    if (!hasBrowser) return;
    await withApi(project, async ({ url }) => {
      await withPage(url, { language }, async (page) => {
        await page.goto('/ui/lineage');
        for (const name of [
          'source:loja.itens',
          'bronze.itens',
          'silver.itens',
          'gold.receita',
          'gold.resumo',
        ])
          await nodeIn(page, name).waitFor();
        assert.is(page.workers().length, 1, 'it is laid out by a worker');
        const left = async (name: string) => (await nodeIn(page, name).boundingBox())!.x;
        assert.ok((await left('bronze.itens')) < (await left('silver.itens')), 'from left to right');
        await nodeIn(page, 'silver.itens').getByText(w.warned).waitFor();
        await page.getByText(w.nodes(5)).waitFor();
        await page.getByLabel(w.tests).check();
        await nodeIn(page, 'test.nada_negativo').waitFor();
        await page.waitForURL(/tests=1/);
        await page.getByLabel(w.tests).uncheck();
        await checkAccessibility(page);

        // A click selects; what comes before and after stands out.
        await nodeIn(page, 'gold.receita').click();
        await page.waitForURL(/\/ui\/lineage\/gold\.receita/);
        await page.getByRole('link', { name: w.inCatalog }).waitFor();
        await becomes(() => nodeIn(page, 'gold.receita').getAttribute('aria-current'), 'true');
        await becomes(() => page.locator('.graph-node.related').count(), 4);
        await becomes(() => page.locator('.edge.on').count(), 4);
        await checkAccessibility(page);

        // Along the edges by keys, Space selects, Enter opens.
        await nodeIn(page, 'gold.receita').focus();
        await page.keyboard.press('ArrowLeft');
        await page.locator('[data-node="silver.itens"]:focus').waitFor();
        await page.keyboard.press('Space');
        await page.waitForURL(/\/ui\/lineage\/silver\.itens/);
        await page.keyboard.press('ArrowRight');
        await page.locator('[data-node="gold.receita"]:focus').waitFor();
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/ui\/catalog\/gold\.receita/);
        await page.goBack();
        await nodeIn(page, 'gold.resumo').dblclick();
        await page.waitForURL(/\/ui\/catalog\/gold\.resumo/);

        // A column: its way from the source to the last view.
        await page.goto('/ui/lineage/silver.itens');
        await page.getByRole('button', { name: w.columnsOf('silver.itens') }).click();
        await page.waitForURL(/open=silver\.itens/);
        await page.locator('.graph-columns').getByRole('button', { name: 'preco' }).click();
        await page.waitForURL(/column=silver\.itens\.preco/);
        const way = async () => {
          await page.locator('.column-edge.on').nth(3).waitFor({ state: 'attached' });
          assert.equal(
            (
              await page
                .locator('.column-edge.on')
                .evaluateAll((edges: any[]) => edges.map(({ dataset: { from, to } }) => `${from} ${to}`))
            ).sort(),
            [
              'bronze.itens.preco silver.itens.preco',
              'gold.receita.total gold.resumo.tudo',
              'silver.itens.preco gold.receita.total',
              'source:loja.itens.preco bronze.itens.preco',
            ],
          );
        };
        await way();
        await checkAccessibility(page);
        await page.reload();
        await way();
        await page.goto('/ui/lineage/gold.resumo?column=gold.resumo.tudo');
        await page.locator('aside').getByRole('link', { name: 'source:loja.itens.quantidade' }).waitFor();

        // Only some, in the syntax of --select, and the same as a list.
        await page.goto('/ui/lineage/silver.itens');
        await page.getByRole('button', { name: w.depends }).click();
        await nodeIn(page, 'gold.receita').waitFor({ state: 'detached' });
        await nodeIn(page, 'bronze.itens').waitFor();
        for (const [select, names] of [
          ['1+gold.resumo', ['gold.receita', 'gold.resumo']],
          ['silver.*+1', ['gold.receita', 'silver.itens']],
          ['@silver.itens,kind:load', ['bronze.itens']],
          ['materialized:view tag:diario', ['gold.resumo', 'silver.itens']],
          ['layer:gold,+gold.receita', ['gold.receita']],
          ['source:loja', ['source:loja.itens']],
        ] as const) {
          await page.goto(`/ui/lineage?select=${encodeURIComponent(select)}`);
          await page
            .getByRole('status')
            .getByText(new RegExp(`^${names.length} `))
            .waitFor();
          for (const name of names) await nodeIn(page, name).waitFor();
        }
        await page.goto('/ui/lineage?select=%2Bgold.resumo&depth=1');
        await page.getByText(w.nodes(2)).waitFor();
        await page.getByLabel(w.select, { exact: true }).fill('gold.nichts');
        await page.getByLabel(w.select, { exact: true }).press('Enter');
        await page.getByText(w.nothing).waitFor();
        await page.goto('/ui/lineage?select=silver.itens%2B');
        await page.getByRole('button', { name: w.asList }).click();
        await page.waitForURL(/view=list/);
        const row = page
          .getByRole('row')
          .filter({ has: page.getByRole('rowheader', { name: 'gold.receita' }) });
        await row.getByRole('link', { name: 'silver.itens' }).waitFor();
        await checkAccessibility(page);
      });
    });
  });
}

test('dark and narrow, nothing is wider than the page, and all of it is readable', async () => {
  if (!hasBrowser) return;
  await withApi(project, async ({ url }) => {
    await withPage(url, { language: 'pt-BR', dark: true, width: 360, height: 740 }, async (page) => {
      for (const [path, sign] of [
        ['/ui/catalog', 'text=Items sold, typed'],
        ['/ui/catalog/gold.receita', '[data-node="gold.resumo"]'],
        ['/ui/lineage/gold.receita?column=gold.receita.total', '.graph-columns .on'],
        ['/ui/lineage?view=list', 'th >> text=gold.resumo'],
      ] as const) {
        await page.goto(path);
        await page.locator(sign).first().waitFor();
        await becomes(() => page.evaluate('document.documentElement.scrollWidth'), 360, path);
        await checkAccessibility(page);
      }
      // The graph is moved and magnified without a wheel.
      await page.goto('/ui/lineage');
      await nodeIn(page, 'gold.resumo').waitFor();
      const width = async () => (await nodeIn(page, 'gold.resumo').boundingBox())!.width;
      const before = await width();
      await page.getByRole('button', { name: 'Ampliar' }).click();
      await until(async () => (await width()) > before);
      await nodeIn(page, 'gold.resumo').focus();
      await page.keyboard.press('0');
      await until(async () => (await width()) <= before + 1);
    });
  });
});

test('states change while one looks, after a publish and after a run that failed', async () => {
  if (!hasBrowser) return;
  await withProject(files, async (own) => {
    await createRoles(own.sql, 'anon');
    assert.is((await own.mdl('build')).code, 0);
    await withApi(own, async ({ url }) => {
      await withPage(url, {}, async (page) => {
        await page.goto('/ui/lineage');
        await nodeIn(page, 'silver.itens').getByText('warned').waitFor();
        // Only silver is built: what reads it shows what was there before.
        own.write('seeds/itens.csv', 'id,produto,preco,quantidade\n1,Caneta,2.50,4\n');
        assert.is((await own.mdl('build', '--select', 'bronze.itens', 'silver.itens')).code, 0);
        await nodeIn(page, 'silver.itens').getByText('published').waitFor();
        await nodeIn(page, 'gold.receita').getByText('stale').waitFor();
        assert.is((await own.mdl('build')).code, 0);
        await nodeIn(page, 'gold.receita').getByText('published').waitFor();
        // A run that publishes nothing is seen too.
        own.write('seeds/itens.csv', 'id,produto,preco,quantidade\n1,Caneta,2.50,\n');
        assert.is((await own.mdl('build')).code, 1);
        await nodeIn(page, 'silver.itens').getByText('failed').waitFor();
        await nodeIn(page, 'gold.receita').getByText('skipped').waitFor();
      });
    });
  });
});

test('who may not look is asked to sign in, and sees it then', async () => {
  if (!hasBrowser) return;
  const key = 'the-key-of-the-operator';
  project.write('medallion.config.ts', config(`serve: { admin: '${key}', trustProxy: true }`));
  try {
    await withApi(project, async ({ url }) => {
      await withPage(url, { mayComplain: /401/ }, async (page) => {
        await page.goto('/ui/lineage/gold.receita');
        await page.getByRole('heading', { name: 'Sign in to see this.' }).waitFor();
        await page.getByRole('main').getByLabel('Access key').fill(key);
        await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
        await nodeIn(page, 'gold.receita').waitFor();
      });
    });
  } finally {
    project.write('medallion.config.ts', config());
  }
});

test('500 models: only what is seen is drawn, and a model shows what is around it', async () => {
  if (!hasBrowser) return;
  const count = 500;
  const models = Array.from({ length: count }, (_, i) => {
    const reads = i < 20 ? [] : [Math.floor(i / 4), (i * 7) % Math.floor(i / 2)];
    const from = [...new Set(reads)].map((j) => `{{ref "gold.m${j}"}} as t${j}`);
    return [
      `models/gold/m${i}.sql`,
      `/*---\nmaterialized: view\n---*/\nselect 1 as n${from.length > 0 ? ` from ${from.join(', ')}` : ''}`,
    ];
  });
  await withProject({ ...files, ...Object.fromEntries(models) }, async (many) => {
    await createRoles(many.sql, 'anon');
    const built = await many.mdl('build');
    assert.is(built.code, 0, built.stderr);
    await withApi(many, async ({ url }) => {
      await withPage(url, {}, async (page) => {
        await page.addInitScript(`window.longest = 0;
          new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => { window.longest = Math.max(window.longest, duration); }))
            .observe({ type: 'longtask', buffered: true });`);
        const measure = async (what: string) =>
          console.log(
            `measured: ${what} of ${count} models, longest task ${await page.evaluate('Math.round(longest)')} ms`,
          );
        await page.goto('/ui/catalog');
        await page.getByRole('row').nth(100).waitFor();
        assert.ok((await page.getByRole('row').count()) < count, 'the rest is drawn when it is scrolled to');
        for (let rows = 0; rows < count; rows = await page.getByRole('row').count())
          await page.getByRole('row').last().scrollIntoViewIfNeeded();
        await page.getByLabel('Names, columns, descriptions, tags').pressSequentially('m49');
        await page.getByText('11 of 506').waitFor();
        await measure('the list');

        await page.goto('/ui/lineage');
        await page.getByText(/^50\d nodes\. Choose one/).waitFor();
        await page.locator('.graph-node').first().waitFor();
        assert.ok((await page.locator('.graph-node').count()) < count, 'only those in sight');
        const frame = page.locator('.graph-frame');
        await frame.hover();
        await page.mouse.wheel(0, 3000);
        await page.locator('.graph-canvas.far').waitFor({ state: 'attached' });
        await page.mouse.down();
        await page.mouse.move(400, 300, { steps: 5 });
        await page.mouse.up();
        await measure('the graph');

        await page.goto('/ui/lineage/gold.m400');
        await page.getByText(/^2 steps around it: \d+ shown/).waitFor();
        await nodeIn(page, 'gold.m100').waitFor();
        assert.ok((await page.locator('.graph-node').count()) < 60);
        await page.getByRole('button', { name: 'Show everything' }).click();
        await page.getByText(/^50\d nodes/).waitFor();
        assert.match(page.url(), /select=\*|select=%2A/);
        await nodeIn(page, 'gold.m400').waitFor();
      });
    });
  });
});

test.run();
