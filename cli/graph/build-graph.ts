import type { Options } from '../config/options.js';
import { formatWhere, MedallionError, type Where } from '../errors/index.js';
import type { Macros } from '../project/macros.js';
import type { NodeName } from '../project/model.js';
import type { ParsedModel } from '../project/parse-model.js';
import type { Project } from '../project/read.js';
import type { Reference, Template } from '../project/template.js';
import { type CheckedTest, checkDeclaration } from '../tests/index.js';
import { checkForeignKeys, checkTestTargets } from './check-contracts.js';
import type { Graph, GraphNode, ModelNode, TestNode } from './node.js';
import { nameResolver, type Resolve } from './resolve-name.js';

interface Edge {
  readonly parent: NodeName;
  readonly where: Where;
}

/**
 * Builds the dependency graph from what templates and contracts name; nothing is rendered or run.
 * @throws MedallionError MDL1301 (unknown), MDL1302 (ambiguous), MDL1303 (upward), MDL1304 (circle), MDL1202 (a test or a foreign key is wrong)
 */
export function buildGraph(project: Project): Graph {
  const { options } = project;
  const loads = [...options.bronze.values()];
  const names = [
    ...loads.map((table) => table.node as NodeName),
    ...project.models.map(({ model }) => model.name),
  ];
  const resolve = nameResolver(names, options);
  const genericTests = [...project.macros.keys()]
    .filter((name) => name.startsWith('test_'))
    .map((name: string) => name.slice('test_'.length));
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
  for (const table of loads) {
    const name = table.node as NodeName;
    nodes.set(name, {
      kind: 'load',
      name,
      table,
      parents: [],
      tags: table.tags,
      file: options.configFile,
      layer: 'bronze',
    });
  }
  const models = new Map(project.models.map((parsed) => [parsed.model.name, parsed]));
  const late: TestNode[] = [];
  const ancestors = ancestorFinder(edges);
  for (const parsed of project.models) {
    const { model } = parsed;
    const tests = model.tests.map((declaration) =>
      checkDeclaration(declaration, model.contract.columns, genericTests),
    );
    checkForeignKeys(parsed, models, resolve);
    checkTestTargets(tests, models, resolve);
    const above = tests.some((test) => readsOf(test, project.macros).length > 0)
      ? ancestors(model.name)
      : new Set<NodeName>();
    const needs = (test: CheckedTest) =>
      readsOf(test, project.macros)
        .map(({ helper, name }) => resolve(helper, name, test.declaration.where))
        .filter((name) => name !== model.name && !above.has(name));
    const later = tests.filter((test) => needs(test).length > 0);
    nodes.set(
      model.name,
      modelNode(
        parsed,
        edges.get(model.name)!,
        tests.filter((test) => !later.includes(test)),
      ),
    );
    if (later.length > 0)
      late.push(lateTests(parsed, later, [...new Set([model.name, ...later.flatMap(needs)])]));
  }
  const singular = project.singularTests.map((test): TestNode => {
    const parents = [
      ...new Set(
        allReferences(test.template, project.macros).map((reference) =>
          resolve(reference.helper, reference.name, reference.where),
        ),
      ),
    ];
    const guards = parents.filter((name) => layerOf.get(name) !== 'bronze');
    return {
      kind: 'test',
      name: test.name,
      parents,
      guards,
      singular: test,
      of: null,
      tests: [],
      tags: test.tags,
      file: test.file,
      layer: 'test',
    };
  });
  for (const test of [...late, ...singular]) nodes.set(test.name, test);

  const children = new Map<NodeName, NodeName[]>([...nodes.keys()].map((name) => [name, []]));
  for (const node of nodes.values()) for (const parent of node.parents) children.get(parent)!.push(node.name);
  return {
    nodes,
    order: [...order, ...late.map((test) => test.name), ...singular.map((test) => test.name)],
    children,
    resolve,
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

/** References of a template and of every partial that it uses, directly or through others. */
export function allReferences(
  template: Template,
  macros: Macros,
  seen = new Set<string>(),
): readonly Reference[] {
  return [
    ...template.references,
    ...template.partials.flatMap(({ name }) => {
      const macro = macros.get(name);
      if (macro?.kind !== 'partial' || seen.has(name)) return [];
      return allReferences(macro.template, macros, seen.add(name));
    }),
  ];
}

/** What a test reads beside its own model: models that its argument names, or that its macro refers to. */
function readsOf(test: CheckedTest, macros: Macros): readonly { helper: 'ref' | 'source'; name: string }[] {
  const named = test.reads.map((name) => ({ helper: 'ref' as const, name }));
  const macro = macros.get(`test_${test.declaration.kind}`);
  return macro?.kind === 'partial' && test.isGeneric
    ? [...named, ...allReferences(macro.template, macros)]
    : named;
}

function modelEdges({ model, template }: ParsedModel, macros: Macros, resolve: Resolve): Edge[] {
  const references = allReferences(template, macros).map(({ helper, name, where }) => ({
    parent: resolve(helper, name, where),
    where,
  }));
  const keys = model.contract.foreignKeys
    .map(({ references: name, where }) => ({ parent: resolve('ref', name, where), where }))
    .filter(({ parent }) => parent !== model.name);
  return [...references, ...keys];
}

function refuseUpward({ model }: ParsedModel, edge: Edge, parentLayer: string, options: Options): void {
  if (options.layers.get(parentLayer)!.rank <= options.layers.get(model.layer)!.rank) return;
  throw new MedallionError('MDL1303', {
    message: `${model.name} (${model.layer}) reads ${edge.parent}, which is in the higher layer ${parentLayer}.`,
    where: edge.where,
  });
}

/** Depth first, with a stack of its own: a chain of thousands of models must not overflow the call stack. */
function sortParentsFirst(
  names: readonly NodeName[],
  edges: ReadonlyMap<NodeName, readonly Edge[]>,
): NodeName[] {
  const order: NodeName[] = [];
  const state = new Map<NodeName, 'open' | 'done'>();
  for (const start of names) {
    if (state.has(start)) continue;
    const path: { name: NodeName; next: number }[] = [{ name: start, next: 0 }];
    state.set(start, 'open');
    while (path.length > 0) {
      const top = path.at(-1)!;
      const edge = edges.get(top.name)?.[top.next++];
      if (!edge) {
        state.set(top.name, 'done');
        order.push(top.name);
        path.pop();
      } else if (state.get(edge.parent) === 'open') {
        throw circle(
          [
            ...path.slice(path.findIndex(({ name }) => name === edge.parent)).map(({ name }) => name),
            edge.parent,
          ],
          edges,
        );
      } else if (!state.has(edge.parent)) {
        state.set(edge.parent, 'open');
        path.push({ name: edge.parent, next: 0 });
      }
    }
  }
  return order;
}

function circle(names: readonly NodeName[], edges: ReadonlyMap<NodeName, readonly Edge[]>): MedallionError {
  const places = names
    .slice(0, -1)
    .map((name, i) => edges.get(name)!.find((edge) => edge.parent === names[i + 1])!.where);
  const message =
    names.length === 2
      ? `${names[0]} reads itself.`
      : `Models read each other in a circle: ${names.join(' -> ')}.`;
  const others = places.slice(1).map(formatWhere);
  return new MedallionError('MDL1304', {
    message,
    where: places[0],
    hint:
      others.length > 0
        ? `Take one of these references out; the others are at ${others.join(', ')}.`
        : 'Take the reference out.',
  });
}

function ancestorFinder(
  edges: ReadonlyMap<NodeName, readonly Edge[]>,
): (name: NodeName) => ReadonlySet<NodeName> {
  return (name) => {
    const found = new Set<NodeName>();
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const { parent } of edges.get(next) ?? []) {
        if (!found.has(parent)) {
          found.add(parent);
          open.push(parent);
        }
      }
    }
    return found;
  };
}
