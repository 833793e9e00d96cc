import { type Compiler, standalone } from '../graph/compile.js';
import type { ColumnLineage } from '../graph/lineage/lineage.js';
import { sourceNode } from '../graph/lineage/of-nodes.js';
import type { LoadNode, ModelNode, TestNode } from '../graph/node.js';
import { type NodeName, relationKind } from '../project/model.js';
import { type CheckedTest, contractTests } from '../tests/index.js';
import { primaryKeyOf } from './audit.js';
import type { DefinedColumn, Definition } from './definition.js';
import type { RealColumn } from './definitions-sql.js';
import type { OpenProject } from './open-project.js';

export interface DescribeContext {
  readonly project: OpenProject;
  /** Names the relations that readers know. */
  readonly compiler: Compiler;
  /** Of relations that there are, by node. */
  readonly columns: ReadonlyMap<string, readonly RealColumn[]>;
}

/** A definition but for its lineage. */
export type Described = Pick<Definition, 'node' | 'detail'>;

export function describeNode(context: DescribeContext, name: NodeName): Described {
  const node = context.project.graph.nodes.get(name)!;
  switch (node.kind) {
    case 'load':
      return describeLoad(context, node);
    case 'model':
      return describeModel(context, node);
    case 'test':
      return describeTest(context, node);
  }
}

function describeLoad({ columns }: DescribeContext, { name, table, tags, file, layer }: LoadNode): Described {
  const real = columns.get(name) ?? [];
  return {
    node: {
      kind: 'load',
      layer,
      materialized: table.strategy,
      description: table.description?.trim() ?? null,
      tags,
      parents: [sourceNode(table.from)],
      columns: real.map((column) => column.name),
      from: table.from,
      of: null,
    },
    detail: {
      file,
      template: null,
      sql: null,
      primaryKey: table.key,
      foreignKeys: [],
      columns: real.map(({ name: column, type }) => ({
        name: column,
        type,
        description: null,
        isNotNull: false,
        tests: [],
      })),
      tests: [],
      meta: {},
    },
  };
}

function describeModel(context: DescribeContext, node: ModelNode): Described {
  const { graph } = context.project;
  const { model, template } = node.parsed;
  const { contract } = model;
  const tests = testsOf(context, node);
  const columns = columnsOf(context, node, tests);
  return {
    node: {
      kind: 'model',
      layer: model.layer,
      materialized: model.materialized,
      description: contract.description?.trim() ?? null,
      tags: model.tags,
      parents: node.parents,
      columns: columns.map(({ name }) => name),
      from: null,
      of: null,
    },
    detail: {
      file: model.file,
      template: template.text.trim(),
      sql: renderModel(context.compiler, node.name),
      primaryKey: contract.primaryKey,
      foreignKeys: contract.foreignKeys.map(({ columns: own, references }) => ({
        columns: own,
        references: graph.resolve('ref', references),
      })),
      columns,
      tests: tests.map(titleAndSeverity),
      meta: model.meta,
    },
  };
}

/** What is tested of a model: its own tests, those that need other models too, and of a view what its contract promises. */
function testsOf({ project }: DescribeContext, { name, parsed: { model }, tests }: ModelNode): CheckedTest[] {
  const promised =
    relationKind(model) !== 'table'
      ? contractTests(model.contract, model.file, primaryKeyOf({ project }))
      : [];
  const late = project.graph.nodes.get(`test.${name}` as NodeName);
  return [...promised, ...tests, ...(late?.kind === 'test' && late.of === name ? late.tests : [])];
}

function columnsOf(
  { columns }: DescribeContext,
  { name, parsed: { model } }: ModelNode,
  tests: readonly CheckedTest[],
): readonly DefinedColumn[] {
  const real = columns.get(name) ?? [];
  const declared = new Map(model.contract.columns?.map((column) => [column.name, column]));
  const names = model.contract.columns ?? real;
  return names.map(({ name: column }) => ({
    name: column,
    type: declared.get(column)?.type ?? real.find((other) => other.name === column)?.type ?? null,
    description: declared.get(column)?.description?.trim() ?? null,
    isNotNull: declared.get(column)?.notNull === true || model.contract.primaryKey.includes(column),
    tests: tests.filter(({ declaration }) => declaration.column === column).map(({ title }) => title),
  }));
}

function describeTest({ compiler }: DescribeContext, node: TestNode): Described {
  const { singular } = node;
  return {
    node: {
      kind: 'test',
      layer: null,
      materialized: null,
      description: singular?.description?.trim() ?? null,
      tags: node.tags,
      parents: node.parents,
      columns: [],
      from: null,
      of: node.of,
    },
    detail: {
      file: node.file,
      template: singular?.template.text.trim() ?? null,
      sql: singular && attempt(() => standalone(compiler.query(singular.template))),
      primaryKey: [],
      foreignKeys: [],
      columns: [],
      tests: singular
        ? [{ title: singular.description?.trim() ?? singular.name, severity: singular.severity }]
        : node.tests.map(titleAndSeverity),
      meta: {},
    },
  };
}

function titleAndSeverity({ title, declaration: { severity } }: CheckedTest) {
  return { title, severity };
}

/** The SQL of a model; null where its template cannot be rendered. */
export function renderModel(compiler: Compiler, name: NodeName): string | null {
  return attempt(() => standalone(compiler.model(name)));
}

/** @param lineage of its columns, which is all that is known of the columns of an ephemeral model without a contract */
export function withLineage(
  { node, detail }: Described,
  lineage: readonly ColumnLineage[] | undefined,
): Definition {
  const found = lineage ?? [];
  const columns =
    detail.columns.length > 0
      ? detail.columns
      : found.map(({ name }) => ({ name, type: null, description: null, isNotNull: false, tests: [] }));
  return {
    node: { ...node, columns: columns.map(({ name }) => name) },
    detail: { ...detail, columns },
    lineage: Object.fromEntries(found.flatMap(({ name, from }) => (from ? [[name, from]] : []))),
    passedOn: found.filter(({ isPassedOn }) => isPassedOn).map(({ name }) => name),
  };
}

/** A template that cannot be rendered has failed its node already. */
function attempt(render: () => string): string | null {
  try {
    return render();
  } catch {
    return null;
  }
}
