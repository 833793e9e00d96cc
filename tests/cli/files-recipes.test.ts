// in one process
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parquetFile } from '../support/parquet.ts';
import { withProject } from '../support/project.ts';
import { vegaFile } from '../support/vega.ts';
import { workbook } from '../support/xlsx.ts';

/** The recipes for files in docs/sources.md, run as they stand. */
const test = suite('recipes for files');
const page = readFileSync(fileURLToPath(new URL('../../docs/sources.md', import.meta.url)), 'utf8');
const section = page.slice(page.indexOf('\n## CSV\n'), page.indexOf('\n## Postgres\n'));
const recipes = [...section.matchAll(/^```ts(?: \S+)?\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

/** By a word of the recipe: the files that it speaks of, and the rows that its tables get. */
const kitchens: readonly [
  word: string,
  files: () => Record<string, string | Buffer>,
  rows: Record<string, number>,
][] = [
  [
    'csv({',
    () => ({
      'seeds/clientes.csv': 'id;nome\n1;Ana\n',
      'seeds/produtos.csv': 'id;nome\n',
      'seeds/pedidos.csv': 'id_pedido;valor\n1;5,00\n2;6,00\n2;7,00\nbroken\n',
    }),
    { clientes: 1, produtos: 0, pedidos: 2 },
  ],
  [
    'exports/**/*.jsonl.gz',
    () => ({
      'data/flights-200k.json': readFileSync(vegaFile('flights-200k.json')),
      'exports/2024/01.jsonl.gz': gzipSync('{"id":1}\n{"id":2}\n'),
      'exports/2024/02.jsonl.gz': gzipSync('{"id":2}\n{"id":3}\n'),
      'exports/clientes-1.csv': 'id;nome\n1;a,b\n',
      'exports/clientes-2.csv': 'id;nome\n2;c\n3;d\n',
    }),
    { flights: 200_000, visits: 3, clients: 3 },
  ],
  [
    'flights-*.parquet',
    () => ({
      'data/flights-1.parquet': parquetFile([
        { name: 'date', type: 'INT32', converted: 6, values: [0, 1] },
        { name: 'delay', type: 'INT64', values: [5n, null] },
        { name: 'origin', type: 'BYTE_ARRAY', converted: 0, values: ['REC', 'GRU'] },
        { name: 'other', type: 'BOOLEAN', values: [true, false] },
      ]),
    }),
    { flights: 2 },
  ],
  [
    'metas-*.xlsx',
    () => ({
      'planilhas/metas-2024.xlsx': workbook({
        Capa: [['x']],
        Metas: [
          ['mes', 'meta'],
          ['01', 100],
        ],
      }),
      'planilhas/metas-2025.xlsx': workbook({
        Metas: [
          ['mes', 'meta'],
          ['01', 120],
          ['02', 130],
        ],
      }),
    }),
    { metas: 3 },
  ],
];

// The recipe for a server is tested with servers.
test('there is a kitchen for each recipe', () =>
  assert.is(recipes.filter((recipe) => !recipe.includes('RATES_URL')).length, kitchens.length));

for (const [word, files, expected] of kitchens) {
  test(`the recipe with ${word}`, async () => {
    const recipe = recipes.find((text) => text.includes(word));
    assert.ok(recipe, `no recipe has ${word}`);
    await withProject(
      {
        ...files(),
        'medallion.config.ts': recipe!.replace(
          `name: 'loja',`,
          `name: 'loja', database: process.env.DATABASE_URL,`,
        ),
      },
      async (project) => {
        const { code, stdout, stderr } = await project.mdl('load');
        assert.is(code, 0, stdout + stderr);
        for (const [table, rows] of Object.entries(expected)) {
          const [found] = await project.sql.unsafe(
            `select count(*)::int as rows, count(to_jsonb(t) ->> 'source_file')::int as files from bronze.${table} t`,
          );
          assert.equal({ ...found }, { rows, files: word === 'csv({' ? 0 : rows }, table);
        }
      },
    );
  });
}

test.run();
