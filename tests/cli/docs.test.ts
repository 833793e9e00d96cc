// in one process
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hookNames } from '../../dist/build/hooks/parse.js';
import { knownHookKeys } from '../../dist/config/hooks-schema.js';
import { knownNotifyKeys } from '../../dist/config/notify-schema.js';
import { configSchema } from '../../dist/config/schema.js';
import { knownServeKeys } from '../../dist/config/serve-schema.js';
import { knownModelKeys, modelSchema, singularTestSchema } from '../../dist/project/model-schema.js';
import { builtInHelpers, contextNames } from '../../dist/project/render.js';
import { dataTests } from '../../dist/tests/registry.js';
import { demoProject } from '../support/demo.ts';
import type { TestProject } from '../support/project.ts';

/** What the code knows is what the pages name; what the pages link to is there; what they show works. */
const test = suite('documentation');
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  'README.pt-BR.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
let project: TestProject;

test.before(async () => {
  project = await demoProject({});
});
test.after(() => project.close());

interface Block {
  /** `sql models/silver/x.sql` */
  readonly info: string;
  readonly text: string;
}

/** A page taken apart: its fenced blocks, and the rest. */
function takeApart(path: string): { blocks: Block[]; prose: string } {
  const blocks: Block[] = [];
  const prose = read(path).replace(
    /^```([^\n]*)\n([\s\S]*?)^```$/gm,
    (_, info: string, text: string) => `[block ${blocks.push({ info, text })}]`,
  );
  return { blocks, prose };
}

interface Heading {
  readonly level: number;
  readonly slug: string;
  /** From this heading to the next. */
  readonly section: string;
}

/** Headings with the anchors that GitHub gives them. */
function headingsOf(path: string): Heading[] {
  const { prose } = takeApart(path);
  const found = [...prose.matchAll(/^(#+) (.+)$/gm)];
  const seen = new Map<string, number>();
  return found.map((match, i) => {
    const level = match[1]!.length;
    const end = found[i + 1]?.index ?? prose.length;
    const plain = match[2]!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return { level, slug: times === 0 ? slug : `${slug}-${times}`, section: prose.slice(match.index, end) };
  });
}

function linksOf(path: string): string[] {
  return [...takeApart(path).prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
}

function section(path: string, slug: string): string {
  const heading = headingsOf(path).find((candidate) => candidate.slug === slug);
  assert.ok(heading, `${path} has no heading #${slug}`);
  return heading!.section;
}

/** The names in backquotes at the beginning of a table's rows; a cell may name several. */
function tableNames(text: string): string[] {
  return [...text.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  );
}

function requireNames(what: string, known: readonly string[], text: string): void {
  assert.ok(known.length > 0, `nothing is known of ${what}`);
  const named = tableNames(text);
  for (const name of known) assert.ok(named.includes(name), `${what}: \`${name}\` is in no table`);
}

/** Names that stand in source text, for what exists as a type or inside a module only. */
function namesIn(path: string, from: RegExp, each: RegExp): string[] {
  const body = from.exec(read(path))?.[1];
  assert.ok(body, `${path} has no ${from}`);
  return [...body!.matchAll(each)].map((match) => match[1]!);
}

test('docs/models.md names every front matter key', () => {
  requireNames('front matter', Object.keys(modelSchema.shape), section('docs/models.md', 'front-matter'));
  requireNames('a column', knownModelKeys(['columns']), section('docs/models.md', 'columns'));
  const contract = section('docs/models.md', 'keys-checks-and-indexes');
  // The first cell of a part's later rows is empty: the key is in the second one.
  const keys = [...contract.matchAll(/^\|[^|]*\| `(\w+)` \|/gm)].map((match) => match[1]!);
  for (const part of ['foreign_keys', 'checks', 'indexes'])
    for (const key of knownModelKeys([part])) assert.ok(keys.includes(key), `${part}: ${key} is not there`);
  requireNames('a chart', knownModelKeys(['charts']), read('docs/dashboard.md'));
  for (const key of knownModelKeys(['grants'])) assert.match(contract + read('docs/models.md'), `\`${key}\``);
});

test('docs/config.md and docs/loading.md name every setting', () => {
  const shapes = configSchema.shape;
  requireNames('the configuration', Object.keys(shapes), section('docs/config.md', 'configuration'));
  const tables = Object.keys(shapes.bronze.unwrap().valueType.shape);
  requireNames('a bronze table', tables, section('docs/config.md', 'a-bronze-table'));
  const layers = Object.keys(shapes.layers.unwrap().valueType.shape);
  requireNames('a layer', layers, section('docs/config.md', 'a-layer'));
  const dashboards = Object.keys(shapes.dashboards.unwrap().valueType.shape);
  requireNames('a dashboard', dashboards, section('docs/dashboard.md', 'pages'));
  requireNames('serve', knownServeKeys([]), section('docs/serve.md', 'settings'));
  for (const key of Object.keys(shapes.targets.unwrap().valueType.shape))
    assert.match(read('docs/config.md'), new RegExp(`^\\| \`targets\` .*\\b${key}\\b`, 'm'));
  for (const key of Object.keys(shapes.postgrest.unwrap().shape))
    assert.match(read('docs/config.md'), new RegExp(`^\\| \`postgrest\` .*\\b${key}\\b`, 'm'));
  const options = [
    ...namesIn('cli/sources/csv/open.ts', /interface CsvFormat \{([\s\S]*?)\n\}/, /^ {2}readonly (\w+)/gm),
    ...namesIn(
      'cli/sources/csv/index.ts',
      /interface CsvOptions[^{]*\{([\s\S]*?)\n\}/,
      /^ {2}readonly (\w+)/gm,
    ),
  ];
  requireNames('csv({ ... })', options, section('docs/loading.md', 'what-is-found-out-from-a-csv-file'));
  const tableOfFiles = namesIn(
    'cli/sources/files/options.ts',
    /interface FileTable [^{]*\{([\s\S]*?)\n\}/,
    /^ {2}readonly (\w+)/gm,
  );
  requireNames('files({ ... })', tableOfFiles, section('docs/sources.md', 'files'));
});

test('docs/hooks.md and docs/notifications.md name every setting, and what templates are given', () => {
  const hooks = section('docs/hooks.md', 'hooks');
  requireNames('hooks', knownHookKeys([]), hooks);
  for (const key of knownHookKeys(['on_run_end'])) assert.match(hooks, new RegExp(`\\b${key}\\b`), key);
  const given = tableNames(section('docs/hooks.md', 'sql')).join(' ');
  for (const name of hookNames) assert.match(given, new RegExp(`\\b${name}\\b`), name);
  const context = namesIn(
    'cli/config/define-hooks.ts',
    /interface HookContext \{([\s\S]*?)\n\}/,
    /^ {2}(?:readonly )?(\w+)/gm,
  );
  const functions = tableNames(section('docs/hooks.md', 'functions')).join(' ');
  for (const name of context) assert.match(functions, new RegExp(`\\b${name}\\b`), name);
  const page = 'docs/notifications.md';
  requireNames('notify', knownNotifyKeys(['ops']), section(page, 'notifications'));
  for (const kind of ['webhook', 'email'])
    for (const key of knownNotifyKeys(['ops', kind]))
      assert.match(section(page, 'notifications'), new RegExp(`^\\| \`${kind}\` .*\\b${key}\\b`, 'm'), key);
  const shape = namesIn(
    'cli/notify/webhook.ts',
    /interface WebhookBody \{([\s\S]*?)\n\}/,
    /^ {2,4}readonly (\w+)/gm,
  );
  const { text } = takeApart(page).blocks.find(({ info }) => info === 'json5')!;
  for (const key of shape) assert.match(text, `"${key}"`);
});

test('docs/tests.md names every built-in test, every option and every key of a singular test', () => {
  requireNames('built-in tests', Object.keys(dataTests), section('docs/tests.md', 'built-in'));
  const options = namesIn(
    'cli/project/parse-model.ts',
    /const testOptions = new Set\(\[(.*?)\]\)/,
    /'(\w+)'/g,
  );
  requireNames('options', options, section('docs/tests.md', 'options'));
  const singular = section('docs/tests.md', 'singular-tests');
  requireNames('a singular test', Object.keys(singularTestSchema.shape), singular);
});

test('docs/macros.md names every helper', () => {
  const named = tableNames(section('docs/macros.md', 'built-in-helpers')).join(' ');
  for (const name of [...builtInHelpers, ...contextNames])
    assert.match(named, new RegExp(`\\{\\{#?${name}\\b`), name);
});

const helps = new Map<string, Promise<string>>();

/** The text of `--help`, asked for once. */
function helpOf(command: string): Promise<string> {
  const asked = helps.get(command) ?? project.mdl(command, '--help').then(({ stdout }) => stdout);
  helps.set(command, asked);
  return asked;
}

async function flagsOf(command: string): Promise<string[]> {
  const help = await helpOf(command);
  const options = help.slice(help.indexOf('\nOptions:'), help.indexOf('\nExamples:') >>> 0);
  return [...options.matchAll(/^ {2,6}(?:-\w, )?(--[a-z-]+(?:, --[a-z-]+)*)/gm)].flatMap((match) =>
    match[1]!.split(', '),
  );
}

test('docs/commands.md names every command and flag, and none that does not exist', async () => {
  const page = 'docs/commands.md';
  const { stdout } = await project.mdl('--help');
  const commands = [...stdout.matchAll(/^ {2}mdl (\w+)/gm)].map((match) => match[1]!);
  assert.ok(commands.length > 10, stdout);
  requireNames('commands', commands, section(page, 'commands'));
  for (const command of commands) {
    const help = await helpOf(command);
    const own = section(page, `mdl-${command}`);
    const shared = [...own.matchAll(/\]\(#([\w-]+)\)/g)]
      .filter(([, slug]) => slug!.endsWith('-flags'))
      .map(([, slug]) => section(page, slug!));
    const named = tableNames([own, ...shared].join('\n')).filter((name) => name.startsWith('--'));
    const flags = (await flagsOf(command)).filter(
      (flag) => flag !== '--version' && (flag !== '--help' || shared.length),
    );
    for (const flag of flags) {
      assert.ok(
        named.includes(flag),
        `mdl ${command} ${flag} is not in its section, nor in one that it links to`,
      );
    }
    for (const flag of named) assert.ok(flags.includes(flag), `mdl ${command} has no ${flag}`);
    for (const choices of help.matchAll(/choices: ([^\]]*)\]/g))
      for (const [, choice] of choices[1]!.matchAll(/"(\w+)"/g)) assert.match(own, choice!, `mdl ${command}`);
    assert.match(own, /\[block \d+\]/, `mdl ${command} has no example`);
  }
});

test('every command line that a page shows is one', async () => {
  const { stdout } = await project.mdl('--help');
  let shown = 0;
  for (const path of pages) {
    for (const [, command, rest] of read(path).matchAll(/(?:npx |\$ |`)mdl ([a-z]+)([^\n`#]*)/g)) {
      assert.match(stdout, new RegExp(`^ {2}mdl ${command}\\b`, 'm'), `${path}: mdl ${command}`);
      const own = rest!.split(/ -- |&&|;/)[0]!;
      for (const [flag] of own.matchAll(/(?<= )--[a-z-]+/g))
        assert.ok((await flagsOf(command!)).includes(flag), `${path}: mdl ${command} ${flag}`);
      shown++;
    }
  }
  assert.ok(shown > 50, String(shown));
});

test('docs/commands.md names every event, table, selection method and exit code', () => {
  const page = 'docs/commands.md';
  const events = namesIn('cli/events/events.ts', /export type Event =([\s\S]*?);\n\n/, /event: '([a-z.]+)'/g);
  requireNames('events', events, section(page, '--json'));
  const tables = [
    ...readdirSync(join(root, 'cli/database/migrations'))
      .map((file) => read(`cli/database/migrations/${file}`))
      .join('\n')
      .matchAll(/create table (medallion\.\w+)/g),
  ].map((match) => match[1]!);
  requireNames('tables', tables, section(page, 'the-schema-medallion'));
  const methods = namesIn('cli/graph/select.ts', /const methods[^{]*\{([\s\S]*?)\n\};/, /^ {2}(\w+):/gm);
  requireNames(
    'methods',
    methods.map((name) => `${name}:`),
    section(page, 'selection'),
  );
  const codes = new Set(['0', ...Object.values(errorCodes).map(({ exit }) => String(exit))]);
  const documented = [...section(page, 'exit-codes').matchAll(/^\| (\d+) \|/gm)].map((match) => match[1]!);
  assert.equal(documented.sort(), [...codes].sort());
});

test('the lines of --json are as the engine writes them', async () => {
  const shown = takeApart('docs/commands.md')
    .blocks.filter(({ info }) => info === 'json')
    .map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  const events = await project.events('load');
  for (const example of shown) {
    const keys = events
      .filter(({ event }) => event === example.event)
      .map((real) => Object.keys(real).sort());
    const own = Object.keys(example).sort();
    assert.ok(
      keys.some((real) => real.join() === own.join()),
      `${example.event} has ${own}, not ${JSON.stringify(keys)}`,
    );
  }
  assert.is(shown.at(-1)!.event, events.at(-1)!.event);
});

test('every error code that a page names exists', () => {
  for (const path of pages)
    for (const [code] of read(path).matchAll(/MDL\d+/g))
      assert.ok(Object.hasOwn(errorCodes, code), `${path}: ${code}`);
});

test('every relative link resolves, with its anchor', () => {
  for (const path of pages) {
    for (const link of linksOf(path)) {
      if (/^https?:/.test(link)) continue;
      const [file, anchor] = link.split('#') as [string, string?];
      const target = file === '' ? path : join(dirname(path), file);
      assert.ok(existsSync(join(root, target)), `${path}: ${link}`);
      if (anchor !== undefined)
        assert.ok(
          headingsOf(target).some(({ slug }) => slug === anchor),
          `${path}: ${link} has no such heading`,
        );
    }
  }
});

/** A block without what is translated: comments of shell lines, and the labels of a diagram. */
function untranslated({ info, text }: Block): string {
  const stripped = info === 'mermaid' ? text.replace(/"[^"]*"|\|[^|]*\|/g, '""') : text;
  return `${info}\n${info === 'sh' ? stripped.replace(/ +# .*$/gm, '') : stripped}`;
}

test('README.pt-BR.md follows README.md: headings, code blocks, links', () => {
  const [english, portuguese] = ['README.md', 'README.pt-BR.md'] as const;
  const levels = (path: string) => headingsOf(path).map(({ level }) => level);
  assert.equal(levels(portuguese), levels(english));
  const blocks = (path: string) => takeApart(path).blocks.map(untranslated);
  assert.equal(blocks(portuguese), blocks(english));
  const links = (path: string) => linksOf(path).filter((link) => !link.startsWith('README'));
  assert.equal(links(portuguese), links(english));
  assert.ok(linksOf(english).includes(portuguese) && linksOf(portuguese).includes(english));
});

test('no page names a machine or promises what is to be done', () => {
  for (const path of pages)
    assert.not.match(
      read(path),
      /\/(?:tmp\/\w+|work|home\/\w+|root)\/|localhost:\d|\bTODO\b|\bFIXME\b/,
      path,
    );
});

/** The file that a block is, by its info string. */
const fileOf = ({ info }: Block) => /^\w+ (\S+\.\w+)$/.exec(info)?.[1];

test('whole files have a name; those of this repository are shown as they are', () => {
  let excerpts = 0;
  for (const path of pages) {
    for (const block of takeApart(path).blocks) {
      const file = fileOf(block);
      const isWhole = /^\/\*---|^import \{[^}]*\b(defineMacro|csv)\b/m.test(block.text);
      assert.ok(file !== undefined || !isWhole, `${path}: a block without a file name:\n${block.text}`);
      if (file === undefined || file === 'medallion.config.ts' || !existsSync(join(root, file))) continue;
      assert.ok(read(file).includes(block.text.trimEnd()), `${path}: ${file} reads otherwise`);
      excerpts++;
    }
  }
  assert.ok(excerpts >= 5, String(excerpts));
});

test('the files that pages show build in the demo project', async () => {
  for (const path of pages) {
    const files = takeApart(path).blocks.flatMap((block) => {
      const file = fileOf(block);
      return file !== undefined && (file === 'medallion.config.ts' || !existsSync(join(root, file)))
        ? [[file, block.text] as const]
        : [];
    });
    if (files.length === 0) continue;
    const own = await demoProject(Object.fromEntries(files));
    try {
      const compiled = await own.mdl('compile');
      assert.is(compiled.code, 0, `${path}: ${compiled.stdout}${compiled.stderr}`);
      const events = await own.events('build');
      // With so few rows some tests of the demo fail; none may be unable to run, and every model must be what its contract says.
      const errors = events.flatMap(({ error, tests = [], results = [] }) => [
        ...(error ? [error] : []),
        ...[...tests, ...results].flatMap((result: any) => (result.error ? [result.error] : [])),
      ]);
      assert.equal(errors, [], path);
      const built = events.filter(({ event }) => event === 'model.finished').map(({ node }) => node);
      for (const [file] of files) {
        const [, layer, name] = /^models\/(\w+)\/(\w+)\.sql$/.exec(file) ?? [];
        if (name) assert.ok(built.includes(`${layer}.${name}`), `${path}: ${file} was not built`);
      }
    } finally {
      await own.close();
    }
  }
});

test.run();
