// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith, place } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';
import { withProject } from '../support/project.ts';

const test = suite('charts');

const columns = `columns:
  dia: { type: date }
  cidade: { type: text }
  receita: { type: 'numeric(14,2)' }
  pedidos: { type: integer }
  ativo: { type: boolean }`;
const select =
  "select current_date as dia, 'x' as cidade, 1.5 as receita, 1 as pedidos, true as ativo, 'more' as resto";

/** A model with these charts; its contract has a column of each kind. */
const model = (charts: string, contract = columns) => ({
  'models/gold/v.sql': `/*---\n${contract}\ncharts:\n${charts}\n---*/\nselect dia, cidade, receita, pedidos, ativo from (${select}) as v`,
});
const vega = (rest: string) => `  - { title: T, ${rest} }`;
const channel = (definition: string) => vega(`mark: bar, encoding: { x: ${definition} }`);
const transform = (one: string) =>
  vega(`mark: bar, encoding: { x: { field: cidade } }, transform: [ ${one} ]`);

/** What is wrong stands behind the mark ▸. */
const wrong: readonly [name: string, charts: string, message: RegExp, code?: string][] = [
  ['an unknown column', channel('{ ▸field: cidad }'), /no column "cidad".*Did you mean cidade/],
  [
    'an unknown column of a layer',
    vega('layer: [ { mark: bar, encoding: { y: { ▸field: receta } } } ]'),
    /receita/,
  ],
  [
    'an unknown column in a tooltip',
    channel('{ field: cidade }, tooltip: [ { field: dia }, { ▸field: x } ]'),
    /"x"/,
  ],
  ['an unknown mark', vega('▸mark: bars, encoding: { x: { field: cidade } }'), /"bars" is no mark.*bar/],
  [
    'an unknown mark with settings',
    vega('▸mark: { type: pie }, encoding: { x: { field: cidade } }'),
    /"pie"/,
  ],
  [
    'a chart without a mark',
    '  ▸- { title: T, encoding: { x: { field: cidade } } }'.replace('▸- ', '- ▸'),
    /needs a mark/,
  ],
  [
    'an unknown channel',
    vega('mark: bar, encoding: { ▸colour: { field: cidade } }'),
    /"colour" is no channel.*color/,
  ],
  ['a key that no channel has', channel('{ ▸feild: cidade, field: cidade }'), /"feild".*field/],
  ['a channel that is a text', vega('mark: bar, encoding: { ▸x: receita }'), /\{ field: receita \}/],
  ['a channel without a field', vega('mark: bar, encoding: { ▸x: { type: nominal } }'), /needs a field/],
  ['an unknown type', channel('{ field: cidade, ▸type: quantity }'), /"quantity" is no type.*quantitative/],
  ['an unknown aggregate', channel('{ field: receita, ▸aggregate: summe }'), /"summe".*sum/],
  ['an aggregate without a field', channel('{ ▸aggregate: sum }'), /needs a field/],
  ['a sum of texts', channel('{ aggregate: sum, ▸field: cidade }'), /column of texts.*count/],
  [
    'texts as quantities',
    channel('{ type: quantitative, ▸field: cidade }'),
    /column of texts, where numbers/,
  ],
  ['bins of texts', channel('{ bin: true, ▸field: cidade }'), /where numbers are needed/],
  ['bins of booleans', channel('{ bin: { maxbins: 9 }, ▸field: ativo }'), /true and false, where numbers/],
  ['a time axis of numbers', channel('{ type: temporal, ▸field: pedidos }'), /numbers, where dates.*Cast/],
  ['months of numbers', channel('{ timeUnit: month, ▸field: pedidos }'), /where dates or times are needed/],
  ['an unknown unit of time', channel('{ field: dia, ▸timeUnit: monthyear }'), /"monthyear".*yearmonth/],
  [
    'an unknown scale',
    channel('{ field: receita, scale: { ▸type: logarithm } }'),
    /"logarithm" is no scale.*log/,
  ],
  ['an unknown way to stack', channel('{ field: receita, ▸stack: percent }'), /"percent".*normalize/],
  ['an unknown order', channel('{ field: cidade, ▸sort: down }'), /"down" is no order/],
  [
    'an order by an unknown column',
    channel('{ field: cidade, sort: { ▸field: rceita, op: sum } }'),
    /receita/,
  ],
  [
    'an order by an unknown operation',
    channel('{ field: cidade, sort: { field: receita, ▸op: total } }'),
    /"total"/,
  ],
  [
    'a condition that names an unknown column',
    channel('{ field: cidade, condition: { ▸test: "datum.vendas > 3", value: red } }'),
    /"vendas"/,
  ],
  ['an unknown setting', vega('mark: bar, ▸widht: 3, encoding: {}'), /"widht".*width/, 'MDL1202'],
  ['data of its own', vega('▸data: { url: "https://evil.example/x.json" }, mark: bar'), /"data"/, 'MDL1202'],
  [
    'a schema',
    vega('▸$schema: "https://vega.github.io/schema/vega-lite/v5.json", mark: bar'),
    /schema/,
    'MDL1202',
  ],
  ['a look of its own', vega('▸config: { background: red }, mark: bar'), /"config"/, 'MDL1202'],
  ['data of a layer', vega('layer: [ { ▸data: { values: [] }, mark: bar } ]'), /"data"/],
  ['a look of a layer', vega('layer: [ { ▸config: {}, mark: bar } ]'), /"config"/],
  ['an unknown key of a layer', vega('layer: [ { ▸enconding: {}, mark: bar } ]'), /"enconding".*encoding/],
  ['a link', vega('mark: bar, encoding: { ▸href: { value: "https://evil.example" } }'), /"href"/],
  ['a link of a mark', vega('mark: { type: bar, ▸href: "https://evil.example" }, encoding: {}'), /"href"/],
  ['an image', vega('▸mark: image, encoding: {}'), /"image" is no mark/],
  [
    'an image of a mark',
    vega('mark: { type: point, ▸url: "https://evil.example/x.png" }, encoding: {}'),
    /"url"/,
  ],
  [
    'a pointer from elsewhere',
    vega('mark: { type: bar, ▸cursor: "url(https://evil.example/x.png), auto" }, encoding: {}'),
    /would load/,
  ],
  [
    'a lookup',
    transform('{ ▸lookup: cidade, from: { data: { url: x.json }, key: a } }'),
    /"lookup".*Join it/,
  ],
  ['an unknown transform', vega('mark: bar, transform: [ ▸{ group: cidade } ]'), /"group" is no transform/],
  ['a transform of an unknown column', transform('{ ▸fold: [receita, despesa] }'), /"despesa"/],
  [
    'a sum of texts in a transform',
    transform('{ aggregate: [ { op: sum, ▸field: cidade, as: n } ] }'),
    /numbers/,
  ],
  ['an unknown operation', transform('{ window: [ { ▸op: rang, as: n } ] }'), /"rang".*rank/],
  [
    'a group by an unknown column',
    transform('{ aggregate: [ { op: count, as: n } ], ▸groupby: [estado] }'),
    /"estado"/,
  ],
  [
    'an expression with an unknown column',
    transform(`{ ▸calculate: "datum['recieta'] * 2", as: x }`),
    /"recieta".*receita/,
  ],
  ['an expression that is none', transform('{ ▸filter: "datum.receita > (3" }'), /is no expression/],
  ['an expression that does something', transform('{ ▸calculate: "(() => 1)()", as: x }'), /=>/],
  [
    'an unknown function',
    transform('{ ▸calculate: "uper(datum.cidade)", as: x }'),
    /"uper" is no function of Vega.*upper/,
  ],
  ['a method', transform('{ ▸calculate: "datum.cidade.trim()", as: x }'), /no methods such as trim/],
  ['a function of JavaScript', transform('{ ▸calculate: "fetch(datum.cidade)", as: x }'), /"fetch"/],
  ['an assignment', transform('{ ▸calculate: "datum.receita = 1", as: x }'), /"="/],
  ['SQL as an expression', transform('{ ▸filter: "receita > 1; drop table pedidos" }'), /is no expression/],
  ['a selection of an unknown kind', vega('mark: bar, params: [ { name: a, ▸select: brush } ]'), /interval/],
  [
    'a control in another place',
    vega('mark: bar, params: [ { name: a, bind: { input: range, ▸element: "#app" } } ]'),
    /"element"/,
  ],
  ['a condition without an operator', vega('mark: bar, ▸where: ativo=true'), /Then write eq\.true/],
  [
    'a condition of an unknown column',
    vega('mark: bar, ▸where: [ ativo=is.true, estado=eq.SP ]'),
    /"estado"/,
  ],
  ['a condition of SQL', vega('mark: bar, ▸where: "receita > 0"'), /no condition of the API/],
  [
    'a condition among several',
    vega('mark: bar, ▸where: "or=(ativo.is.true,and(cidad.eq.x,receita.gt.1))"'),
    /"cidad"/,
  ],
  ['a condition without parentheses', vega('mark: bar, ▸where: or=ativo.is.true'), /parentheses/],
  ['a condition that is a limit', vega('mark: bar, ▸where: limit=3'), /"limit" is no condition/],
  ['rows by an unknown column', vega('mark: bar, ▸sort: receta.desc'), /receita/],
  ['rows by an unknown direction', vega('mark: bar, ▸sort: receita.nullslast.desc'), /no order/],
  ['an unknown kind', vega('▸kind: number, mark: bar'), /chart, kpi, table/, 'MDL1202'],
  ['a width that is none', vega('mark: bar, ▸width: 13'), /12/, 'MDL1202'],
  ['a width by an unknown name', vega('mark: bar, ▸width: wide'), /full/, 'MDL1202'],
  ['a page that can be no address', vega('mark: bar, ▸dashboard: a/b'), /letters/, 'MDL1202'],
  ['charts that are no list', '  ▸vendas: { mark: bar }'.replace('▸', ''), /charts/, 'MDL1202'],
  ['a chart that is a text', '  - bar', /charts\[0\]/, 'MDL1202'],
  ['a chart without a title', '  - { mark: bar }', /title/, 'MDL1202'],
  ['a number without a value', vega('kind: kpi'), /value/, 'MDL1202'],
  ['a number of nothing', vega('kind: kpi, ▸value: { aggregate: sum }'), /needs a field/, 'MDL1202'],
  [
    'an unknown key of a value',
    vega('kind: kpi, value: { field: receita, ▸pro: pedidos }'),
    /"pro".*per/,
    'MDL1202',
  ],
  ['a number of texts', vega('kind: kpi, ▸value: cidade'), /where numbers are needed/],
  ['a number by an unknown column', vega('kind: kpi, value: { field: receita, ▸per: itens }'), /"itens"/],
  ['periods of a text', vega('kind: kpi, value: receita, ▸time: cidade'), /where dates or times/],
  ['a format of nothing', vega('kind: kpi, value: receita, ▸format: euro'), /"euro" is no format/],
  ['a chart of a number', vega('kind: kpi, value: receita, ▸mark: bar'), /"mark"/, 'MDL1202'],
  ['a table with an unknown column', vega('kind: table, columns: [ cidade, ▸nome ]'), /"nome"/],
  ['a format of an unknown column', vega('kind: table, formats: { ▸nome: integer }'), /"nome"/],
];
for (const [name, marked, message, code = 'MDL1212'] of wrong)
  test(`${name} is ${code} at its place`, async () => {
    const files = model(marked.replace('▸', ''));
    const error = await failsWith(code, () => openFiles(files));
    const text = model(marked)['models/gold/v.sql'];
    if (marked.includes('▸')) {
      const before = text.slice(0, text.indexOf('▸')).split('\n');
      assert.is(
        place(error),
        `models/gold/v.sql:${before.length}:${before.at(-1)!.length + 1}`,
        error.message,
      );
    } else assert.match(place(error), /^models\/gold\/v\.sql:\d+:\d+$/);
    assert.match(`${error.message} ${error.hint}`, message);
  });

/** Not everything that looks odd is wrong. */
const right: readonly string[] = [
  channel('{ field: cidade, sort: -y }, y: { aggregate: count }'),
  channel('{ field: cidade, sort: { field: receita, op: sum, order: descending } }'),
  channel('{ field: cidade, sort: [b, a] }'),
  channel('{ field: receita, bin: true }, y: { aggregate: count }'),
  channel('{ field: cidade, aggregate: distinct, type: quantitative }'),
  channel('{ field: dia, timeUnit: { unit: yearmonth, step: 2 } }'),
  channel('{ field: dia, type: quantitative, timeUnit: month }'),
  channel(
    '{ datum: 3 }, color: { condition: { test: "datum.sum_receita > 3 && datum.cidade != \'a=b;\'", value: red }, value: grey }',
  ),
  transform(
    '{ calculate: "datum.receita / datum[\'pedidos\']", as: ticket }, { filter: { field: ticket, gt: 3 } }',
  ),
  transform('{ fold: [receita, pedidos] }').replace('field: cidade', 'field: key'),
  transform('{ pivot: cidade, value: receita, groupby: [dia] }').replace('field: cidade', 'field: Recife'),
  vega('mark: bar, title: { en: "<b>T</b> https://x.example", pt-BR: "url(x)" }').replace('title: T, ', ''),
  vega(
    'mark: bar, where: ["or=(cidade.in.(a,b.c),and(cidade.eq.\\"x),(\\",receita.not.gt.1))", "cidade=like(any).{a*,b*}", "cidade=not.in.(a,b)"]',
  ),
  vega('mark: bar, sort: "receita.desc.nullslast,dia", width: full'),
  vega(
    'layer: [ { mark: bar, encoding: { y: { field: receita } } }, { mark: rule, encoding: { y: { datum: 3 } } } ], resolve: { scale: { y: independent } }',
  ),
  vega('kind: kpi, value: { field: cidade, aggregate: count }, format: ",.1f"'),
];
test('charts of every kind compile', async () => {
  const { project } = await openFiles(model(right.join('\n')));
  assert.is(project.models[0]!.model.charts.length, right.length);
});

test('a model that makes no relation has no charts', async () => {
  const files = {
    'models/gold/v.sql': `/*---\nmaterialized: ephemeral\ncharts: [ { title: T, kind: table } ]\n---*/\n${select}`,
  };
  assert.match((await failsWith('MDL1212', () => openFiles(files))).message, /ephemeral/);
});

test('without a contract a chart is checked when its model is built, against the columns that there are', async () => {
  const chart = (field: string) => ({
    'medallion.config.ts': "export default { name: 'p', database: process.env.DATABASE_URL };",
    'models/gold/v.sql': `/*---\ncharts:\n  - { title: T, mark: bar, encoding: { x: { field: ${field} }, y: { aggregate: sum, field: pedidos } } }\n---*/\n${select}`,
  });
  await withProject(chart('cidad'), async (project) => {
    assert.is((await project.mdl('compile')).code, 0);
    const events = await project.events('build');
    const { error } = events.find(({ event }) => event === 'model.finished')!;
    assert.is(error.code, 'MDL1212');
    assert.equal(error.where, { file: 'models/gold/v.sql', line: 3, column: 45 });
    assert.match(error.message + error.hint, /no column "cidad".*cidade/);
    assert.is(events.at(-1)!.counts.published, 0);
    project.write('models/gold/v.sql', chart('cidade')['models/gold/v.sql']);
    assert.is((await project.mdl('build')).code, 0);
    const [kept] = await project.sql`select charts from medallion.relations where node = 'gold.v'`;
    assert.equal(kept!.charts[0].spec.encoding.x, { field: 'cidade' });
  });
});

test.run();
