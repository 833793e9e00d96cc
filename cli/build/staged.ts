import type { ModelNode } from '../graph/node.js';
import type { Way } from './compare-staged.js';
import type { Inputs } from './state/read-states.js';

/** A model that this run has looked at, and how it is to reach readers. */
export interface StagedModel {
  readonly node: ModelNode;
  readonly inputs: Inputs;
  readonly way: Way;
  /** Crashes of the server that the run had noticed when the attempt began. */
  readonly since: number;
  /** Not built, nothing has changed: should what it reads be replaced, a materialized view has to be as well. */
  readonly isKept?: true;
  /** It is replaced by a relation with the same rows. */
  readonly hasSameRows?: boolean;
}
