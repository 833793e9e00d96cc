// in one process
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withProject } from '../support/project.ts';

const test = suite('a source of your own');

test('the example in docs/sources.md reads a paged JSON API, as it stands', async () => {
  const page = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
  const example = /^## A source of your own\n[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(page)![1]!;
  const all = Array.from({ length: 2500 }, (_, i) => ({ id: i + 1, name: `n${i}`, more: { i } }));
  const api = createServer((request, response) => {
    const url = new URL(request.url!, 'http://api');
    const after = Number(url.searchParams.get('after') ?? 0);
    const rows = url.pathname === '/orders' ? all : all.slice(0, 3);
    if (request.headers.authorization !== 'Bearer t0ken') response.writeHead(401).end();
    else
      response.end(
        JSON.stringify(rows.filter(({ id }) => id > after).slice(0, Number(url.searchParams.get('limit')))),
      );
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  try {
    await withProject(
      {
        'medallion.config.ts': example
          .replace('https://api.example.com', `http://127.0.0.1:${(api.address() as AddressInfo).port}`)
          .replace(/\$\{process\.env\.SHOP_TOKEN\}/, 't0ken')
          .replace("name: 'shop',", "name: 'shop', database: process.env.DATABASE_URL,"),
      },
      async (project) => {
        const { code, stdout } = await project.mdl('load');
        assert.is(code, 0, stdout);
        const [row] = await project.sql`
          select (select count(*)::int from bronze.customers) as customers, count(*)::int as orders, count(distinct id)::int as ids, min(more) as more from bronze.orders`;
        assert.equal({ ...row }, { customers: 3, orders: 2500, ids: 2500, more: '{"i":0}' });
      },
    );
  } finally {
    api.closeAllConnections();
    api.close();
  }
});

test.run();
