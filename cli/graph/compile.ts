import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { MedallionError, type Where } from '../errors/index.js';
import type { NodeName } from '../project/model.js';
import type { Project } from '../project/read.js';
import type { RenderScope } from '../project/render.js';
import { locate } from '../project/source-spans.js';
import type { Template } from '../project/template.js';
import type { Graph } from './node.js';
import { firstKeyword, innerSemicolon, stripTrailing } from './sql-text.js';

/** An ephemeral model that a query reads: a common table expression in front of it. */
export interface InlinedModel {
  readonly node: NodeName;
  readonly alias: string;
  readonly sql: string;
}

/** A template rendered to one select statement, without the final semicolon. */
export interface CompiledQuery {
  readonly sql: string;
  /** In the order in which they must stand. */
  readonly inlined: readonly InlinedModel[];
  /** Where an offset of `sql` (UTF-16 units, from 0) comes from in the template or a macro file. */
  locate(offset: number): Where | undefined;
}

/** What an incremental model is rendered for. */
export interface Rendering {
  /** The published relation that it is built on top of; undefined: nothing. */
  readonly top?: Relation | undefined;
  /** Literals, quoted: what `{{from}}` and `{{to}}` are. Default: since ever, for ever. */
  readonly interval?: { readonly from: string; readonly to: string } | undefined;
}

const always = { from: "'-infinity'", to: "'infinity'" };

/** Renders the templates of one project; `relationOf` decides whether a name means the staged or the published relation. */
export interface Compiler {
  /**
   * @param on how an incremental model is built; default: all of it
   * @throws MedallionError MDL1205, MDL1206, MDL1208
   */
  model(name: NodeName, on?: Rendering): CompiledQuery;
  /** A singular test, or any other query with references. */
  query(template: Template, extra?: Readonly<Record<string, unknown>>): CompiledQuery;
  /** A condition that belongs to a model. */
  condition(name: NodeName, template: Template): string;
}

export function createCompiler(
  project: Project,
  graph: Graph,
  relationOf: (name: NodeName) => Relation,
): Compiler {
  const { options, renderer } = project;

  /** A scope that notes which ephemeral models the template reads. */
  const scopeFor = (
    thisRelation: string,
    ephemeral: Set<NodeName>,
    { extra, isIncremental = false }: Pick<Partial<RenderScope>, 'extra' | 'isIncremental'> = {},
  ): RenderScope => ({
    thisRelation,
    isIncremental,
    resolve(helper, name) {
      const node = graph.nodes.get(graph.resolve(helper, name))!;
      if (!isEphemeral(graph, node.name)) return quoteRelation(relationOf(node.name));
      ephemeral.add(node.name);
      return quoteIdentifier(ephemeralAlias(node.name));
    },
    vars: options.vars,
    env: process.env,
    target: { name: options.target },
    ...(extra && { extra }),
  });

  const compile = (
    template: Template,
    thisRelation: string,
    more: Pick<Partial<RenderScope>, 'extra' | 'isIncremental'>,
  ): CompiledQuery => {
    const ephemeral = new Set<NodeName>();
    const scope = scopeFor(thisRelation, ephemeral, more);
    const rendered = renderer.render(template, scope);
    const sql = stripTrailing(rendered).trimStart();
    const cut = rendered.length - rendered.trimStart().length;
    const where = (offset: number) => locate(renderer.renderSpans(template, scope), offset + cut);
    requireOneSelect(sql, template.file, where);
    return { sql, inlined: inline(ephemeral), locate: where };
  };

  const inline = (direct: ReadonlySet<NodeName>): InlinedModel[] => {
    const inlined = new Map<NodeName, InlinedModel>();
    for (const node of direct) {
      const query = compiler.model(node);
      for (const deeper of query.inlined) inlined.set(deeper.node, deeper);
      inlined.set(node, { node, alias: ephemeralAlias(node), sql: query.sql });
    }
    return [...inlined.values()];
  };

  const compiler: Compiler = {
    model(name, { top, interval = always } = {}) {
      const node = graph.nodes.get(name);
      if (node?.kind !== 'model') throw new MedallionError('MDL9001', { message: `${name} is not a model.` });
      const isFilledByTime = node.parsed.model.incremental?.strategy === 'time_range';
      return compile(node.parsed.template, quoteRelation(top ?? relationOf(name)), {
        isIncremental: top !== undefined,
        ...(isFilledByTime && { extra: interval }),
      });
    },
    condition: (name, template) =>
      renderer.render(template, scopeFor(quoteRelation(relationOf(name)), new Set())).trim(),
    query: (template, extra) => compile(template, '', { ...(extra && { extra }) }),
  };
  return compiler;
}

export function isEphemeral(graph: Graph, name: NodeName): boolean {
  const node = graph.nodes.get(name);
  return node?.kind === 'model' && node.parsed.model.materialized === 'ephemeral';
}

export function hasRelation(graph: Graph, name: NodeName): boolean {
  return graph.nodes.get(name)!.kind !== 'test' && !isEphemeral(graph, name);
}

function ephemeralAlias(name: NodeName): string {
  return `mdl__${name.replace('.', '__')}`;
}

function requireOneSelect(sql: string, file: string, where: (offset: number) => Where | undefined): void {
  const keyword = firstKeyword(sql);
  if (keyword === undefined)
    throw new MedallionError('MDL1208', { message: `${file} holds no SQL.`, where: { file } });
  if (!['select', 'with', 'values', 'table', '('].includes(keyword)) {
    throw new MedallionError('MDL1208', {
      message: `${file} begins with "${keyword}", not with select.`,
      where: where(0) ?? { file },
    });
  }
  const semicolon = innerSemicolon(sql);
  if (semicolon !== undefined)
    throw new MedallionError('MDL1208', {
      message: `${file} holds more than one statement.`,
      where: where(semicolon) ?? { file },
    });
}

/** `with a as (...), b as (...)` for the ephemeral models of a query; empty without any. */
export function withClause(inlined: readonly InlinedModel[]): string {
  if (inlined.length === 0) return '';
  return `with ${inlined.map(({ alias, sql }) => `${quoteIdentifier(alias)} as (\n${sql}\n)`).join(',\n')}\n`;
}

/** The whole query as one statement that runs by itself. */
export function standalone(query: CompiledQuery): string {
  return query.inlined.length === 0
    ? query.sql
    : `${withClause(query.inlined)}select * from (\n${query.sql}\n) as q`;
}
