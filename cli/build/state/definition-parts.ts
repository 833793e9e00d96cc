import { hash } from 'node:crypto';
import { type Compiler, createCompiler, standalone } from '../../graph/compile.js';
import type { ModelNode, TestNode } from '../../graph/node.js';
import type { Incremental, Model, NodeName, Snapshot } from '../../project/model.js';
import { type CheckedTest, failingSql } from '../../tests/index.js';
import { declaredTest } from '../declared-tests.js';
import type { OpenProject } from '../open-project.js';

/** What a node is, by its text alone, in parts that can be told apart. */
export interface DefinitionParts {
  /** The rendered query, with every relation by its name in the project: the same on each target. */
  readonly text: string;
  /** Of the text. */
  readonly textHash: string;
  /** Of what the front matter makes of the relation: columns, keys, indexes, policies, grants, comments. */
  readonly contract: string;
  /** Of its data tests. */
  readonly tests: string;
  /** What its data tests consist of beside what Medallion itself makes of them: SQL statements that may call anything. */
  readonly testsText: string;
  readonly charts: string;
}

/** @throws MedallionError MDL1205, MDL1206, MDL1208 */
export type Definer = (node: ModelNode | TestNode) => DefinitionParts;

/** Makes the function that describes nodes of a project by hashes. */
export function definitionParts({ project, graph }: OpenProject): Definer {
  const compiler = createCompiler(project, graph, (name) => canonical(name));
  const scope = { project: { project, graph }, compiler, relationOf: canonical };
  const sqlOf = (name: NodeName, test: CheckedTest): string => {
    try {
      return failingSql(canonical(name), declaredTest(scope, name, test));
    } catch (cause) {
      // A test that cannot be rendered tells that itself when it is run.
      return `-- ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  };
  return (node) => {
    const text = node.kind === 'model' ? modelText(compiler, node) : singularText(compiler, node);
    const name = node.kind === 'test' ? node.of : node.name;
    const rendered = node.tests.map((test) => ({ test, sql: isOwnSql(test) ? sqlOf(name!, test) : '' }));
    const tests = testsHash(rendered);
    const testsText = rendered
      .map(({ sql }) => sql)
      .filter((sql) => sql !== '')
      .join('\n;\n');
    if (node.kind === 'test')
      return {
        ...{ text, textHash: digest(text), tests, testsText, charts: '' },
        contract: node.singular
          ? digest([node.singular.severity, node.singular.errorIf, node.singular.warnIf])
          : '',
      };
    const { model } = node.parsed;
    return {
      ...{ text, textHash: digest(text), tests, testsText },
      contract: contractHash(model, compiler),
      charts: digest(model.charts),
    };
  };
}

/** A relation by its name in the project, wherever a target has it. */
function canonical(name: NodeName) {
  const dot = name.indexOf('.');
  return { schema: name.slice(0, dot), name: name.slice(dot + 1) };
}

/** Of an incremental model both that it can be: all of it, and what comes on top. Neither depends on which interval is filled. */
function modelText(compiler: Compiler, { name, parsed }: ModelNode): string {
  const whole = standalone(compiler.model(name));
  if (!parsed.model.incremental) return whole;
  return `${whole};\n${standalone(compiler.model(name, { top: canonical(name) }))}`;
}

function singularText(compiler: Compiler, { singular }: TestNode): string {
  return singular ? standalone(compiler.query(singular.template)) : '';
}

function contractHash(model: Model, compiler: Compiler): string {
  const { materialized, snapshot, incremental, contract, grants, securityInvoker, distribution } = model;
  const policies = model.policies?.map(({ using, check, ...policy }) => ({
    ...policy,
    using: using && compiler.condition(model.name, using.template),
    check: check && compiler.condition(model.name, check.template),
  }));
  return digest({
    ...{
      materialized,
      snapshot: snapshot && lastingSnapshot(snapshot),
      contract,
      grants,
      securityInvoker,
      policies,
      distribution,
    },
    incremental: incremental && lasting(incremental),
  });
}

/** Settings that published rows depend on; the others only say how the next ones come. A new `begin` shows as missing intervals. */
function lasting(incremental: Incremental) {
  const { onSchemaChange, onSqlChange, ...rows } = incremental;
  if (rows.strategy !== 'time_range') return rows;
  const { lookback, allowPartials, begin, ...time } = rows;
  return time;
}

/** Without the zone in which later times of change are read: versions that are there stay what they are. */
function lastingSnapshot(snapshot: Snapshot) {
  if (snapshot.by.strategy === 'check') return snapshot;
  const { timeZone, ...by } = snapshot.by;
  return { ...snapshot, by };
}

/** Whether SQL of the project is in a test. */
function isOwnSql({ isGeneric, declaration: { kind, filter } }: CheckedTest): boolean {
  return isGeneric || kind === 'expression' || filter !== undefined;
}

/** Tests that the project defines itself are what their macros make: from variables and other macros too. */
function testsHash(tests: readonly { readonly test: CheckedTest; readonly sql: string }[]): string {
  return digest([
    // An argument may have a `where` of its own, which is no place.
    tests.map(({ test: { declaration } }) => {
      const { argument, ...rest } = declaration;
      return [rest, JSON.stringify(argument)];
    }),
    tests.some(({ test }) => test.isGeneric) &&
      tests.flatMap(({ test, sql }) => (test.isGeneric ? [sql] : [])),
  ]);
}

/** Places in files are no part of what something is. */
export function digest(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : JSON.stringify(value, (key, part) => (key === 'where' || key === 'whereIs' ? undefined : part));
  return hash('sha256', text ?? '', 'base64url');
}
