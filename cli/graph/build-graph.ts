import type { BronzeTable, Options } from '../config/options.js';
import type { Macros } from '../project/macros.js';
import type { NodeName } from '../project/model.js';
import type { ParsedModel } from '../project/parse-model.js';
import type { Project } from '../project/read.js';
import type { SingularTest } from '../project/singular-test.js';
import { type CheckedTest, checkDeclaration } from '../tests/index.js';
import { checkForeignKeys, checkPolicies, checkTestTargets } from './check-contracts.js';
import { checkDistributedKeys } from './check-distribution.js';
import { allReferences, type Edge, modelEdges, readsOf, refuseUpward } from './edges.js';
import type { Graph, GraphNode, LoadNode, ModelNode, TestNode } from './node.js';
import { ancestorFinder, sortParentsFirst } from './order.js';
import { nameResolver, type Resolve } from './resolve-name.js';

/**
 * Builds the dependency graph from what templates and contracts name; nothing is rendered or run.
 * @throws MedallionError MDL1301 (unknown), MDL1302 (ambiguous), MDL1303 (upward), MDL1304 (circle), MDL1202 (a test, a foreign key or a policy is wrong), MDL1214 (Citus would refuse a foreign key)
 */
export function buildGraph(project: Project): Graph {
  const { options } = project;
  const loads = [...options.bronze.values()];
  const names = [
    ...loads.map((table) => table.node as NodeName),
    ...project.models.map(({ model }) => model.name),
  ];
  const resolve = nameResolver(names, options);
  const layerOf = new Map([
    ...loads.map((table) => [table.node as NodeName, 'bronze'] as const),
    ...project.models.map(({ model }) => [model.name, model.layer] as const),
  ]);

  const edges = new Map<NodeName, readonly Edge[]>();
  for (const parsed of project.models) {
    const found = modelEdges(parsed, project.macros, resolve);
    for (const edge of found) refuseUpward(parsed, edge, layerOf.get(edge.parent)!, options);
    edges.set(parsed.model.name, found);
  }
  const order = sortParentsFirst(names, edges);

  const nodes = new Map<NodeName, GraphNode>();
  for (const table of loads) nodes.set(table.node as NodeName, loadNode(table, options));
  const tested = testedModels(project, edges, resolve);
  for (const { node } of tested) nodes.set(node.name, node);
  const tests = [
    ...tested.flatMap(({ later }) => later),
    ...project.singularTests.map((test) => singularNode(test, project.macros, resolve, layerOf)),
  ];
  for (const test of tests) nodes.set(test.name, test);

  const children = new Map<NodeName, NodeName[]>([...nodes.keys()].map((name) => [name, []]));
  for (const node of nodes.values()) for (const parent of node.parents) children.get(parent)!.push(node.name);
  return { nodes, order: [...order, ...tests.map((test) => test.name)], children, resolve };
}

/** The nodes of models, their tests and foreign keys checked; tests that need what is not below their model become nodes of their own. */
function testedModels(
  { models, macros }: Project,
  edges: ReadonlyMap<NodeName, readonly Edge[]>,
  resolve: Resolve,
): { node: ModelNode; later: readonly TestNode[] }[] {
  const genericTests = [...macros.keys()]
    .filter((name) => name.startsWith('test_'))
    .map((name) => name.slice('test_'.length));
  const byName = new Map(models.map((parsed) => [parsed.model.name, parsed]));
  const ancestors = ancestorFinder(edges);
  return models.map((parsed) => {
    const { model } = parsed;
    const tests = model.tests.map((declaration) =>
      checkDeclaration(declaration, model.contract.columns, genericTests),
    );
    checkForeignKeys(parsed, byName, resolve);
    checkDistributedKeys(parsed, byName, resolve);
    checkTestTargets(tests, byName, resolve);
    checkPolicies(parsed, byName, macros, resolve);
    const above = tests.some((test) => readsOf(test, macros).length > 0)
      ? ancestors(model.name)
      : new Set<NodeName>();
    const needs = (test: CheckedTest) =>
      readsOf(test, macros)
        .map(({ helper, name }) => resolve(helper, name, test.declaration.where))
        .filter((name) => name !== model.name && !above.has(name));
    const later = tests.filter((test) => needs(test).length > 0);
    const soon = tests.filter((test) => !later.includes(test));
    return {
      node: modelNode(parsed, edges.get(model.name)!, soon),
      later:
        later.length > 0
          ? [lateTests(parsed, later, [...new Set([model.name, ...later.flatMap(needs)])])]
          : [],
    };
  });
}

function loadNode(table: BronzeTable, options: Options): LoadNode {
  return {
    kind: 'load',
    name: table.node as NodeName,
    table,
    parents: [],
    tags: table.tags,
    file: options.configFile,
    layer: 'bronze',
  };
}

function modelNode(parsed: ParsedModel, edges: readonly Edge[], tests: readonly CheckedTest[]): ModelNode {
  const { model } = parsed;
  return {
    kind: 'model',
    name: model.name,
    parsed,
    tests,
    parents: [...new Set(edges.map((edge) => edge.parent))],
    tags: model.tags,
    file: model.file,
    layer: model.layer,
  };
}

function lateTests(
  { model }: ParsedModel,
  tests: readonly CheckedTest[],
  parents: readonly NodeName[],
): TestNode {
  return {
    kind: 'test',
    name: `test.${model.name}` as NodeName,
    parents,
    guards: [model.name],
    singular: null,
    of: model.name,
    tests,
    tags: model.tags,
    file: model.file,
    layer: 'test',
  };
}

function singularNode(
  test: SingularTest,
  macros: Macros,
  resolve: Resolve,
  layerOf: ReadonlyMap<NodeName, string>,
): TestNode {
  const references = allReferences(test.template, macros);
  const parents = [...new Set(references.map(({ helper, name, where }) => resolve(helper, name, where)))];
  return {
    kind: 'test',
    name: test.name,
    parents,
    guards: parents.filter((name) => layerOf.get(name) !== 'bronze'),
    singular: test,
    of: null,
    tests: [],
    tags: test.tags,
    file: test.file,
    layer: 'test',
  };
}
