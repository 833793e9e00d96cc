import type { Sql } from '../../database/connect.js';
import type { Graph, ModelNode, TestNode } from '../../graph/node.js';
import type { SqlFacts } from '../../graph/sql-facts/facts.js';
import { functionsHash, volatileReasons } from '../../graph/sql-facts/judge.js';
import type { NodeName } from '../../project/model.js';
import { isBorrowed } from '../environment/environment.js';
import type { OpenProject } from '../open-project.js';
import { effectiveParents, type Plan } from '../plan.js';
import type { RelationFinder } from '../relation-finder.js';
import { digest } from './definition-parts.js';
import { describeChanges } from './describe-changes.js';
import { readPassedTests } from './passed-tests.js';
import { readDefinitions } from './read-definitions.js';
import { type Inputs, inputsVersion, type PublishedNode, readStates } from './read-states.js';
import { readSettings } from './settings.js';
import { testedBeside } from './tested-beside.js';
import { whyRebuild } from './why-rebuild.js';
import { whyStale } from './why-stale.js';

/** How rows of a model that this run has looked at compare with those that are published. */
export type Settled =
  /** Not built: nothing that it depends on has changed. */
  | 'kept'
  /** Built, and the rows are those that are published. */
  | 'same'
  /** Built, to be published. */
  | 'changed';

/** What a run knows of what is published and what it was made from; it decides what has to be built. */
export interface RunState {
  /** Why a model has to be built now, in a few words; undefined: what is published is what a build would make. Its parents must have ended. */
  whyBuild(node: ModelNode): Promise<string | undefined>;
  /** Why a model cannot be built on top of what is published of it; undefined: it can. */
  whyRebuild(node: ModelNode): string | undefined;
  /** Whether tests have to run: they have not passed on what there is now. */
  mustTest(node: TestNode): boolean;
  published(name: NodeName): PublishedNode | undefined;
  /** The relations that a node reads. */
  parentsOf(name: NodeName): readonly NodeName[];
  /** Whether a staged relation would have the columns and keys of the published one, as far as the front matter tells. */
  hasSameContract(node: ModelNode): boolean;
  /** Whether a model's query is the one that is published. */
  hasSameQuery(node: ModelNode): boolean;
  /** What a result that is made now is made from. */
  inputsOf(node: ModelNode): Inputs;
  /** What tests that pass now passed on. */
  testFingerprint(node: TestNode): string;
  /** A load has ended: its table may have another data version. */
  loaded(name: NodeName): Promise<void>;
  settle(name: NodeName, how: Settled): void;
  /** After the publish: forgets what this run has found out, and reads what is published now. */
  readAgain(): Promise<void>;
}

export interface StateOptions {
  readonly project: OpenProject;
  readonly plan: Plan;
  readonly relations: RelationFinder;
  readonly side: Sql;
  /** Build although nothing has changed: what to say of it. */
  readonly force: string | undefined;
  /** Why a model is due although nothing that it depends on has changed. */
  readonly whyDue: (name: NodeName) => string | undefined;
}

/**
 * Reads what is published of a plan's nodes and of what they read, and what the project says now.
 * @throws MedallionError MDL1205, MDL1206, MDL1208
 */
export async function openRunState(options: StateOptions): Promise<RunState> {
  const { project, plan, relations, side, force, whyDue } = options;
  const { graph } = project;
  const name = project.options.name;
  const parentsOf = effectiveParents(graph);
  const known = withAncestors([...plan.models, ...plan.tests], parentsOf);
  const placesOf = (nodes: readonly NodeName[]) =>
    nodes
      .filter((node) => graph.nodes.get(node)!.kind !== 'test')
      .map((node) => ({ node, ...relations.published(node) }));
  const read = async (nodes: readonly NodeName[]) =>
    new Map([
      ...(await readStates(side, name, placesOf(nodes.filter((node) => !isBorrowed(project, node))))),
      ...(await readBorrowedStates(project, nodes, side, placesOf)),
    ]);
  const states = await read([...known]);
  let passed = await readPassed(project, plan, side);
  const planned = [...plan.models, ...plan.tests].map(
    (node) => graph.nodes.get(node) as ModelNode | TestNode,
  );
  const [{ parts, facts, testCalls, functions }, settings] = await Promise.all([
    readDefinitions(project, planned, states, side),
    readSettings(side),
  ]);
  const settled = new Map<NodeName, Settled>();

  const versionOf = (node: NodeName) =>
    (states.get(node)?.version ?? 0) + (settled.get(node) === 'changed' ? 1 : 0);
  const factsOf = (node: NodeName) => facts.get(node) ?? states.get(node)?.inputs?.facts;
  /** Names the rows of a node: equal for equal rows. Those of a view are those that it reads, and how, which functions of users say too. */
  const rowsOf = (node: NodeName): string => {
    // Versions of an environment's own relations are no versions of those that others read.
    const version =
      project.environment && !isBorrowed(project, node)
        ? `${name}:${versionOf(node)}`
        : String(versionOf(node));
    if (!isView(graph, node)) return version;
    const own = factsOf(node);
    const called = own ? functionsHash(own, functions) : '';
    return digest([
      ...[version, parentsOf.get(node)!.map((parent) => [parent, rowsOf(parent)])],
      ...(called === '' ? [] : [called]),
    ]);
  };
  /** Of the query itself and of the views that it reads, whose rows nobody keeps. */
  const volatile = (node: NodeName): readonly string[] => {
    const own = factsOf(node);
    return [
      ...(own ? volatileReasons(own, functions) : []),
      // An incremental model reads itself.
      ...(own ? untracked(own, [node, ...parentsOf.get(node)!]) : []),
      ...parentsOf
        .get(node)!
        .filter((parent) => isView(graph, parent))
        .flatMap((parent) => volatile(parent).map((reason) => `${reason} in ${parent}`)),
    ];
  };
  const testFunctions = (node: NodeName) => functionsHash(testCalls.get(node)!, functions);
  const rowsByName = (nodes: readonly NodeName[]) => {
    const rows = nodes.map((node) => [node, rowsOf(node)] as const);
    return Object.fromEntries(rows);
  };
  const testFingerprint = (node: TestNode) => {
    const { textHash, tests, contract } = parts.get(node.name)!;
    const own = facts.get(node.name);
    const called = [own ? functionsHash(own, functions) : '', testFunctions(node.name)];
    return digest([
      inputsVersion,
      textHash,
      tests,
      contract,
      settings,
      called,
      rowsByName(parentsOf.get(node.name)!),
    ]);
  };
  const inputsOf = (node: ModelNode): Inputs => {
    const { textHash, contract, tests, charts } = parts.get(node.name)!;
    const own = facts.get(node.name)!;
    const tested = testedBeside(project, node, parentsOf);
    return {
      ...{ version: inputsVersion, textHash, facts: own, contract, tests, charts },
      functions: functionsHash(own, functions),
      settings,
      parents: rowsByName(parentsOf.get(node.name)!),
      testCalls: testCalls.get(node.name)!,
      testFunctions: testFunctions(node.name),
      ...(tested.length > 0 && { tested: rowsByName(tested) }),
      builtAt: new Date().toISOString(),
    };
  };
  return {
    async whyBuild(node) {
      const reasons = whyStale({
        ...{ published: states.get(node.name), now: inputsOf(node), volatile: volatile(node.name), force },
        freshnessMs: node.parsed.model.freshnessMs,
      });
      return reasons ? describeChanges(reasons, { side, project, states }) : whyDue(node.name);
    },
    whyRebuild: (node) =>
      whyRebuild({
        ...{ published: states.get(node.name), now: inputsOf(node), isFull: force === '--full-refresh' },
        onSqlChange: node.parsed.model.incremental?.onSqlChange,
      }),
    mustTest: (node) =>
      force !== undefined ||
      volatile(node.name).length > 0 ||
      !passed.some((on) => on.get(node.name) === testFingerprint(node)),
    published: (node) => states.get(node),
    parentsOf: (node) => parentsOf.get(node)!,
    hasSameContract: (node) => {
      const before = states.get(node.name);
      return before?.stands === 'whole' && before.inputs?.contract === parts.get(node.name)!.contract;
    },
    hasSameQuery: (node) => states.get(node.name)?.inputs?.facts.hash === facts.get(node.name)!.hash,
    inputsOf,
    testFingerprint,
    async loaded(node) {
      const [state] = (await read([node])).values();
      if (state) states.set(node, state);
    },
    settle: (node, how) => settled.set(node, how),
    async readAgain() {
      settled.clear();
      states.clear();
      for (const [node, state] of await read([...known])) states.set(node, state);
      passed = await readPassed(project, plan, side);
    },
  };
}

/** What an environment reads is as it is where it is read. */
async function readBorrowedStates(
  project: OpenProject,
  nodes: readonly NodeName[],
  side: Sql,
  placesOf: (nodes: readonly NodeName[]) => Parameters<typeof readStates>[2],
): Promise<ReadonlyMap<string, PublishedNode>> {
  const borrowed = nodes.filter((node) => isBorrowed(project, node));
  return borrowed.length === 0
    ? new Map()
    : readStates(side, project.environment!.production.options.name, placesOf(borrowed));
}

/** On what tests have passed; what has passed where an environment reads has passed for it too. */
async function readPassed(
  { options, environment }: OpenProject,
  plan: Plan,
  side: Sql,
): Promise<readonly ReadonlyMap<string, string>[]> {
  if (plan.tests.length === 0) return [];
  const projects = [options.name, ...(environment ? [environment.production.options.name] : [])];
  return Promise.all(projects.map((name) => readPassedTests(side, name)));
}

function isView(graph: Graph, name: NodeName): boolean {
  const node = graph.nodes.get(name);
  return node?.kind === 'model' && node.parsed.model.materialized === 'view';
}

/** Relations that a query reads by their names in the database: nobody tells when their rows change. */
function untracked(facts: SqlFacts, parents: readonly NodeName[]): readonly string[] {
  const known = new Set<string>(parents);
  return facts.relations
    .map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`))
    .filter((name) => !known.has(name))
    .map((name) => `reads ${name}, which is no model`);
}

function withAncestors(
  names: readonly NodeName[],
  parentsOf: ReadonlyMap<NodeName, readonly NodeName[]>,
): ReadonlySet<NodeName> {
  const all = new Set(names);
  for (const name of all) for (const parent of parentsOf.get(name)!) all.add(parent);
  return all;
}
