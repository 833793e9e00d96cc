import type { Sql } from '../../database/connect.js';
import type { ModelNode, TestNode } from '../../graph/node.js';
import type { CalledFunction, SqlFacts } from '../../graph/sql-facts/facts.js';
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
  /** The functions that a node's data tests call. */
  readonly testCalls: ReadonlyMap<NodeName, readonly CalledFunction[]>;
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
  const testCalls = new Map<NodeName, readonly CalledFunction[]>();
  let parser: ((sql: string) => SqlFacts) | undefined;
  const read = async (sql: string) => {
    parser ??= await (await import('../../graph/sql-facts/open.js')).openSqlFacts();
    return parser(sql);
  };
  for (const [name, { text, textHash, tests, testsText }] of parts) {
    const inputs = states.get(name)?.inputs;
    const before = inputs?.version === inputsVersion ? inputs : undefined;
    if (before?.textHash === textHash) facts.set(name, before.facts);
    else if (text !== '') facts.set(name, await read(text));
    if (before?.tests === tests && before.testCalls) testCalls.set(name, before.testCalls);
    else testCalls.set(name, testsText === '' ? [] : (await read(testsText)).functions);
  }
  const views = [...states.values()].flatMap(({ inputs }) => inputs?.facts ?? []);
  const tests = [...testCalls.values()].map((functions) => ({ functions }));
  const functions = await readFunctionFacts(side, [...facts.values(), ...views, ...tests]);
  return { parts, facts, testCalls, functions };
}
