// in one process
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loaded } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { workbook } from '../support/xlsx.ts';

const test = suite('files from servers');

interface Web {
  readonly url: string;
  /** How often each path was asked for, and with what. */
  readonly requests: readonly IncomingMessage[];
}

type Answer = (request: IncomingMessage, response: ServerResponse, asked: number) => void;

/** A web server that answers by path; each answer is told how often it was asked before. */
async function withWeb(
  pages: Readonly<Record<string, Answer>>,
  table: (url: string) => Readonly<Record<string, string>>,
  work: (project: TestProject, web: Web) => Promise<void>,
): Promise<void> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    const asked = requests.filter(({ url }) => url === request.url).length;
    requests.push(request);
    const answer = pages[path];
    if (answer) answer(request, response, asked);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await withProject({ 'medallion.config.ts': filesConfig(table(url)) }, (project) =>
      work(project, { url, requests }),
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const csv = (count: number) =>
  `id,v\n${Array.from({ length: count }, (_, i) => `${i},value ${i}\n`).join('')}`;
const whole =
  (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(200, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);

test('every format, packed or not; which address a row is from, without user, password and query', () =>
  withWeb(
    {
      '/a.csv': whole(csv(3)),
      '/b.json.gz': whole(gzipSync('[{"id":1},{"id":2}]'), { 'content-type': 'application/gzip' }),
      [encodeURI('/folha com espaço.xlsx')]: whole(workbook({ a: [['id'], [7]] })),
    },
    (url) => ({
      a: `'${url.replace('//', '//ana:s3cret@')}/a.csv?sig=t0ken'`,
      b: `['${url}/b.json.gz']`,
      c: `'${url}/folha com espaço.xlsx'`,
    }),
    async (project, { url, requests }) => {
      const { code, stdout, stderr } = await project.mdl('load');
      assert.is(code, 0, stdout);
      assert.equal(
        [...(await project.sql`select id, source_file from bronze.a order by id limit 1`)],
        [{ id: '0', source_file: `${url}/a.csv?***` }],
      );
      assert.is((await project.sql`select from bronze.b`).count, 2);
      assert.equal(
        [...(await project.sql`select id, source_file from bronze.c`)],
        [{ id: '7', source_file: `${url}/folha com espaço.xlsx` }],
      );
      const asked = requests.find(({ url: path }) => path === '/a.csv?sig=t0ken')!;
      assert.is(asked.headers.authorization, `Basic ${Buffer.from('ana:s3cret').toString('base64')}`);
      const told = await project.sql`select row_to_json(l)::text as text from medallion.loads l`;
      assert.not.match(stdout + stderr + JSON.stringify(told), /s3cret|t0ken/);
    },
  ));

test('a file that has not changed is neither sent nor loaded again; one that has is', () => {
  let body = csv(3);
  let version = 1;
  return withWeb(
    {
      '/a.csv': (request, response) => {
        if (request.headers['if-none-match'] === `"${version}"`) response.writeHead(304).end();
        else whole(body, { etag: `"${version}"` })(request, response, 0);
      },
    },
    (url) => ({ t: `'${url}/a.csv'` }),
    async (project, { requests }) => {
      assert.is((await loaded(project)).status, 'succeeded');
      assert.is((await loaded(project)).status, 'unchanged');
      assert.is(requests.length, 2);
      body = csv(5);
      version = 2;
      const result = await loaded(project);
      assert.equal([result.status, result.read], ['succeeded', 5]);
    },
  );
});

test('two tables of one address: it is asked for once in a run, and both have its rows', () =>
  withWeb(
    {
      '/a.csv': (_, response, asked) => {
        response.writeHead(200).write(csv(2000));
        setTimeout(
          () => response.end(asked === 0 ? '2000,last\n' : '2000,last\n2001,of another answer\n'),
          300,
        );
      },
    },
    (url) => ({ a: `'${url}/a.csv'`, b: `'${url}/a.csv'` }),
    async (project, { requests }) => {
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      assert.is(requests.length, 1);
      for (const table of ['a', 'b'])
        assert.is((await project.sql.unsafe(`select from bronze.${table}`)).count, 2001, table);
      assert.is((await project.mdl('load')).code, 0);
      assert.is(requests.length, 2, 'the next run asks again');
    },
  ));

test('two tables of one address: one that may take no longer does not stop the other', () =>
  withWeb(
    {
      '/a.csv': (_, response) => {
        response.writeHead(200).write(csv(2000));
        setTimeout(() => response.end(), 4000);
      },
    },
    (url) => ({ a: `'${url}/a.csv'`, b: `'${url}/a.csv'` }),
    async (project, { url, requests }) => {
      for (const [hasty, patient] of ['ab', 'ba']) {
        const config = filesConfig({ a: `'${url}/a.csv'`, b: `'${url}/a.csv'` });
        const from = `from: 's.${hasty}'`;
        project.write('medallion.config.ts', config.replace(from, `${from}, timeout: '1s'`));
        const asked = requests.length;
        const ends = (await project.events('load')).filter(({ event }) => event === 'load.finished');
        assert.is(ends[0]!.node, `bronze.${hasty}`, 'it does not wait for the other');
        const end = (name: string | undefined) => ends.find(({ node }) => node === `bronze.${name}`)!;
        assert.match(end(hasty).error.message, 'took longer than');
        assert.is(end(patient).read, 2000, JSON.stringify(end(patient).error));
        assert.is(requests.length, asked + 1);
      }
    },
  ));

test('a file that another process has put in place is not taken for the one that the server spoke of', () => {
  let version = 1;
  const page: Answer = (request, response) => {
    const etag = `"${version}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(`id,v\n${version},x\n`);
  };
  return withWeb(
    { '/a.csv': page },
    (url) => ({ a: `'${url}/a.csv'` }),
    async (project) => {
      assert.is((await loaded(project)).status, 'succeeded');
      const downloads = join(project.dir, '.medallion', 'cache', 'downloads');
      const file = join(downloads, readdirSync(downloads)[0]!, 'file');
      renameSync(file, `${file}.first`);
      version = 2;
      assert.is((await loaded(project)).status, 'succeeded');
      // The slower one of two: its file came last, what it knows of it first.
      renameSync(`${file}.first`, file);
      await loaded(project);
      assert.equal(
        (await project.sql`select id from bronze.a`).map(({ id }) => id),
        ['2'],
      );
      assert.is(readFileSync(file, 'utf8'), 'id,v\n2,x\n');
    },
  );
});

test('errors that pass, waits that are asked for, a body that is cut: in the end the whole file, none of it twice', () => {
  const text = csv(20_000);
  const half = Math.floor(text.length / 2);
  return withWeb(
    {
      '/busy.csv': (request, response, asked) =>
        asked === 0
          ? response.writeHead(429, { 'retry-after': '1' }).end()
          : asked === 1
            ? response.writeHead(503).end('<html>')
            : whole(text)(request, response, asked),
      '/cut.csv': (request, response, asked) => {
        if (asked === 0) {
          response.writeHead(200, { 'content-length': text.length, etag: '"x"' });
          response.write(text.slice(0, half), () => setTimeout(() => response.destroy(), 100));
        } else {
          const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
          assert.ok(from > 0 && request.headers['if-range'] === '"x"', 'only the rest is asked for');
          response
            .writeHead(206, { 'content-length': text.length - from, etag: '"x"' })
            .end(text.slice(from));
        }
      },
      '/other.csv': (request, response, asked) => {
        if (asked > 0) return whole(text)(request, response, asked);
        response.writeHead(200, { 'content-length': text.length + 5, etag: 'W/"weak"' });
        return response.write(`id,v\n${'x'.repeat(9999)}`, () => setTimeout(() => response.destroy(), 100));
      },
    },
    (url) => ({ busy: `'${url}/busy.csv'`, cut: `'${url}/cut.csv'`, other: `'${url}/other.csv'` }),
    async (project) => {
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      for (const table of ['busy', 'cut', 'other']) {
        const [row] = await project.sql.unsafe(
          `select count(*)::int as rows, sum(id::int)::int as sum, count(*) filter (where v = 'value ' || id)::int as whole from bronze.${table}`,
        );
        assert.equal({ ...row }, { rows: 20_000, sum: 199_990_000, whole: 20_000 }, table);
      }
    },
  );
});

test('the recipe in docs/sources.md, as it stands', () => {
  const page = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
  const recipe = /^### From a server\n[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(page)![1]!;
  return withWeb(
    {
      '/cambio.csv.gz': (request, response) =>
        request.headers.authorization === 'Bearer x'
          ? response.end(gzipSync('moeda,valor\nUSD,5.10\n'))
          : response.writeHead(401).end(),
    },
    () => ({ t: `'unused.csv'` }),
    async (project, { url }) => {
      project.write(
        'medallion.config.ts',
        recipe
          .replace('process.env.RATES_URL', `'${url}'`)
          .replace('process.env.RATES_TOKEN', `'Bearer x'`)
          .replace("name: 'loja',", "name: 'loja', database: process.env.DATABASE_URL,"),
      );
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      assert.equal(
        [...(await project.sql`select moeda, valor from bronze.cambio`)],
        [{ moeda: 'USD', valor: '5.10' }],
      );
    },
  );
});

test('what will not pass is told at once, with what to do and without secrets', () =>
  withWeb(
    {
      '/denied.csv': (_, response) => response.writeHead(403).end('no'),
      '/down.csv': (_, response) => response.writeHead(502).end(),
      '/page.parquet': whole('<html>'),
    },
    (url) => ({
      gone: `'${url}/nothing.csv?key=t0ken'`,
      denied: `{ path: '${url}/denied.csv', headers: { Authorization: 'Bearer t0ken' } }`,
      down: `{ path: '${url}/down.csv', giveUpAfter: 0.4 }`,
      page: `'${url}/page.parquet'`,
      nobody: `{ path: 'http://127.0.0.1:65431/x.csv', giveUpAfter: 0.1 }`,
      nowhere: `'http://host.invalid/x.csv'`,
      header: `{ path: '${url}/a.csv', headers: { authorization: process.env.NOT_SET } }`,
      odd: `{ path: '${url}/a.csv', headers: { authorization: 't0ken\\n' } }`,
    }),
    async (project) => {
      const events = await project.events('load');
      const error = (name: string) =>
        events.find((event) => event.event === 'load.finished' && event.node === `bronze.${name}`)!.error;
      for (const [name, code, message] of [
        ['gone', 'MDL3001', /There is no file at http:.*\/nothing\.csv\?\*\*\* \(status 404 Not Found\)/],
        ['denied', 'MDL3002', /status 403 Forbidden/],
        ['down', 'MDL3022', /got no good answer in \d attempts?; the last one: status 502/],
        ['page', 'MDL3009', /no Parquet file/],
        ['nobody', 'MDL3022', /ECONNREFUSED/],
        ['nowhere', 'MDL3002', /ENOTFOUND|host\.invalid/],
        ['header', 'MDL1003', /the header authorization is empty: is the environment variable set/],
        ['odd', 'MDL1003', /the header authorization holds characters/],
      ] as const) {
        assert.is(error(name)?.code, code, `${name}: ${JSON.stringify(error(name))}`);
        assert.match(error(name).message, message);
      }
      assert.match(error('denied').hint, 'headers');
      assert.not.match(JSON.stringify(events), 't0ken');
    },
  ));

test.run();
