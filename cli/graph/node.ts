import type { BronzeTable } from '../config/options.js';
import type { Where } from '../errors/index.js';
import type { NodeName } from '../project/model.js';
import type { ParsedModel } from '../project/parse-model.js';
import type { SingularTest } from '../project/singular-test.js';
import type { CheckedTest } from '../tests/index.js';

interface NodeBase {
  readonly name: NodeName;
  readonly parents: readonly NodeName[];
  readonly tags: readonly string[];
  /** Path relative to the project; of the configuration for bronze tables. */
  readonly file: string;
  readonly layer: string;
}

export interface LoadNode extends NodeBase {
  readonly kind: 'load';
  readonly table: BronzeTable;
}

export interface ModelNode extends NodeBase {
  readonly kind: 'model';
  readonly parsed: ParsedModel;
  /** The tests that can run as soon as the model is built. */
  readonly tests: readonly CheckedTest[];
}

/** Tests that need several relations: a file of `tests/`, or tests of a model that read one which is not below it. */
export interface TestNode extends NodeBase {
  readonly kind: 'test';
  /** A failure keeps these models (and what reads them) from being published. */
  readonly guards: readonly NodeName[];
  readonly singular: SingularTest | null;
  readonly of: NodeName | null;
  readonly tests: readonly CheckedTest[];
}

export type GraphNode = LoadNode | ModelNode | TestNode;

/** The dependency graph of a project: every name resolved, no circle. */
export interface Graph {
  readonly nodes: ReadonlyMap<NodeName, GraphNode>;
  /** Parents come before children. */
  readonly order: readonly NodeName[];
  readonly children: ReadonlyMap<NodeName, readonly NodeName[]>;
  /** The node that a `ref` or `source` means. @throws MedallionError MDL1301, MDL1302 */
  resolve(helper: 'ref' | 'source', name: string, where?: Where): NodeName;
}
