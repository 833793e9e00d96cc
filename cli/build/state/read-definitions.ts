import type { Sql } from '../../database/connect.js';
import type { ModelNode, TestNode } from '../../graph/node.js';
import { type Calls, factsEdition, type SqlFacts } from '../../graph/sql-facts/facts.js';
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
  /** The casts to the types of the contract, that stand around the query. */
  const readCasts = async (node: ModelNode | TestNode) => {
    const types =
      node.kind === 'model'
        ? (node.parsed.model.contract.columns ?? []).flatMap(({ type }) => type ?? [])
        : [];
    return types.length === 0 ? undefined : read(`select ${types.map((type) => `null::${type}`).join(', ')}`);
  };
  for (const node of nodes) {
    const { name } = node;
    const { text, textHash, contract, tests, testsText } = parts.get(name)!;
    const inputs = states.get(name)?.inputs;
    // An older mdl knew less of what a query calls.
    const isKnown = inputs?.version === inputsVersion && inputs.facts.edition === factsEdition;
    const before = isKnown ? inputs : undefined;
    if (before?.textHash === textHash && before.contract === contract) facts.set(name, before.facts);
    else if (text !== '') facts.set(name, withCasts(await read(text), await readCasts(node)));
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

function withCasts(facts: SqlFacts, contract: SqlFacts | undefined): SqlFacts {
  // A type that cannot be read fails the build by itself.
  if (!contract || contract.casts.length === 0) return facts;
  return {
    ...facts,
    casts: [...new Set([...facts.casts, ...contract.casts])].sort(),
    timeDependent: [...new Set([...facts.timeDependent, ...contract.timeDependent])].sort(),
  };
}
