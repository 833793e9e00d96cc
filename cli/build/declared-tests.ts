import { quoteIdentifier, type Relation } from '../database/identifiers.js';
import { type Compiler, standalone } from '../graph/compile.js';
import type { Graph } from '../graph/node.js';
import { callFunction } from '../project/macros.js';
import type { NodeName } from '../project/model.js';
import type { Project } from '../project/read.js';
import { type CheckedTest, type RunnableTest, runnable, withRule } from '../tests/index.js';

/** By what names tests know relations, and how templates are rendered for them. */
export interface TestScope {
  readonly project: { readonly project: Project; readonly graph: Graph };
  readonly compiler: Compiler;
  readonly relationOf: (name: NodeName) => Relation;
}

/** Makes a declared test of a model runnable, one of Medallion's own or one of the project. */
export function declaredTest(scope: TestScope, name: NodeName, test: CheckedTest): RunnableTest {
  const resolve = (other: string) => scope.relationOf(scope.project.graph.resolve('ref', other));
  return test.isGeneric ? generic(scope, test, name) : runnable(test, name, scope.relationOf(name), resolve);
}

/** A test of the project: the macro `test_<name>`, given the relation, the column and the argument. */
function generic({ project, compiler }: TestScope, test: CheckedTest, node: NodeName): RunnableTest {
  const { kind, column, argument, where } = test.declaration;
  const name = `test_${kind}`;
  // That there is one was checked with the declaration.
  const macro = project.project.macros.get(name)!;
  const failing = (source: string) => {
    const given = {
      model: source,
      column: column === undefined ? '' : quoteIdentifier(column),
      args: templateArgument(argument),
    };
    return macro.kind === 'function'
      ? callFunction(name, macro, [given], where)
      : standalone(compiler.query(macro.template, given));
  };
  return withRule(test, node, { kind: 'query', failing });
}

/** Arguments reach the macro as they are; text also as a quoted literal would be wrong for column names, so the macro decides. */
function templateArgument(argument: unknown): unknown {
  return argument === true ? {} : argument;
}
