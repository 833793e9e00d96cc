import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';

const require = createRequire(import.meta.url);
// By require: playwright-core requires modules of its own on the way, which Node refuses below an import through jiti.
const { chromium } = require('playwright-core') as typeof import('playwright-core');

const chrome = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** Whether there is a browser to test with; .ci/run installs it. */
export const hasBrowser = chrome !== undefined;

let browser: Promise<Browser> | undefined;

export interface PageOptions {
  readonly language?: 'en-US' | 'pt-BR';
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** The test reads what the page copies; it cannot save files then. */
  readonly clipboard?: boolean;
  /** Messages of the console that the test provokes, such as an answer 401. */
  readonly mayComplain?: RegExp;
}

/**
 * Opens a page in real Chromium, works with it and closes it. Whatever the page complains of fails the test: errors on the console, requests to
 * other hosts, things that the page's policy forbids.
 */
export async function withPage(
  url: string,
  options: PageOptions,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  browser ??= chromium.launch({ executablePath: chrome!, args: ['--no-sandbox'] });
  const context = await (await browser).newContext({
    baseURL: url,
    locale: options.language ?? 'en-US',
    timezoneId: 'America/Recife',
    colorScheme: options.dark ? 'dark' : 'light',
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    // Any permission that is given takes all others away, downloads among them.
    ...(options.clipboard && { permissions: ['clipboard-read', 'clipboard-write'] }),
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(30_000);
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    const complain = (text: string) => {
      if (!options.mayComplain?.test(text)) complaints.push(text);
    };
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        complain(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => complain(String(error.stack ?? error)));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
        complain(`asks another host: ${request.url()}`);
    });
    await work(page);
    assert.equal(complaints, [], 'the page complains of nothing');
  } finally {
    await context.close();
  }
}

/** Ends the browser; for `test.after`. */
export async function closeBrowser(): Promise<void> {
  const running = browser;
  browser = undefined;
  await (await running)?.close();
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Fails on what axe-core finds serious or critical on the page as it is now. */
export async function checkAccessibility(page: Page): Promise<void> {
  // Past the page's policy, which forbids scripts that are not its own.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }: any) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }: any) =>
          `${id}: ${help}\n${nodes.map(({ html, failureSummary }: any) => `  ${html}\n  ${failureSummary}`).join('\n')}`,
      );
  });
  assert.equal(found, [], 'axe-core finds nothing serious');
}
