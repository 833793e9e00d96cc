// in one process
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { checkAccessibility, closeBrowser, hasBrowser, withPage } from '../support/browser.ts';
import { demoProject } from '../support/demo.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { becomes, until } from '../support/wait.ts';

const test = suite('web: dashboard');
let project: TestProject;

test.before(async () => {
  project = await demoProject({}, 200_000);
  assert.is((await project.mdl('build')).code, 0);
});
test.after(async () => {
  await closeBrowser();
  await project.close();
});

const words = {
  'en-US': {
    first: 'Sales',
    second: 'Customers',
    revenue: 'Revenue',
    money: /^R\$28\.4M$/,
    change: /183\.1% against the period before/,
    byCategory: 'Revenue by category',
    products: 'Best-selling products',
    price: /R\$2,501,150\.09/,
    category: 'Category',
    more: 'Data and pictures',
    lineage: 'Where it comes from',
    reads: 'Reads from',
    show: 'Show the data',
    month: /Nov/,
    clear: 'Clear',
    period: 'Period',
    from: 'From',
    allMoney: /^R\$40\.4M$/,
    november: /^R\$4\.4M$/,
    noBefore: 'No earlier period to compare with',
  },
  'pt-BR': {
    first: 'Vendas',
    second: 'Clientes',
    revenue: 'Receita',
    money: /^R\$\s28,4\smi$/,
    change: /183,1% contra o período anterior/,
    byCategory: 'Receita por categoria',
    products: 'Produtos que mais vendem',
    price: /R\$\s2\.501\.150,09/,
    category: 'Categoria',
    more: 'Dados e imagens',
    lineage: 'De onde vem',
    reads: 'Lê de',
    show: 'Mostrar os dados',
    month: /nov/,
    clear: 'Limpar',
    period: 'Período',
    from: 'De',
    allMoney: /^R\$\s40,4\smi$/,
    november: /^R\$\s4,4\smi$/,
    noBefore: 'Não há período anterior para comparar',
  },
} as const;

for (const language of ['en-US', 'pt-BR'] as const)
  test(`the demo's pages in ${language}: numbers, charts, filters in the URL, cross-filter, data and pictures`, async () => {
    if (!hasBrowser) return;
    const w = words[language];
    await withApi(project, async ({ url }) => {
      await withPage(url, { language }, async (page) => {
        await page.goto('/');
        const card = (title: string) => page.getByRole('region', { name: title, exact: true });
        await card(w.revenue).getByText(w.money).waitFor();
        await card(w.revenue).getByText(w.change).waitFor();
        await card(w.products).getByText(w.price).waitFor();
        await page.locator('.vega svg').nth(3).waitFor();
        await card(w.byCategory).locator('svg').getByText('Eletrônicos').waitFor();
        assert.is(
          (await page.locator('.vega svg').getByText(w.month).count()) > 0,
          true,
          'months in the language',
        );
        await checkAccessibility(page);

        // Another time: all of it, which has none before it; then some days, from the URL.
        await page.getByLabel(w.period).selectOption('all');
        await page.waitForURL(/range=all/);
        await card(w.revenue).getByText(w.allMoney).waitFor();
        await card(w.revenue).getByText(w.noBefore).waitFor();
        await page.goto('/?from=2025-11-01&to=2025-11-30');
        await card(w.revenue).getByText(w.november).waitFor();
        await becomes(() => page.getByLabel(w.from, { exact: true }).inputValue(), '2025-11-01');
        await page.getByRole('button', { name: w.clear, exact: true }).last().click();
        await card(w.revenue).getByText(w.money).waitFor();

        // A value is chosen: the URL says so, and another browser that opens it sees the same.
        await page.getByRole('button', { name: w.category, exact: true }).click();
        await page.getByLabel('Moda', { exact: true }).check();
        await page.keyboard.press('Escape');
        await page.waitForURL(/f\.categoria=Moda/);
        await card(w.byCategory).locator('svg').getByText('Livros').waitFor({ state: 'detached' });
        const shared = page.url();

        // What a mark stands for is chosen by a click on it, and no more by another.
        await page.getByRole('button', { name: w.clear, exact: true }).last().click();
        await page.waitForURL((now) => !now.search.includes('f.'));
        await card(w.byCategory).locator('svg').getByText('Livros').waitFor();
        await card(w.byCategory).locator('svg .mark-rect path').first().click();
        await page.waitForURL(/f\.categoria=/);

        // Rows as a table and as files, the chart as pictures.
        const more = card(w.byCategory).getByRole('button', { name: w.more });
        await more.click();
        await page.getByRole('button', { name: w.show }).last().click();
        await page.getByRole('dialog').getByRole('cell').first().waitFor();
        await checkAccessibility(page);
        await page.keyboard.press('Escape');
        for (const [name, begin] of [
          ['CSV', 'categoria,receita_sum\n'],
          ['JSON', '['],
          ['SVG', '<svg'],
          ['PNG', '\u0089PNG'],
        ] as const) {
          await more.click();
          const [download] = await Promise.all([
            page.waitForEvent('download'),
            card(w.byCategory).getByRole('button', { name, exact: true }).click(),
          ]);
          const file = readFileSync(await download.path(), 'latin1');
          assert.is(file.slice(0, begin.length), begin, name);
        }

        // A number can be taken along too, and it says where it comes from.
        await card(w.revenue).getByRole('button', { name: w.more }).click();
        const [number] = await Promise.all([
          page.waitForEvent('download'),
          card(w.revenue).getByRole('button', { name: 'CSV', exact: true }).click(),
        ]);
        assert.match(readFileSync(await number.path(), 'utf8'), /^value,before\n[\d.]+,[\d.]+\n$/);
        await card(w.revenue).getByRole('button', { name: w.more }).click();
        await card(w.revenue).getByRole('button', { name: w.lineage }).click();
        const origin = page.getByRole('dialog');
        await origin.getByRole('link', { name: 'gold.receita_diaria' }).waitFor();
        await origin.getByText('sum(valor_total)').first().waitFor();
        await origin.getByRole('link', { name: 'silver.vendas' }).waitFor();
        await checkAccessibility(page);
        await page.keyboard.press('Escape');

        // What was shared shows the same to others; without a mouse, a table's cell chooses as a mark does.
        await page.goto(shared);
        await card(w.byCategory).locator('svg').getByText('Moda').waitFor();
        await becomes(() => card(w.byCategory).locator('svg').getByText('Livros').count(), 0);
        const cell = card(w.products).getByRole('button', { name: 'Moda', exact: true }).first();
        await becomes(() => cell.getAttribute('aria-pressed'), 'true');
        await cell.focus();
        await page.keyboard.press('Enter');
        await page.waitForURL((now) => !now.search.includes('f.'));
        await card(w.byCategory).locator('svg').getByText('Livros').waitFor();
        await page.keyboard.press('Tab');
        assert.match(await page.evaluate('document.activeElement.tagName'), /BUTTON|A|SECTION/);
        await page.getByRole('link', { name: w.second, exact: true }).click();
        await page.waitForURL(/\/ui\/dashboard\/clientes/);
        await page.locator('.vega').nth(2).locator('svg, canvas').waitFor();
        await checkAccessibility(page);
        const asked = await page.evaluate(
          `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)`,
        );
        const others = (asked as string[]).filter(
          (path) => !/^\/(rest\/v1\/|ui\/(assets\/|icon|api\/(project|events|catalog\/)))/.test(path),
        );
        assert.equal(others, [], 'rows come by the public API only');
      });
    });
  });

test('a publish is seen by itself; dark and narrow are readable', async () => {
  if (!hasBrowser) return;
  const own = await testProject({
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
      export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] } },
        sources: { loja: csv({ dir: 'seeds' }) } });`,
    'seeds/itens.csv': 'nome,valor\na,1\nb,2\n',
    'models/gold/soma.sql': `/*---
charts:
  - { kind: kpi, title: Soma, value: valor, format: integer }
  - { title: Por nome, mark: bar, encoding: { x: { field: nome }, y: { field: valor } } }
columns: { nome: { type: text }, valor: { type: integer } }
---*/
select nome, valor::int as valor from {{ref "bronze.itens"}}`,
  });
  try {
    await createRoles(own.sql, 'anon');
    assert.is((await own.mdl('build')).code, 0);
    await withApi(own, async ({ url }) => {
      await withPage(url, { dark: true, width: 360, height: 740 }, async (page) => {
        await page.goto('/');
        const sum = page.getByRole('region', { name: 'Soma' });
        await sum.getByText('3', { exact: true }).waitFor();
        await page.locator('.vega svg').waitFor();
        await checkAccessibility(page);
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        assert.is(wide, 360, 'nothing stands out of the page');
        own.write('seeds/itens.csv', 'nome,valor\na,1\nb,2\nc,40\n');
        assert.is((await own.mdl('build')).code, 0);
        await sum.getByText('43', { exact: true }).waitFor();
        await page.locator('.vega svg').getByText('c', { exact: true }).waitFor();
      });
    });
  } finally {
    await own.close();
  }
});

/** Tells when the numbers and charts of the first screen are there, and how long the page was busy without a break. */
const probe = `
  window.busy = [];
  new PerformanceObserver((list) => busy.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });
  const look = () => {
    const numbers = [...document.querySelectorAll('.kpi-value')];
    const cards = [...document.querySelectorAll('.card')].filter((card) => card.getBoundingClientRect().top < innerHeight);
    const isThere = cards.length > 0 && numbers.every(({ textContent }) => textContent !== '…') &&
      cards.every((card) => card.matches('.kpi') || card.querySelector('.vega svg, .vega canvas, table'));
    if (isThere) window.shownAt = performance.now();
    else setTimeout(look, 5);
  };
  look();`;

test('how soon the first screen of the demo is there', async () => {
  if (!hasBrowser) return;
  await withApi(project, async ({ url }) => {
    await withPage(url, {}, async (page) => {
      await page.addInitScript(probe);
      for (const cache of ['cold', 'warm']) {
        await page.goto('/');
        await until(async () => (await page.evaluate('window.shownAt')) !== undefined);
        const told = await page.evaluate(`(() => {
          const [paint] = performance.getEntriesByName('first-contentful-paint');
          return { paint: paint.startTime, shown: window.shownAt, longest: Math.max(0, ...busy) };
        })()`);
        const { paint, shown, longest } = told as Record<string, number>;
        console.log(
          `measured: demo dashboard, ${cache} cache: first paint ${paint!.toFixed()} ms, numbers and charts ${shown!.toFixed()} ms, longest task ${longest!.toFixed()} ms`,
        );
      }
    });
  });
});

test('all of the web app is under 400 KB of packed JavaScript', () => {
  const assets = fileURLToPath(new URL('../../dist/web/assets', import.meta.url));
  const bytes = readdirSync(assets)
    .filter((name) => name.endsWith('.js.br'))
    .reduce((sum, name) => sum + statSync(join(assets, name)).size, 0);
  console.log(`measured: JavaScript of the web app, packed: ${(bytes / 1024).toFixed()} KB`);
  assert.ok(bytes > 100_000 && bytes < 400 * 1024, String(bytes));
});

/** A project of models without sources. */
const plain = (name: string, models: Readonly<Record<string, string>>, serve = '{}') =>
  testProject({
    'medallion.config.ts': `export default { name: '${name}', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] } }, serve: ${serve} };`,
    ...Object.fromEntries(Object.entries(models).map(([path, text]) => [`models/gold/${path}.sql`, text])),
  });

test('a hundred charts, most of them automatic, do not freeze the page', async () => {
  if (!hasBrowser) return;
  const many = await plain(
    'muitos',
    Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [
        `m${String(i).padStart(3, '0')}`,
        `/*---\nprimary_key: dia\ncolumns: { dia: { type: date }, valor: { type: integer } }\n---*/
select '2024-01-01'::date + g as dia, g * ${i} % 97 as valor from generate_series(1, 200) g`,
      ]),
    ),
  );
  try {
    await createRoles(many.sql, 'anon');
    assert.is((await many.mdl('build')).code, 0);
    await withApi(many, async ({ url }) => {
      await withPage(url, {}, async (page) => {
        await page.addInitScript(probe);
        await page.goto('/');
        await page.locator('.vega svg').first().waitFor();
        await becomes(() => page.getByRole('region').count(), 100);
        // What is not near the window has not been asked for.
        assert.is((await page.locator('.vega svg').count()) < 40, true);
        const last = page.getByRole('region', { name: 'M099' });
        await last.scrollIntoViewIfNeeded();
        await last.locator('svg').waitFor();
        // Through all of them, as somebody who looks for something.
        for (let i = 0; i < 100; i += 4) await page.getByRole('region').nth(i).scrollIntoViewIfNeeded();
        await page.getByRole('region').nth(96).locator('svg').waitFor();
        const longest = (await page.evaluate('Math.max(0, ...busy)')) as number;
        console.log(`measured: a page of 100 charts: longest task ${longest.toFixed()} ms`);
      });
    });
  } finally {
    await many.close();
  }
});

const hostile = '<img src=x onerror="document.title=1">';
test('models without charts show what suits them; texts are texts; many rows are put on the page as they are looked for', async () => {
  if (!hasBrowser) return;
  const own = await plain(
    'textos',
    {
      a_resumo: 'select 41.5 as receita, 7 as pedidos',
      b_pares:
        '/*---\nprimary_key: id\n---*/\nselect g as id, g * 2 as largura, g * 3 as altura from generate_series(1, 50) g',
      c_linhas: `/*---
charts:
  - { kind: table, title: 'Tabela ${hostile.replaceAll("'", "''")}', limit: 20000, sort: n, formats: { valor: '.1%' } }
---*/
select n, 'nome ' || n as nome, n / 1000.0 as valor from generate_series(1, 20000) n`,
      d_textos: `/*---
charts:
  - title: { en: '${hostile}', pt-BR: Texto }
    description: '${hostile}'
    mark: bar
    transform: [ { calculate: "upper(datum.nome) + '${hostile.replaceAll('"', '\\"')}'", as: dito } ]
    encoding:
      y: { field: dito, title: '${hostile}' }
      x: { field: valor, format: ',.1f' }
      tooltip: [ { field: nome, title: '${hostile}' } ]
  - { kind: kpi, title: Percentual, value: { field: valor, aggregate: max }, format: '.1%', order: -1, width: full }
  - { title: Sem linhas, mark: bar, where: valor=gt.100, encoding: { x: { field: nome }, y: { field: valor } } }
---*/
select '${hostile}' as nome, 0.257 as valor union all select 'b', 0.1`,
    },
    '{ aggregates: true }',
  );
  try {
    await createRoles(own.sql, 'anon');
    const built = await own.mdl('build');
    assert.is(built.code, 0, built.stdout + built.stderr);
    await withApi(own, async ({ url }) => {
      await withPage(url, {}, async (page) => {
        await page.goto(`/?f.nome=${encodeURIComponent('nome 7')}`);
        const card = (name: string) => page.getByRole('region', { name, exact: true });
        await card('Receita').getByText('41.5', { exact: true }).waitFor();
        await card('Pedidos').getByText('7', { exact: true }).waitFor();
        await card('B pares').locator('svg').waitFor();
        // A column of too many values to be offered is filtered by all the same, and the filter can be taken away.
        const table = page.getByRole('region', { name: `Tabela ${hostile}`, exact: true });
        await table.first().getByRole('cell', { name: 'nome 7', exact: true }).waitFor();
        await becomes(() => table.first().getByRole('row').count(), 2);
        await page.getByRole('button', { name: 'nome nome 7' }).click();
        // It is gone as soon as it is not chosen any more.
        await page.getByLabel('nome 7', { exact: true }).click();
        await page.keyboard.press('Escape');
        await table.first().getByRole('cell', { name: '0.1%', exact: true }).waitFor();
        const rows = table.first().getByRole('row');
        const shown = await rows.count();
        assert.ok(shown > 50 && shown < 1000, String(shown));
        await rows.last().scrollIntoViewIfNeeded();
        await until(async () => (await rows.count()) > shown);
        const drawing = page.getByRole('region', { name: hostile, exact: true });
        await drawing.locator('svg').getByText('<IMG SRC=X').first().waitFor();
        await drawing.locator('svg .mark-rect path').first().hover();
        await page.locator('#mark-tooltip').getByText(hostile).first().waitFor();
        await card('Percentual').getByText('25.7%').waitFor();
        assert.match((await card('Percentual').getAttribute('class'))!, /\bspan-12\b/);
        const first = await page.getByRole('region').first().getByRole('heading').textContent();
        assert.is(first, 'Percentual', 'its order is the lowest');
        await card('Sem linhas').getByText('No rows.').waitFor();
        await becomes(() => page.locator('main img').count(), 0);
        await checkAccessibility(page);
        await becomes(() => page.title(), 'textos');
      });
    });
  } finally {
    await own.close();
  }
});

test.run();
