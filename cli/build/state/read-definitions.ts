import type { Sql } from '../../database/connect.js';
import type { ModelNode, TestNode } from '../../graph/node.js';
import type { Calls, SqlFacts } from '../../graph/sql-facts/facts.js';
import type { FunctionFacts } from '../../graph/sql-facts/judge.js';
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
  let parser: ((sql: string) => SqlFacts) | undefined;
  const read = async (sql: string) => {
    parser ??= await (await import('../../graph/sql-facts/open.js')).openSqlFacts();
    return parser(sql);
  };
  for (const [name, { text, textHash, tests, testsText }] of parts) {
    const inputs = states.get(name)?.inputs;
    // An older mdl, which kept no settings, knew less of what a query calls.
    const before = inputs?.version === inputsVersion && inputs.settings ? inputs : undefined;
    if (before?.textHash === textHash) facts.set(name, before.facts);
    else if (text !== '') facts.set(name, await read(text));
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
