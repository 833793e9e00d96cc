import type { Sql } from '../../database/connect.js';
import type { ModelNode, TestNode } from '../../graph/node.js';
import type { SqlFacts } from '../../graph/sql-facts/facts.js';
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
  let read: ((sql: string) => SqlFacts) | undefined;
  for (const [name, { text, textHash }] of parts) {
    const before = states.get(name)?.inputs;
    if (before?.version === inputsVersion && before.textHash === textHash) facts.set(name, before.facts);
    else if (text !== '') {
      read ??= await (await import('../../graph/sql-facts/open.js')).openSqlFacts();
      facts.set(name, read(text));
    }
  }
  const views = [...states.values()].flatMap(({ inputs }) => inputs?.facts ?? []);
  return { parts, facts, functions: await readFunctionFacts(side, [...facts.values(), ...views]) };
}
