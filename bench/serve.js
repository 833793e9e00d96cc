import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '../dist/database/connect.js';
import { readCatalog } from '../dist/serve/catalog/read.js';
import { parseUrl } from '../dist/serve/parse/url.js';
import { readStatement } from '../dist/serve/query/statement.js';
import { findRelation } from '../dist/serve/resolve/names.js';
import { resolveUrl } from '../dist/serve/resolve/resolve.js';
import { mdl, median, timed } from './setup.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const table = 'vendas_por_mes';
/** Each request asks for another number: no two have one answer. */
const varied = `/${table}?receita=gt.`;

/** The demo's gold by `mdl serve`, against bare Fastify handlers: with the same SQL, and with the same bytes. Each server, and who asks, is a process of its own. */
export async function measureServe(bench, quick) {
  const cwd = join(bench.dir, 'serve');
  for (const name of ['medallion.config.ts', 'models', 'macros', 'seeds'])
    cpSync(join(root, name), join(cwd, name), { recursive: true });
  const env = { ...process.env, DATABASE_URL: bench.url };
  const sql = connect({ url: bench.url, max: 1, applicationName: 'bench' });
  await sql.unsafe(
    'do $$ begin create role anon; exception when duplicate_object then null; end $$; do $$ begin create role authenticated; exception when duplicate_object then null; end $$',
  );
  await timed(process.execPath, [mdl, 'build'], { cwd, env });
  const statement = await statementOf(sql);
  await sql.end();
  const started = [];
  const start = async (args, options) => {
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(line);
      if (url) return url;
    }
    throw new Error(`${args.join(' ')} ended`);
  };
  try {
    const ours = await start([mdl, 'serve', '--port', '0', '--json'], { cwd, env });
    const body = await (await fetch(`${ours}/${table}`)).text();
    const bare = await start([here('serve-bare.js'), bench.url, JSON.stringify({ statement, body })], {
      cwd: root,
    });
    await requireSame(`${ours}${varied}100000`, `${bare}/query?100000`);
    await requireSame(`${ours}/${table}`, `${bare}/bytes`);
    const rows = [];
    for (const [what, own, limit, target] of [
      [
        'uncached API read / bare Fastify and postgres.js with the same SQL',
        ours + varied,
        `${bare}/query?`,
        0.85,
      ],
      ['cached API read / bare Fastify with the same bytes', `${ours}/${table}`, `${bare}/bytes`, 0.7],
    ])
      rows.push(await compare(what, own, limit, target, quick));
    return rows;
  } finally {
    for (const child of started) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  }
}

/** What `mdl serve` asks the database for a varied URL, made by its own functions. */
async function statementOf(sql) {
  const catalog = await readCatalog(sql, ['gold']);
  const marker = '-7';
  const tree = parseUrl([['receita', `gt.${marker}`]], { depth: 10 });
  const options = { maxRows: 1000, aggregates: false };
  const rows = resolveUrl(catalog, findRelation(catalog, 'gold', table), tree, options);
  const { sql: text, parameters } = readStatement(rows, {
    format: 'object',
    countsAll: false,
    countsPage: false,
    isJoined: true,
  });
  return { text, parameters, place: parameters.indexOf(marker) };
}

async function requireSame(ours, bare) {
  const [one, other] = await Promise.all([ours, bare].map(async (url) => (await fetch(url)).text()));
  if (one !== other || one.length < 100)
    throw new Error(`${ours} and ${bare} do not answer the same:\n${one}\n${other}`);
}

async function compare(what, own, limit, target, quick) {
  const seconds = quick ? 2 : 5;
  const results = { own: [], limit: [] };
  await ask(own, 1);
  await ask(limit, 1);
  for (let turn = 0; turn < (quick ? 3 : 5); turn++) {
    results.own.push(await ask(own, seconds));
    results.limit.push(await ask(limit, seconds));
  }
  const rate = (list) => median(list.map((result) => result.rate));
  const tell = (list) =>
    `${Math.round(rate(list)).toLocaleString('en-US')} requests/s, p99 ${median(list.map(({ p99 }) => p99))} ms`;
  const ratio = rate(results.own) / rate(results.limit);
  return {
    what,
    measured: tell(results.own),
    limit: tell(results.limit),
    ratio: ratio.toFixed(2),
    target: `>= ${target}`,
    met: ratio >= target ? 'yes' : 'no',
  };
}

async function ask(url, seconds) {
  const { output } = await timed(process.execPath, [here('serve-ask.js'), url, String(seconds)], {
    cwd: root,
  });
  const result = JSON.parse(output.trim().split('\n').at(-1));
  if (result.bad > 0) throw new Error(`${result.bad} of the requests to ${url} failed`);
  return result;
}
