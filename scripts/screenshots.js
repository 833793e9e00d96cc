// Makes the pictures of docs/images from the demo, anew: node scripts/screenshots.js [name ...]. It needs a build and Chromium.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/**
 * The pictures: where, how large, and when everything is there. `prepare` may click.
 * @typedef {{ name: string, path: string, width?: number, height: number, language?: string, dark?: boolean,
 *   prepare(page: import('playwright-core').Page): Promise<unknown> }} Picture
 * @type {readonly Picture[]}
 */
const pictures = [
  {
    name: 'dashboard',
    path: '/',
    height: 1085,
    prepare: (page) => page.locator('.vega svg').nth(2).waitFor(),
  },
  {
    name: 'lineage',
    path: '/ui/lineage/gold.vendas_por_mes?column=gold.vendas_por_mes.receita',
    height: 800,
    prepare: (page) => page.getByText('source:loja.pedidos.valor_total').first().waitFor(),
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const mdl = join(root, 'dist', 'mdl.js');
const chrome = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const wanted = process.argv.slice(2);

const dir = mkdtempSync(join(tmpdir(), 'mdl-pictures-'));
try {
  for (const part of ['medallion.config.ts', 'models', 'macros', 'seeds', 'tests'])
    cpSync(join(root, part), join(dir, part), {
      recursive: true,
      filter: (path) => !/tests\/(cli|support)/.test(path),
    });
  // The embedded Postgres, whatever database is set here.
  const env = { ...process.env, DATABASE_URL: '' };
  const build = spawn(process.execPath, [mdl, 'build'], { cwd: dir, env, stdio: 'inherit' });
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error('The demo could not be built.');
  const server = spawn(process.execPath, [mdl, 'serve', '--port', '0', '--json'], { cwd: dir, env });
  try {
    await take(await urlOf(server));
  } finally {
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** @param {import('node:child_process').ChildProcessWithoutNullStreams} server */
async function urlOf(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const event = JSON.parse(line);
    if (event.event === 'serve.started') return event.url;
  }
  throw new Error('mdl serve has ended.');
}

/** @param {string} url */
async function take(url) {
  const browser = await chromium.launch({ executablePath: chrome, args: ['--no-sandbox'] });
  try {
    for (const { name, path, width = 1280, height, language = 'en-US', dark = false, prepare } of pictures) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const context = await browser.newContext({
        baseURL: url,
        locale: language,
        colorScheme: dark ? 'dark' : 'light',
        viewport: { width, height },
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      await page.goto(path);
      await prepare(page);
      // Everything near the window is there, and drawn.
      await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .waiting'));
      await page.waitForTimeout(500);
      const file = join(root, 'docs', 'images', `${name}.png`);
      mkdirSync(dirname(file), { recursive: true });
      await page.screenshot({ path: file });
      console.log(`docs/images/${name}.png ${Math.round(statSync(file).size / 1024)} KB`);
      await context.close();
    }
  } finally {
    await browser.close();
  }
}
