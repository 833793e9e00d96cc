// in one process
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { demoProject } from '../support/demo.ts';
import { residentMemory } from '../support/memory.ts';

const test = suite('serve under load');
const seconds = Number(process.env.MDL_LOAD_SECONDS ?? 4);

/** Every row tells by which publish it came. */
const versao = `/*---
primary_key: mes
columns:
  mes: { type: date }
  receita: { type: 'numeric(14,2)' }
  publicacao: { type: integer }
---*/
select mes, receita, {{var "publicacao" 0}} as publicacao from {{ref "gold.vendas_por_mes"}}
`;

test('200 connections while gold is published each second: no error, nothing older than the last publish, memory flat', async () => {
  const project = await demoProject({ 'models/gold/versao.sql': versao }, Number.POSITIVE_INFINITY);
  try {
    const built = await project.mdl('build');
    assert.is(built.code, 0, built.stderr + built.stdout);
    await withApi(project, async (api) => {
      let published = 0;
      let isOver = false;
      const publishing = (async () => {
        while (!isOver) {
          const next = published + 1;
          const started = performance.now();
          const { code, stderr, stdout } = await project.mdl(
            'run',
            '--select',
            'gold.versao',
            '--vars',
            `publicacao=${next}`,
          );
          assert.is(code, 0, stderr + stdout);
          published = next;
          await sleep(Math.max(0, 1000 - (performance.now() - started)));
        }
      })();
      const trouble: string[] = [];
      const asked = (path: string) => ({
        setupRequest: (request: object, context: Record<string, unknown>) => {
          context.atLeast = published;
          return { ...request, path };
        },
        onResponse: (status: number, body: string, context: Record<string, unknown>) => {
          if (status !== 200) {
            trouble.push(`${path}: ${status} ${body}`);
            return;
          }
          const rows = JSON.parse(body) as { publicacao: number }[];
          const [version, ...others] = new Set(rows.map(({ publicacao }) => publicacao));
          if (rows.length !== 36 || others.length > 0 || version! < (context.atLeast as number))
            trouble.push(`${path}: ${rows.length} rows of ${version} ${others}, after ${context.atLeast}`);
        },
      });
      const memory = residentMemory(api.pid);
      const load = () =>
        autocannon({
          url: api.url,
          connections: 200,
          duration: seconds,
          requests: [asked('/versao'), asked('/versao?select=publicacao&receita=gt.0&order=mes.desc')],
        });
      let result = await load();
      // However slow the machine is, some publishes fall into the load.
      while (published < seconds / 2) result = await load();
      const samples = memory.stop();
      isOver = true;
      await publishing;
      assert.equal(trouble.slice(0, 3), []);
      assert.equal([result.non2xx, result.errors, result.timeouts], [0, 0, 0]);
      assert.ok(result.requests.total > 100 * seconds, `${result.requests.total} requests`);
      const quarter = Math.ceil(samples.length / 4);
      const warm = Math.max(...samples.slice(quarter, 2 * quarter));
      const end = Math.max(...samples.slice(-quarter));
      assert.ok(end < warm * 1.25 + 20, `the server's memory grew from ${warm} to ${end} MiB`);
      console.log(
        `measured: ${result.requests.total} requests in ${seconds} s over 200 connections, p99 ${result.latency.p99} ms, ${published} publishes meanwhile, ${Math.round(warm)} MiB warm, ${Math.round(end)} MiB at the end`,
      );
    });
  } finally {
    await project.close();
  }
});

test.run();
