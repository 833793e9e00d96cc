import type { Sql } from '../../database/connect.js';
import { hasRelation } from '../../graph/compile.js';
import type { LoadNode, ModelNode } from '../../graph/node.js';
import type { NodeName } from '../../project/model.js';
import type { OpenProject } from '../open-project.js';
import { relationFinder } from '../relation-finder.js';
import { type DefinitionParts, definitionParts } from '../state/definition-parts.js';
import { type Inputs, inputsVersion, type PublishedNode, readStates } from '../state/read-states.js';

/** How a node differs from what is published of it. */
export interface Difference {
  /** Nothing is published of it. */
  readonly isNew: boolean;
  readonly why: string;
}

export type Differences = ReadonlyMap<NodeName, Difference>;

/**
 * Holds the definitions of a project's models and bronze tables against those that are published under its name; whose rows would differ is no question here.
 * Ephemeral models show in those that read them. Tests in `tests/` are held against those that have run before.
 * @throws MedallionError MDL1205, MDL1206, MDL1208
 */
export async function findDifferences(project: OpenProject, sql: Sql): Promise<Differences> {
  const { graph, options } = project;
  const { published } = relationFinder(project, new Set());
  const nodes = graph.order
    .filter((name) => hasRelation(graph, name))
    .map((name) => graph.nodes.get(name) as LoadNode | ModelNode);
  const [states, loads] = await Promise.all([
    readStates(
      sql,
      options.name,
      nodes.map(({ name: node }) => ({ node, ...published(node) })),
    ),
    readLoads(sql, options.name),
  ]);
  const define = definitionParts(project);
  const found = new Map<NodeName, Difference>();
  for (const node of nodes) {
    const state = states.get(node.name);
    const missing = whyMissing(state);
    const why =
      missing ??
      (node.kind === 'load'
        ? loadDiffers(node, loads.get(node.name))
        : await modelDiffers(define(node), state!));
    if (why !== undefined) found.set(node.name, { isNew: missing !== undefined, why });
  }
  const tests = await readTests(sql, options.name);
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'test' || !node.singular) continue;
    const before = tests.get(node.name);
    if (before !== node.singular.template.text.trim())
      found.set(node.name, {
        isNew: before === undefined,
        why: before === undefined ? 'new' : 'sql changed',
      });
  }
  return found;
}

function whyMissing(state: PublishedNode | undefined): string | undefined {
  if (!state || state.isElsewhere) return 'not published';
  return state.stands === 'missing' ? 'dropped by others' : undefined;
}

async function modelDiffers(parts: DefinitionParts, { inputs }: PublishedNode): Promise<string | undefined> {
  if (inputs?.version !== inputsVersion) return 'published by an older mdl';
  if (inputs.textHash !== parts.textHash && !(await isSameQuery(parts.text, inputs))) return 'sql changed';
  if (inputs.contract !== parts.contract) return 'contract changed';
  if (inputs.tests !== parts.tests) return 'tests changed';
  return inputs.charts !== parts.charts ? 'charts changed' : undefined;
}

/** Comments and spaces do not count; the parser is asked only where they might. */
async function isSameQuery(text: string, { facts }: Inputs): Promise<boolean> {
  const { openSqlFacts } = await import('../../graph/sql-facts/open.js');
  return (await openSqlFacts())(text).hash === facts.hash;
}

interface DefinedLoad {
  readonly source: string;
  readonly strategy: string;
  readonly key: readonly string[];
}

function loadDiffers({ table }: LoadNode, defined: DefinedLoad | undefined): string | undefined {
  if (!defined) return undefined;
  if (defined.source !== table.from) return `read from ${table.from}`;
  if (defined.strategy !== table.strategy) return `loaded by ${table.strategy}`;
  return defined.key.join('\0') === table.key.join('\0') ? undefined : 'another key';
}

/** The templates of tests, by node. */
async function readTests(sql: Sql, project: string): Promise<ReadonlyMap<string, string | null>> {
  const rows = await sql<{ node: string; template: string | null }[]>`
    select node, definition -> 'detail' ->> 'template' as template
      from medallion.definitions where project = ${project} and definition -> 'node' ->> 'kind' = 'test'`;
  return new Map(rows.map(({ node, template }) => [node, template]));
}

async function readLoads(sql: Sql, project: string): Promise<ReadonlyMap<string, DefinedLoad>> {
  const rows = await sql<(DefinedLoad & { node: string })[]>`
    select node, definition -> 'node' ->> 'from' as source, definition -> 'node' ->> 'materialized' as strategy,
           array(select json_array_elements_text(definition -> 'detail' -> 'primaryKey')) as key
      from medallion.definitions where project = ${project} and definition -> 'node' ->> 'kind' = 'load'`;
  return new Map(rows.map(({ node, ...load }) => [node, load]));
}
