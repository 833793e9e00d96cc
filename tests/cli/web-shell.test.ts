// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { checkAccessibility, closeBrowser, hasBrowser, withPage } from '../support/browser.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { becomes } from '../support/wait.ts';

const test = suite('web: shell');
let project: TestProject;
const admin = 'a key of the operator';
const key = admin.replaceAll(' ', '-');

test.before(async () => {
  project = await testProject({
    'medallion.config.ts': `export default { name: 'loja', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] } },
      serve: { admin: '${key}', title: { en: 'The shop', 'pt-BR': 'A loja' } } };`,
    'models/gold/numeros.sql': 'select 1 as n',
  });
  await createRoles(project.sql, 'anon');
  assert.is((await project.mdl('build')).code, 0);
});
test.after(async () => {
  await closeBrowser();
  await project.close();
});

test('a browser gets the page where programs get OpenAPI', async () => {
  await withApi(project, async ({ get }) => {
    const page = await get('/', { headers: { accept: 'text/html,*/*;q=0.8' } });
    assert.match(page.headers.get('content-type')!, 'text/html');
    assert.match(page.headers.get('content-security-policy')!, "default-src 'self'");
    assert.match(page.text, '/ui/assets/');
    const api = await get('/', { headers: { accept: 'application/json' } });
    assert.is(api.json.swagger, '2.0');
    assert.is((await get('/ui/assets/none.js')).status, 404);
    assert.is((await get('/ui/../package.json')).status, 404);
    const asset = /\/ui\/assets\/[^"]+\.js/.exec(page.text)![0];
    const packed = await get(asset, { headers: { 'accept-encoding': 'br' } });
    assert.is(packed.headers.get('content-encoding'), 'br');
    assert.match(packed.headers.get('cache-control')!, 'immutable');
  });
});

test('who is not on this machine, or comes by a name that is not its own, may not look', async () => {
  await withApi(project, async ({ url, get }) => {
    const access = async (headers: Record<string, string>) =>
      (await get('/ui/api/session', { headers })).json.mayLook;
    assert.is(await access({}), true);
    assert.is(await access({ 'x-forwarded-for': '203.0.113.9' }), false);
    const foreign = await get('/ui/api/project', { headers: { origin: 'http://evil.example' } });
    assert.is(foreign.status, 403);
    assert.is((await get('/ui/api/project', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    assert.is((await get('/ui/api/project', { headers: { origin: url } })).status, 200);
  });
});

test('the operator signs in with the key alone, and is let try only so often', async () => {
  await withApi(project, async ({ get }) => {
    const signIn = (given: unknown) =>
      get('/ui/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key: given }),
      });
    assert.is((await signIn('wrong')).status, 401);
    assert.is((await signIn(7)).status, 401);
    const good = await signIn(key);
    assert.is(good.status, 204);
    const cookie = good.headers.get('set-cookie')!;
    assert.match(cookie, /HttpOnly; SameSite=Strict/);
    const headers = { cookie: cookie.split(';')[0]! };
    const { json } = await get('/ui/api/session', { headers });
    assert.is(json.isOperator, true);
    assert.type(json.csrf, 'string');
    assert.is(
      (await get('/ui/api/session', { headers: { cookie: 'mdl_session=guess' } })).json.isOperator,
      false,
    );
    await get('/ui/api/session', { method: 'DELETE', headers });
    assert.is((await get('/ui/api/session', { headers })).json.isOperator, false);
    for (let i = 0; i < 11; i++) await signIn('guess');
    assert.is((await signIn(key)).status, 429);
  });
});

test('without the web app, browsers get OpenAPI as well', async () => {
  const other = await testProject({
    'medallion.config.ts': `export default { name: 'loja', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] } }, serve: { ui: false } };`,
    'models/gold/numeros.sql': 'select 1 as n',
  });
  try {
    assert.is((await other.mdl('build')).code, 0);
    await withApi(other, async ({ get }) => {
      assert.is((await get('/', { headers: { accept: 'text/html,*/*' } })).json.swagger, '2.0');
      assert.is((await get('/ui/api/project')).status, 404);
    });
  } finally {
    await other.close();
  }
});

test('where the API asks for a key, so does the page; who has signed in hears of publishes, and as an operator of runs', async () => {
  if (!hasBrowser) return;
  const closed = await testProject({
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) }, grants: { gold: { select: ['anon'] } },
  serve: { admin: '${key}', auth: { keys: [{ key: 'a-key-of-a-reader', role: 'anon' }] } } });`,
    'seeds/itens.csv': 'nome\ncadeira\n',
    'models/gold/itens.sql': 'select nome from {{ref "bronze.itens"}}',
  });
  try {
    await createRoles(closed.sql, 'anon');
    assert.is((await closed.mdl('build')).code, 0);
    await withApi(closed, async ({ url }) => {
      await withPage(url, { mayComplain: /401/ }, async (page) => {
        await page.goto('/');
        const signIn = async (given: string) => {
          const main = page.getByRole('main');
          await main.getByLabel('Access key').fill(given);
          await main.getByRole('button', { name: 'Sign in' }).click();
        };
        await page.getByText('Anonymous access is disabled').waitFor();
        await checkAccessibility(page);
        await signIn('a-key-of-a-reader');
        await page.getByRole('cell', { name: 'cadeira' }).waitFor();
        await becomes(
          () => page.getByText('The server does not answer').count(),
          0,
          'it refused, and was there',
        );
        closed.write('seeds/itens.csv', 'nome\nmesa\n');
        assert.is((await closed.mdl('build')).code, 0);
        await page.getByRole('cell', { name: 'mesa' }).waitFor();
        await page.getByRole('link', { name: 'Runs' }).click();
        await signIn(key);
        await page.getByRole('link', { name: 'Run 2' }).waitFor();
        assert.is((await closed.mdl('build')).code, 0);
        await page.getByRole('link', { name: 'Run 3' }).waitFor();
      });
    });
  } finally {
    await closed.close();
  }
});

for (const [language, words] of [
  [
    'en-US',
    { title: 'The shop', explore: 'Explore', signIn: 'Sign in', signOut: 'Sign out', key: 'Access key' },
  ],
  [
    'pt-BR',
    { title: 'A loja', explore: 'Explorar', signIn: 'Entrar', signOut: 'Sair', key: 'Chave de acesso' },
  ],
] as const)
  test(`the shell in ${language}: language, theme, sign-in, a page that there is not`, async () => {
    if (!hasBrowser) return;
    await withApi(project, async ({ url }) => {
      await withPage(url, { language, mayComplain: /401/ }, async (page) => {
        await page.goto('/');
        await page.getByRole('link', { name: words.explore }).waitFor();
        await becomes(() => page.title(), words.title);
        await becomes(() => page.locator('html').getAttribute('lang'), language === 'en-US' ? 'en' : 'pt-BR');
        await page.getByRole('button', { name: words.signIn }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel(words.key).fill('wrong');
        await dialog.getByRole('button', { name: words.signIn }).click();
        await dialog
          .getByRole('alert')
          .getByText(/not known|não é conhecida/)
          .waitFor();
        await checkAccessibility(page);
        await dialog.getByLabel(words.key).fill(key);
        await dialog.getByRole('button', { name: words.signIn }).click();
        await page.getByRole('button', { name: words.signOut }).click();
        await page.getByRole('button', { name: words.signIn }).waitFor();
        await page.locator('.choice select').first().selectOption('pt-BR');
        await page.getByRole('link', { name: 'Explorar' }).waitFor();
        await page.locator('.choice select').last().selectOption('dark');
        await becomes(() => page.locator('html').getAttribute('data-theme'), 'dark');
        await page.reload();
        await page.getByRole('link', { name: 'Explorar' }).waitFor();
        await becomes(() => page.locator('html').getAttribute('data-theme'), 'dark');
        await page.goto('/ui/nowhere');
        await page.getByText('Esta página não existe.').waitFor();
        await checkAccessibility(page);
      });
    });
  });

test.run();
