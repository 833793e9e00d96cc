// in one process
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { checkAccessibility, closeBrowser, hasBrowser, withPage } from '../support/browser.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { becomes, hold, until, untilHeld, waitingModel } from '../support/wait.ts';

const test = suite('web: runs');
let project: TestProject;
const key = 'the-key-of-the-operator';
const people = (oldest: number) =>
  `id,age\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 2 === 0 ? oldest : 30}`).join('\n')}\n`;

test.before(async () => {
  project = await testProject({
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
      export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] } },
        sources: { loja: csv({ dir: 'seeds' }) }, serve: { admin: '${key}' },
        schedule: { nightly: { cron: '0 3 1 1 *', timezone: 'America/Recife', select: ['gold.ages+'] } } });`,
    'seeds/people.csv': people(60),
    'models/silver/people.sql': `/*---
primary_key: id
columns: { id: int, age: { type: int, tests: [not_null, { between: [0, 120] }, { between: [0, 50], severity: warn }] } }
---*/
select id, age from {{ref "bronze.people"}}`,
    'models/gold/ages.sql': 'select age, count(*) as n from {{ref "silver.people"}} group by 1',
    'models/gold/slow.sql': waitingModel.replace('1 as n', 'clock_timestamp() as at'),
  });
  await createRoles(project.sql, 'anon');
  assert.is((await project.mdl('build')).code, 0);
  project.write('seeds/people.csv', people(150));
  assert.is((await project.mdl('build', '--store-failures')).code, 1);
});
test.after(async () => {
  await closeBrowser();
  await project.close();
});

const words = {
  'en-US': {
    run: (id: number) => `Run ${id}`,
    status: { failed: 'failed', running: 'running', interrupted: 'interrupted', succeeded: 'succeeded' },
    statusLabel: 'Status',
    byHand: 'by hand',
    did: '1 node failed, 1 test failed, 1 test warned, 1 skipped, 1 model, 40 rows read',
    readers: 'Nothing of it was published. Readers see run 1.',
    failures: 'between 0 and 120 (age): 20 failures',
    because: 'because of silver.people',
    rows: 'Rows that break: between 0 and 120 (age)',
    all: 'Show the 20 rows that were kept',
    shown: '20 of 20 rows that break it',
    catalog: 'In the catalog',
    explore: 'Explore the rows',
    log: 'Log',
    timeline: 'Timeline',
    contains: 'Only what contains',
    loaded: 'Loaded: 40 rows read',
    save: 'Save as JSON lines',
    signIn: 'Sign in',
    key: 'Access key',
    needed: 'Sign in to see this.',
    start: 'Start a run',
    begin: 'Start',
    select: 'Select',
    another: 'Another run is going on',
    progress: '2 of 3 nodes',
    cancel: 'Cancel the run',
    retry: 'Retry from failure',
    retryOf: (id: number) => `It takes up again run ${id}.`,
    retriedBy: (id: number) => `It was taken up again by run ${id}.`,
    seen: 'This is what readers see now.',
    schedules: 'Schedules',
    active: 'A daemon is active',
    inactive: 'No daemon is active',
    overlap: 'skipped: the one before went on',
    next: /Jan 1, \d{4}, 3:00 AM/,
  },
  'pt-BR': {
    run: (id: number) => `Execução ${id}`,
    status: {
      failed: 'falhou',
      running: 'em andamento',
      interrupted: 'interrompida',
      succeeded: 'concluída',
    },
    statusLabel: 'Situação',
    byHand: 'linha de comando',
    did: '1 nó falhou, 1 teste falhou, 1 teste avisou, 1 sem executar, 1 modelo, 40 linhas lidas',
    readers: 'Nada dela foi publicado. Os leitores veem a execução 1.',
    failures: 'between 0 and 120 (age): 20 falhas',
    because: 'por causa de silver.people',
    rows: 'Linhas que violam: between 0 and 120 (age)',
    all: 'Mostrar as 20 linhas guardadas',
    shown: '20 de 20 linhas que a violam',
    catalog: 'No catálogo',
    explore: 'Explorar as linhas',
    log: 'Registro',
    timeline: 'Linha do tempo',
    contains: 'Só o que contém',
    loaded: 'Carregou: 40 linhas lidas',
    save: 'Salvar como linhas JSON',
    signIn: 'Entrar',
    key: 'Chave de acesso',
    needed: 'Entre para ver isto.',
    start: 'Iniciar uma execução',
    begin: 'Iniciar',
    select: 'Selecionar',
    another: 'Another run is going on',
    progress: '2 de 3 nós',
    cancel: 'Cancelar a execução',
    retry: 'Retomar da falha',
    retryOf: (id: number) => `Ela retoma a execução ${id}.`,
    retriedBy: (id: number) => `Ela foi retomada pela execução ${id}.`,
    seen: 'É o que os leitores veem agora.',
    schedules: 'Agendas',
    active: 'Há um daemon ativo',
    inactive: 'Nenhum daemon está ativo',
    overlap: 'pulada: a anterior em andamento',
    next: /1 de jan\. de \d{4}, 03:00/,
  },
} as const;

/** Nothing serious for axe, and nothing stands out of the page. */
async function checkPage(page: Page, width: number): Promise<void> {
  await checkAccessibility(page);
  assert.is(
    await page.evaluate('document.documentElement.scrollWidth'),
    width,
    'it is as wide as the window',
  );
}

const row = (page: Page, name: string) => page.locator(`a.gantt-row:has(.name:text-is("${name}"))`);
const latestRun = async () =>
  (await project.sql`select max(run_id)::int as id from medallion.runs`)[0]!.id as number;

for (const [language, width, dark] of [
  ['en-US', 1280, false],
  ['pt-BR', 360, true],
] as const)
  test(`a failed run in ${language}, ${width} px: history, timeline, failing rows, log, schedules`, async () => {
    if (!hasBrowser) return;
    const w = words[language];
    await withApi(project, async ({ url }) => {
      await withPage(url, { language, width, dark, mayComplain: /401/ }, async (page) => {
        await page.goto('/ui/runs');
        const item = page
          .getByRole('listitem')
          .filter({ has: page.getByRole('link', { name: w.run(2), exact: true }) });
        await item.getByText(w.did).waitFor();
        await item.getByText(w.byHand).waitFor();
        await item.locator('.state').getByText(w.status.failed).waitFor();
        const names = await page.locator('.run-row a').allTextContents();
        assert.equal(names.slice(-2), [w.run(2), w.run(1)], 'newest first');
        await becomes(() => page.getByRole('button', { name: w.start }).isDisabled(), true);
        await checkPage(page, width);
        await page.getByLabel(w.statusLabel).selectOption('failed');
        await page.waitForURL(/status=failed/);
        await page.getByRole('link', { name: w.run(1), exact: true }).waitFor({ state: 'detached' });

        await page.getByRole('link', { name: w.run(2), exact: true }).click();
        await page.getByText(w.failures).first().waitFor();
        await page.getByText(w.because).first().waitFor();
        await checkPage(page, width);
        // Arrow keys go from node to node, Enter shows one.
        const place = Number(await row(page, 'silver.people').getAttribute('data-index'));
        await page.locator(`[data-index="${place - 1}"]`).focus();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.waitForURL(/node=silver\.people/);
        const panel = page.getByRole('complementary', { name: 'silver.people' });
        await panel.getByText('models/silver/people.sql:3').first().waitFor();
        const rows = panel.getByRole('region', { name: w.rows }).getByRole('row');
        await becomes(() => rows.count(), 6, 'a head and five samples');
        await panel.getByRole('button', { name: w.all }).first().click();
        await panel.getByText(w.shown).waitFor();
        await becomes(() => rows.count(), 21);
        await panel.getByRole('link', { name: w.catalog }).waitFor();
        await checkPage(page, width);
        await page.reload();
        await panel.waitFor();
        await panel.getByRole('button').first().click();
        await page.waitForURL((now) => !now.search.includes('node='));

        await page.getByRole('link', { name: w.log, exact: true }).click();
        await page.getByText(w.loaded).waitFor();
        const lines = page.locator('.log-lines li');
        const all = await lines.count();
        await page.getByLabel(w.contains).fill('between');
        await page.waitForURL(/text=between/);
        await until(async () => (await lines.count()) === 1);
        assert.is(all > 5, true);
        await checkPage(page, width);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: w.save }).click(),
        ]);
        const saved = readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        assert.equal([saved[0].event, saved.at(-1).event], ['run.started', 'run.finished']);

        await page.goto('/ui/runs/1?node=gold.ages');
        await page.getByRole('link', { name: w.explore }).waitFor();
        await checkSchedules(page, language, width);

        // From elsewhere than the server's own machine.
        await page.setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.9' });
        await page.goto('/ui/runs/2');
        await page.getByText(w.needed).waitFor();
        await checkPage(page, width);
        await page.getByLabel(w.key).fill(key);
        await page.getByRole('main').getByRole('button', { name: w.signIn }).click();
        await page.getByText(w.failures).first().waitFor();
        await becomes(() => page.getByRole('button', { name: w.retry }).isEnabled(), true);
      });
    });
  });

async function checkSchedules(page: Page, language: keyof typeof words, width: number): Promise<void> {
  const w = words[language];
  await project.sql`
    insert into medallion.occurrences (project, schedule, due, status, attempts, run_id) values
      ('loja', 'nightly', '2026-01-01 06:00Z', 'failed', 2, 2), ('loja', 'nightly', '2026-01-02 06:00Z', 'overlap', 0, null)
    on conflict do nothing`;
  await page.goto('/ui/runs');
  await page.getByRole('link', { name: w.schedules }).click();
  await page.getByText(w.inactive).waitFor();
  const card = page.getByRole('region', { name: 'nightly', exact: true });
  await card.getByText('0 3 1 1 *').waitFor();
  await card.getByText(w.next).first().waitFor();
  await card.getByText(w.overlap).waitFor();
  await card.getByRole('link', { name: w.run(2) }).waitFor();
  await checkPage(page, width);
  if (language !== 'en-US') return;
  const daemon = project.spawn('schedule');
  await until(async () => {
    await page.reload();
    await page.locator('.daemon').waitFor();
    return page.getByText(w.active).isVisible();
  });
  daemon.kill('SIGINT');
  await once(daemon, 'exit');
}

for (const [language, width, dark] of [
  ['en-US', 1280, true],
  ['pt-BR', 360, false],
] as const)
  test(`an operator in ${language}, ${width} px: a run is started, watched, cancelled and taken up again`, async () => {
    if (!hasBrowser) return;
    const w = words[language];
    // Other rows for each language, so that there is something to build.
    project.write('seeds/people.csv', people(language === 'en-US' ? 60 : 61));
    const release = await hold(project.sql);
    let isHeld = true;
    try {
      await withApi(project, async ({ url }) => {
        await withPage(url, { language, width, dark, mayComplain: /401|409/ }, async (page) => {
          await page.goto('/ui/runs');
          await page.getByRole('main').getByRole('button', { name: w.signIn }).click();
          await page.getByLabel(w.key).fill(key);
          await page.getByRole('dialog').getByRole('button', { name: w.signIn }).click();
          const start = async () => {
            await page.getByRole('button', { name: w.start }).click();
            const dialog = page.getByRole('dialog');
            await dialog.getByLabel(w.select).fill('+silver.people gold.slow');
            await checkPage(page, width);
            await dialog.getByRole('button', { name: w.begin, exact: true }).click();
          };
          await start();
          await page.waitForURL(/\/ui\/runs\/\d+$/);
          const first = await latestRun();
          await page
            .getByRole('heading', { name: w.run(first) })
            .getByText(w.status.running)
            .waitFor();
          await row(page, 'gold.slow').locator('.bar.running').waitFor();
          await row(page, 'silver.people').locator('.bar.warned').waitFor();
          await page.getByText(w.progress).waitFor();
          await checkPage(page, width);
          const length = async () => (await row(page, 'gold.slow').locator('.gantt-took').textContent())!;
          const before = await length();
          await until(async () => (await length()) !== before);

          // Another one is refused where it was asked for; the list shows how far this one is.
          await page.goto('/ui/runs');
          await page
            .getByRole('listitem')
            .filter({ hasText: w.run(first) })
            .getByText(w.progress)
            .waitFor();
          await start();
          const dialog = page.getByRole('dialog');
          await dialog.getByRole('alert').getByText(w.another).waitFor();
          // Whose session has ended signs in where he stands.
          await page.context().clearCookies();
          await dialog.getByRole('button', { name: w.begin, exact: true }).click();
          await dialog.getByText(w.needed).waitFor();
          await checkPage(page, width);
          await dialog.getByLabel(w.key).fill(key);
          await dialog.getByRole('button', { name: w.signIn }).click();
          await dialog.getByText(w.needed).waitFor({ state: 'detached' });
          await dialog.getByRole('button', { name: w.begin, exact: true }).click();
          await dialog.getByRole('alert').getByText(w.another).waitFor();
          await page.keyboard.press('Escape');

          await page.getByRole('link', { name: w.run(first), exact: true }).click();
          await page.getByRole('button', { name: w.cancel }).click();
          await checkPage(page, width);
          await page.getByRole('dialog').getByRole('button', { name: w.cancel }).click();
          await page
            .getByRole('heading', { name: w.run(first) })
            .getByText(w.status.interrupted)
            .waitFor();
          await row(page, 'gold.slow').locator('.bar.interrupted').waitFor();

          await page.getByRole('button', { name: w.retry }).click();
          await page.getByText(w.retryOf(first)).waitFor();
          const second = await latestRun();
          await page
            .getByRole('heading', { name: w.run(second) })
            .getByText(w.status.running)
            .waitFor();
          await row(page, 'gold.slow').locator('.bar.running').waitFor();
          await untilHeld(project.sql);
          await release();
          isHeld = false;
          await page
            .getByRole('heading', { name: w.run(second) })
            .getByText(w.status.succeeded)
            .waitFor();
          await row(page, 'gold.slow').locator('.bar.succeeded').waitFor();
          await page.getByText(w.seen).waitFor();
          await page
            .getByRole('main')
            .getByRole('link', { name: w.run(first) })
            .click();
          await page.getByText(w.retriedBy(second)).waitFor();
        });
      });
    } finally {
      if (isHeld) await release();
    }
  });

test('a thousand nodes, one of them tried again: the page holds what is seen', async () => {
  if (!hasBrowser) return;
  const [run] = await project.sql<{ id: number }[]>`
    insert into medallion.runs (project, command, target, status, mdl_version, host, pid, started_at, finished_at)
    values ('loja', 'build', 'default', 'succeeded', '0', 'big', 1, '2026-01-01 00:00Z', '2026-01-01 00:16:50Z') returning run_id as id`;
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const name = (i: number) => `gold.m${String(i).padStart(4, '0')}`;
  const model = { materialized: 'table', tests: [], status: 'succeeded', durationMs: 1000 };
  const events = [
    {
      at: at(0),
      event: { event: 'run.started', database: 'x', nodes: Array.from({ length: 1000 }, (_, i) => name(i)) },
    },
    ...Array.from({ length: 1000 }, (_, i) => [
      { at: at(i), event: { event: 'model.started', node: name(i), materialized: 'table' } },
      ...(i === 999
        ? [
            {
              at: at(1002),
              event: {
                event: 'node.retried',
                node: name(i),
                attempt: 2,
                waitMs: 1000,
                error: { message: 'a deadlock' },
              },
            },
          ]
        : []),
      ...(i === 999
        ? [{ at: at(1003), event: { event: 'model.started', node: name(i), materialized: 'table' } }]
        : []),
      { at: at(i === 999 ? 1005 : i + 1), event: { event: 'model.finished', node: name(i), ...model } },
    ]).flat(),
  ];
  await project.sql`
    insert into medallion.run_events (run_id, seq, at, event)
    select ${run!.id}, (value ->> 'seq')::int, (value ->> 'at')::timestamptz, value -> 'event'
      from json_array_elements(${JSON.stringify(events.map((event, i) => ({ seq: i + 1, ...event })))}::text::json)`;
  await withApi(project, async ({ url }) => {
    await withPage(url, {}, async (page) => {
      await page.goto(`/ui/runs/${run!.id}`);
      await row(page, name(0)).waitFor();
      await page.getByText('2 min', { exact: true }).waitFor();
      assert.is((await page.locator('.gantt-row').count()) < 100, true, 'only what is seen is in the page');
      await row(page, name(0)).focus();
      await page.keyboard.press('End');
      await page.locator(`a.gantt-row:focus:has(.name:text-is("${name(999)}"))`).waitFor();
      await becomes(() => row(page, name(999)).locator('.bar').count(), 2);
      await row(page, name(999)).getByText('×2').waitFor();
      await page.keyboard.press('Enter');
      await page
        .getByRole('complementary')
        .getByText('Tried again: attempt 2, after 1 sec, a deadlock')
        .waitFor();
      const track = row(page, name(999)).locator('.gantt-track');
      const before = (await track.boundingBox())!.width;
      await page.getByRole('button', { name: 'Closer' }).click();
      await until(async () => (await track.boundingBox())!.width > before * 1.9);
      await checkAccessibility(page);
      await page.getByRole('button', { name: 'Fit' }).click();
      await until(async () => Math.abs((await track.boundingBox())!.width - before) < 2);
      await page.goto(`/ui/runs/${run!.id}?tab=log`);
      await page.getByText('2,003 of 2,003 events').waitFor();
      await becomes(() => page.locator('.log-lines li').count(), 500);
      await page.getByRole('button', { name: 'Earlier events' }).click();
      await until(async () => (await page.locator('.log-lines li').count()) === 1000);
    });
  });
});

test('older runs come on demand; a filter in the URL looks for its own; the language may change meanwhile', async () => {
  if (!hasBrowser) return;
  await project.sql`
    insert into medallion.runs (project, command, target, status, mdl_version, host, pid, cause, started_at, finished_at)
    select 'loja', 'build', 'default', 'succeeded', '0', 'many', 1, case when n <= 2 then 'schedule nightly' else 'trigger orders' end, now(), now()
      from generate_series(1, 300) n`;
  await withApi(project, async ({ url }) => {
    await withPage(url, { mayComplain: /404/ }, async (page) => {
      const rows = page.locator('.run-row');
      await page.goto('/ui/runs');
      await rows.nth(49).waitFor();
      await becomes(() => rows.count(), 50);
      await page.getByRole('button', { name: 'Older runs' }).click();
      await rows.nth(99).waitFor();
      await becomes(() => rows.count(), 100);
      await page.goto('/ui/runs?cause=schedule+nightly');
      await rows.nth(1).waitFor();
      await becomes(() => rows.count(), 2);
      await page.getByText('runs have been searched').waitFor();
      await page.locator('.choice select').first().selectOption('pt-BR');
      await rows.first().getByText('agenda nightly').waitFor();
      await page.getByLabel('Iniciada por').selectOption('');
      await rows.nth(50).waitFor();
      await page.goto('/ui/runs/9999999');
      await page.getByRole('alert').getByText('9999999').waitFor();
    });
  });
});

test.run();
