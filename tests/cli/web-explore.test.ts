// in one process
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { checkAccessibility, closeBrowser, hasBrowser, withPage } from '../support/browser.ts';
import { exploreFiles } from '../support/explore.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { becomes } from '../support/wait.ts';

const test = suite('web: explore');
let project: TestProject;

test.before(async () => {
  project = await testProject(exploreFiles());
  await createRoles(project.sql, 'anon');
  const { code, stdout, stderr } = await project.mdl('build');
  assert.is(code, 0, stdout + stderr);
});
test.after(async () => {
  await closeBrowser();
  await project.close();
});

const words = {
  'en-US': {
    search: 'Search tables and columns',
    rows: (count: number) => `${count} rows`,
    add: '+ Filter',
    column: 'Column',
    condition: 'Condition',
    value: 'Value',
    from: 'From',
    to: 'To',
    apply: 'Apply',
    remove: 'Remove',
    change: 'Change the filter',
    atLeast: 'is at least',
    contains: 'contains',
    thousand: '1,000.5',
    chip: 'valor is at least 1,000.5',
    wrong: 'valor is at least abc',
    money: '4,988.97',
    day: 'Jan 2, 2024',
    nothing: 'null',
    no: 'No',
    columns: 'Columns',
    earlier: 'valor: further to the left',
    perPage: 'Rows shown',
    fifty: '50 a page',
    next: 'Next page',
    last: 'Last page',
    shown: ['1 to 50 of 240 rows', '51 to 100 of 240 rows', '201 to 240 of 240 rows'],
    group: 'Group',
    sum: 'valor: sum',
    groups: '3 groups',
    total: '199,726.80',
    here: /Sorted by this page/,
    row: 'Row 1',
    whole: 'Show whole',
    download: 'Download',
  },
  'pt-BR': {
    search: 'Buscar tabelas e colunas',
    rows: (count: number) => `${count} linhas`,
    add: '+ Filtrar',
    column: 'Coluna',
    condition: 'Condição',
    value: 'Valor',
    from: 'De',
    to: 'Até',
    apply: 'Aplicar',
    remove: 'Remover',
    change: 'Mudar o filtro',
    atLeast: 'é no mínimo',
    contains: 'contém',
    thousand: '1.000,5',
    chip: 'valor é no mínimo 1.000,5',
    wrong: 'valor é no mínimo abc',
    money: '4.988,97',
    day: '2 de jan. de 2024',
    nothing: 'nulo',
    no: 'Não',
    columns: 'Colunas',
    earlier: 'valor: mais à esquerda',
    perPage: 'Linhas mostradas',
    fifty: '50 por página',
    next: 'Próxima página',
    last: 'Última página',
    shown: ['1 a 50 de 240 linhas', '51 a 100 de 240 linhas', '201 a 240 de 240 linhas'],
    group: 'Agrupar',
    sum: 'valor: soma',
    groups: '3 grupos',
    total: '199.726,80',
    here: /Ordenado por esta página/,
    row: 'Linha 1',
    whole: 'Mostrar inteiro',
    download: 'Baixar',
  },
} as const;

const count = async (condition: string) =>
  Number((await project.sql.unsafe(`select count(*) as n from gold.pedidos where ${condition}`))[0]!.n);

const head = (page: Page, name: string) => page.getByRole('columnheader', { name, exact: true });
/** Until the rows are those that were asked for last. */
const settled = (page: Page) => page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
/** The texts of a row: 0 is the first. */
const cells = async (page: Page, row: number) =>
  page.locator('.explore-rows tbody tr:not(.space)').nth(row).locator('td').allTextContents();

for (const language of ['en-US', 'pt-BR'] as const) {
  const w = words[language];

  test(`in ${language}: a table is found, sorted, filtered; its URL shows others the same`, async () => {
    if (!hasBrowser) return;
    await withApi(project, async ({ url }) => {
      await withPage(url, { language, mayComplain: /400/ }, async (page) => {
        await page.goto('/ui/explore');
        await page.getByRole('link', { name: 'estranha' }).waitFor();
        await checkAccessibility(page);
        await page.getByLabel(w.search).fill('ETIQUETÁS gold');
        await page.getByRole('link', { name: 'estranha' }).waitFor({ state: 'detached' });
        await page.getByRole('link', { name: 'pedidos' }).click();
        await page.waitForURL(/\/ui\/explore\/gold\.pedidos$/);
        await page.getByText(w.rows(240), { exact: true }).waitFor();
        await settled(page);
        assert.equal(
          (await cells(page, 0)).slice(1, 8),
          [...['1', '2', 'pago', '79.19', w.day], ...[(await cells(page, 0))[6]!, w.no]].map((text) =>
            text === '79.19' && language === 'pt-BR' ? '79,19' : text,
          ),
        );
        assert.is((await cells(page, 9))[2], w.nothing);
        await checkAccessibility(page);

        // A click sorts upward, one more downward, one more no longer; with Shift one more column counts.
        const sorting = async (name: string, expected: string) =>
          await becomes(() => head(page, name).getAttribute('aria-sort'), expected);
        await sorting('valor', 'none');
        await page.getByRole('button', { name: 'valor', exact: true }).click();
        await page.waitForURL(/order=valor\.asc$/);
        await sorting('valor', 'ascending');
        await page.getByRole('button', { name: 'valor', exact: true }).click();
        await page.waitForURL(/order=valor\.desc$/);
        await page.getByRole('cell', { name: w.money, exact: true }).waitFor();
        await settled(page);
        assert.is((await cells(page, 0))[4], w.money);
        await page.getByRole('button', { name: 'valor', exact: true }).click();
        await page.waitForURL(/gold\.pedidos$/);
        await page.getByRole('button', { name: 'estado', exact: true }).click();
        await page.getByRole('button', { name: 'valor', exact: true }).focus();
        await page.keyboard.press('Shift+Enter');
        await page.waitForURL(/order=estado\.asc,valor\.asc$/);
        await page.goBack();
        await page.waitForURL(/order=estado\.asc$/);

        // Filters: a number as the language writes it, values of a list, a text with signs of patterns, days.
        const filter = async (column: string, operator: string | null, fill: () => Promise<void>) => {
          await page.getByRole('button', { name: w.add }).click();
          const form = page.getByRole('dialog');
          await form.getByLabel(w.column, { exact: true }).selectOption(column);
          if (operator) await form.getByLabel(w.condition, { exact: true }).selectOption({ label: operator });
          await fill();
          await form.getByRole('button', { name: w.apply }).click();
        };
        const value = (label: string) => page.getByRole('dialog').getByLabel(label, { exact: true });
        await filter('valor', w.atLeast, () => value(w.value).fill(w.thousand));
        await page.waitForURL(/valor=gte\.1000\.5/);
        await page.getByText(w.chip).first().waitFor();
        await page.getByText(w.rows(await count('valor >= 1000.5')), { exact: true }).waitFor();
        await filter('estado', null, () => page.getByRole('dialog').getByLabel('pago').check());
        await page
          .getByText(w.rows(await count("valor >= 1000.5 and estado = 'pago'")), { exact: true })
          .waitFor();
        await filter('nota', w.contains, () => value(w.value).fill('100% * 1'));
        const noted = "valor >= 1000.5 and estado = 'pago' and nota like '100\\% * 1%'";
        await page.getByText(w.rows(await count(noted)), { exact: true }).waitFor();
        await filter('feito_em', null, async () => {
          await value(w.from).fill('2024-01-10');
          await value(w.to).fill('2024-02-10');
        });
        // Days of who looks: Recife is three hours behind.
        const wanted = `${noted} and feito_em >= '2024-01-10 03:00+00' and feito_em < '2024-02-11 03:00+00'`;
        assert.ok((await count(wanted)) > 0);
        await page.getByText(w.rows(await count(wanted)), { exact: true }).waitFor();
        const shared = page.url();
        await page.goBack();
        await page.getByText(w.rows(await count(noted)), { exact: true }).waitFor();
        await page.goForward();
        await page.getByText(w.rows(await count(wanted)), { exact: true }).waitFor();

        // What the API does not understand it says, and one goes on.
        await page.goto('/ui/explore/gold.pedidos?valor=gte.abc&nonsense');
        await page.getByRole('alert').getByText('invalid input syntax for type numeric: "abc"').waitFor();
        await page.getByText('nonsense=').waitFor();
        await checkAccessibility(page);
        await page.getByRole('button', { name: `${w.remove}: ${w.wrong}` }).click();
        await page.getByText(w.rows(240), { exact: true }).waitFor();
        await becomes(() => page.getByRole('alert').count(), 0);

        await page.goto(shared);
        await page.getByText(w.rows(await count(wanted)), { exact: true }).waitFor();
        await page.getByRole('button', { name: `${w.change}: ${w.chip}` }).click();
        assert.is(await value(w.value).inputValue(), language === 'pt-BR' ? '1000,5' : '1000.5');
        await checkAccessibility(page);
      });
    });
  });

  test(`in ${language}: columns, pages, groups, other tables, whole values, files`, async () => {
    if (!hasBrowser) return;
    await withApi(project, async ({ url, get }) => {
      await withPage(url, { language }, async (page) => {
        await page.goto('/ui/explore/gold.pedidos');
        await page.getByText(w.rows(240), { exact: true }).waitFor();
        await page.getByRole('button', { name: w.columns }).click();
        await page.getByRole('dialog').getByLabel('nota', { exact: true }).uncheck();
        await page.getByRole('dialog').getByRole('button', { name: w.earlier }).click();
        await page.waitForURL(/select=id,cliente_id,valor,estado,/);
        await checkAccessibility(page);
        await page.keyboard.press('Escape');
        await head(page, 'nota').waitFor({ state: 'detached' });
        const names = (await page.getByRole('columnheader').allTextContents()).slice(1, 5);
        assert.equal(names, ['id', 'cliente_id', 'valor', 'estado']);

        await page.getByLabel(w.perPage).selectOption({ label: w.fifty });
        await page.getByText(w.shown[0], { exact: true }).waitFor();
        await page.getByRole('button', { name: w.next }).click();
        await page.getByText(w.shown[1], { exact: true }).waitFor();
        await page.waitForURL(/limit=50&offset=50/);
        await page.getByRole('button', { name: w.last }).click();
        await page.getByText(w.shown[2], { exact: true }).waitFor();
        assert.is((await cells(page, 0))[1], '201');

        await page.goto('/ui/explore/gold.pedidos');
        await page.getByRole('button', { name: w.group }).click();
        await page.getByRole('dialog').getByLabel('estado', { exact: true }).check();
        await page.getByRole('dialog').getByLabel(w.sum, { exact: true }).check();
        await checkAccessibility(page);
        await page.keyboard.press('Escape');
        await page.getByText(w.groups, { exact: true }).waitFor();
        await page.getByRole('button', { name: w.sum, exact: true }).click();
        await page.getByRole('button', { name: w.sum, exact: true }).click();
        await page.waitForURL(/order=valor_sum\.desc/);
        await page.getByText(w.here).waitFor();
        await settled(page);
        assert.equal((await cells(page, 0)).slice(1), ['aberto', '80', w.total]);
        await checkAccessibility(page);

        // Along a foreign key, and back from the row that it leads to.
        await page.goto('/ui/explore/gold.pedidos?id=eq.1');
        await page.getByRole('cell').getByRole('link', { name: '2', exact: true }).click();
        await page.waitForURL(/silver\.clientes\?id=eq\.2$/);
        await page.getByRole('cell', { name: 'Bia' }).waitFor();
        await page.getByRole('button', { name: w.row, exact: true }).click();
        await page.getByRole('dialog').getByRole('link', { name: 'pedidos (cliente_id)' }).click();
        await page.waitForURL(/gold\.pedidos\?cliente_id=eq\.2$/);
        await page.getByText(w.rows(await count('cliente_id = 2')), { exact: true }).waitFor();

        // What is clipped is seen whole.
        await page.goto('/ui/explore/gold.pedidos?id=eq.2');
        await page.getByTitle(w.whole).first().click();
        const long = (await project.sql.unsafe('select nota from gold.pedidos where id = 2'))[0]!
          .nota as string;
        await page.getByRole('dialog').getByText(long, { exact: true }).waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: w.row, exact: true }).click();
        const row = page.getByRole('dialog');
        assert.match((await row.locator('pre').first().textContent())!, '\n  "itens": [\n');
        // Numbers to the last digit, beyond what JavaScript counts.
        const maior = new Intl.NumberFormat(language, { maximumFractionDigits: 20 });
        await row.getByText(maior.format('12345678901234567892.123456789' as never)).waitFor();
        await checkAccessibility(page);
        await page.keyboard.press('Escape');

        await page.goto('/ui/explore/gold.pedidos?estado=eq.pago&order=valor.desc&select=id,nota&limit=50');
        for (const [format, accept] of [
          ['CSV', 'text/csv'],
          ['JSON', 'application/json'],
        ] as const) {
          await page.getByRole('button', { name: w.download }).click();
          const [download] = await Promise.all([
            page.waitForEvent('download'),
            page.getByRole('button', { name: format, exact: true }).click(),
          ]);
          assert.is(download.suggestedFilename(), `pedidos.${format.toLowerCase()}`);
          const { text } = await get('/pedidos?select=id,nota&estado=eq.pago&order=valor.desc', {
            headers: { accept },
          });
          const file = readFileSync(await download.path(), 'utf8');
          assert.is(file.trim(), text.trim(), format);
        }
      });
    });
  });
}

test('what is copied does what the page does', async () => {
  if (!hasBrowser) return;
  await withApi(project, async ({ url, get }) => {
    await withPage(url, { clipboard: true }, async (page) => {
      await page.goto('/ui/explore/silver.clientes?nome=ilike.*"ção*&order=nome.desc&limit=50');
      await page.getByText('1 to 1 of 1 row', { exact: true }).waitFor();
      const copied = async (name: string) => {
        await page.getByRole('button', { name, exact: true }).click();
        await page.getByText(`Copied: ${name}`).waitFor();
        return page.evaluate<string>('navigator.clipboard.readText()');
      };
      const rows = [{ id: 3, nome: 'Conceição, "Ção"' }];
      const address = await copied('Address');
      assert.is(address.startsWith(url), true);
      const profile = { headers: { 'accept-profile': 'silver' } };
      assert.equal((await get(address.slice(url.length), profile)).json, rows);
      const curl = await copied('curl');
      const { stdout } = await promisify(execFile)('sh', ['-c', `${curl} -s`]);
      assert.equal(JSON.parse(stdout), rows);
      assert.match(
        await copied('supabase-js'),
        `client
  .schema('silver')
  .from('clientes')
  .select()
  .ilike('nome', '%"ção%')
  .order('nome', { ascending: false, nullsFirst: false })
  .order('id')
  .range(0, 49);`,
      );
      assert.match(await copied('fetch'), "headers: { 'accept-profile': 'silver' }");
      await checkAccessibility(page);
    });
  });
});

test('a hundred thousand rows are scrolled through, and asked for where one looks', async () => {
  if (!hasBrowser) return;
  await withApi(project, async ({ url }) => {
    await withPage(url, {}, async (page) => {
      const asked: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'GET' && request.url().includes('/rest/')) asked.push(request.url());
      });
      await page.goto('/ui/explore/gold.grande');
      await page.getByText('100,000 rows', { exact: true }).waitFor();
      const table = page.getByRole('region', { name: 'grande' });
      const made = () => table.locator('tbody tr').count();
      assert.ok((await made()) < 100);
      for (const row of [50_000, 99_000, 20_000]) {
        await table.evaluate((element, top) => element.scrollTo(0, top), row * 32);
        await page.getByRole('cell', { name: `linha ${row + 5}`, exact: true }).waitFor();
        assert.ok((await made()) < 100);
      }
      await table.focus();
      await page.keyboard.press('End');
      await page.getByRole('cell', { name: 'linha 100000', exact: true }).waitFor();
      await becomes(() => page.getByRole('button', { name: 'Row 100,000', exact: true }).isVisible(), true);
      assert.ok(asked.length < 20, `what is passed by is not asked for: ${asked.length} requests`);
      // Dragged through from top to bottom.
      await table.evaluate(async (element) => {
        for (let top = 0; top < 3_200_000; top += 16_000) {
          element.scrollTo(0, top);
          await new Promise((globalThis as any).requestAnimationFrame);
        }
      });
      await page.getByRole('cell', { name: 'linha 99505', exact: true }).waitFor();
      assert.ok(asked.length < 250, `what is passed by is not asked for: ${asked.length} requests`);
      await checkAccessibility(page);
      // Another order begins at the top.
      await page.getByRole('button', { name: 'texto', exact: true }).click();
      await page.getByRole('button', { name: 'texto', exact: true }).click();
      await page.getByRole('cell', { name: 'linha 99999', exact: true }).waitFor();
      assert.is(await table.evaluate((element) => element.scrollTop), 0);
    });
  });
});

test('narrow and dark', async () => {
  if (!hasBrowser) return;
  await withApi(project, async ({ url }) => {
    await withPage(url, { dark: true, width: 360, height: 740 }, async (page) => {
      for (const path of [
        '/ui/explore',
        '/ui/explore/gold.pedidos?valor=gte.1000.5&estado=in.(pago,aberto)&limit=50',
        '/ui/explore/gold.estranha?"nome, cognome"=eq.y, z&"select"=eq.8',
      ]) {
        await page.goto(path);
        await page.getByRole('link', { name: path === '/ui/explore' ? 'grande' : '← All tables' }).waitFor();
        if (path !== '/ui/explore') await page.getByRole('cell').nth(3).waitFor();
        await becomes(() => page.evaluate('document.documentElement.scrollWidth'), 360, path);
        await checkAccessibility(page);
      }
      assert.equal(await cells(page, 0), ['1', '2', 'y, z', '8', 'r', 'é']);
      await page.getByRole('button', { name: '+ Filter' }).click();
      await becomes(() => page.evaluate('document.documentElement.scrollWidth'), 360);
      await checkAccessibility(page);
    });
  });
});

test('new data appears by itself; without aggregates it says why there are no groups; pages and files are of what one answer holds', async () => {
  if (!hasBrowser) return;
  const { 'medallion.config.ts': config } = exploreFiles('maxRows: 100');
  project.write('medallion.config.ts', config!);
  await withApi(project, async ({ url }) => {
    await withPage(url, {}, async (page) => {
      await page.goto('/ui/explore/gold.pedidos?order=nota.desc');
      await page.getByText('240 rows', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Group' }).click();
      await page.getByText(/does not group.*aggregates: true/).waitFor();
      await page.keyboard.press('Escape');
      assert.equal(await page.getByLabel('Rows shown').locator('option').allTextContents(), [
        ...['All, by scrolling', '50 a page', '100 a page'],
      ]);
      const table = page.getByRole('region', { name: 'pedidos' });
      await table.evaluate((element) => element.scrollTo(0, 230 * 32));
      await page.getByRole('button', { name: 'Row 240', exact: true }).waitFor();
      const files: string[] = [];
      for (const format of ['CSV', 'JSON']) {
        await page.getByRole('button', { name: 'Download' }).click();
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: format, exact: true }).click(),
        ]);
        files.push(readFileSync(await download.path(), 'utf8'));
      }
      const json = JSON.parse(files[1]!) as { id: number }[];
      assert.is(new Set(json.map(({ id }) => id)).size, 240);
      assert.equal(
        files[0]!
          .trim()
          .split('\n')
          .map((line) => line.split(',')[0]),
        ['id', ...json.map(({ id }) => String(id))],
      );

      await page.goto('/ui/explore/silver.clientes?order=id.desc');
      await page.getByText('3 rows', { exact: true }).waitFor();
      project.write('seeds/clientes.csv', `${project.read('seeds/clientes.csv')}4,Davi\n`);
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 0, stdout);
      await page.getByText('4 rows', { exact: true }).waitFor();
      await page.getByRole('cell', { name: 'Davi' }).waitFor();
    });
  });
});

test.run();
