import type { Sql } from '../../database/connect.js';
import type { ModelNode, TestNode } from '../../graph/node.js';
import { type Calls, factsEdition, type SqlFacts } from '../../graph/sql-facts/facts.js';
import type { FunctionFacts } from '../../graph/sql-facts/judge.js';
import type { openSqlFacts } from '../../graph/sql-facts/open.js';
import type { NodeName } from '../../project/model.js';
import { readFunctionFacts } from '../function-facts.js';
import type { OpenProject } from '../open-project.js';
import { type DefinitionParts, definitionParts } from './definition-parts.js';
import { inputsVersion, type PublishedNode } from './read-states.js';

/** What a run knows of its nodes' definitions. */
export interface Definitions {
  readonly parts: ReadonlyMap<NodeName, DefinitionParts>;
  readonly facts: ReadonlyMap<NodeName, SqlFacts>;
  /** What a node's data tests call. */
  readonly testCalls: ReadonlyMap<NodeName, Calls>;
  /** Of the functions that these call, and the published views. */
  readonly functions: FunctionFacts;
}

/** Describes nodes; the parser is asked only for queries whose text has changed since they were published. */
export async function readDefinitions(
  project: OpenProject,
  nodes: readonly (ModelNode | TestNode)[],
  states: ReadonlyMap<string, PublishedNode>,
  side: Sql,
): Promise<Definitions> {
  const define = definitionParts(project);
  const parts = new Map(nodes.map((node) => [node.name, define(node)]));
  const facts = new Map<NodeName, SqlFacts>();
  const testCalls = new Map<NodeName, Calls>();
  let parser: Awaited<ReturnType<typeof openSqlFacts>> | undefined;
  const read = async (...query: Parameters<NonNullable<typeof parser>>) => {
    parser ??= await (await import('../../graph/sql-facts/open.js')).openSqlFacts();
    return parser(...query);
  };
  for (const node of nodes) {
    const { name } = node;
    const { text, textHash, contract, tests, testsText } = parts.get(name)!;
    const inputs = states.get(name)?.inputs;
    // An older mdl knew less of what a query calls.
    const isKnown = inputs?.version === inputsVersion && inputs.facts.edition === factsEdition;
    const before = isKnown ? inputs : undefined;
    if (before?.textHash === textHash && before.contract === contract) facts.set(name, before.facts);
    else if (text !== '') facts.set(name, await read(text, declared(node)));
    if (before?.tests === tests && before.testCalls) testCalls.set(name, before.testCalls);
    else testCalls.set(name, testsText === '' ? noCalls : callsOf(await read(testsText)));
  }
  const views = [...states.values()].flatMap(({ inputs }) => inputs?.facts ?? []);
  const functions = await readFunctionFacts(side, [...facts.values(), ...views, ...testCalls.values()]);
  return { parts, facts, testCalls, functions };
}

const noCalls: Calls = { functions: [], operators: [], casts: [] };

function callsOf({ functions, operators, casts }: SqlFacts): Calls {
  return { functions, operators, casts };
}

/** The columns to whose types what a query returns is cast. */
function declared(node: ModelNode | TestNode) {
  const columns = node.kind === 'model' ? node.parsed.model.contract.columns : null;
  return columns?.flatMap(({ name, type }) => (type === undefined ? [] : [{ name, type }]));
}
