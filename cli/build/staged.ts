import type { ModelNode } from '../graph/node.js';
import type { Way } from './compare-staged.js';
import type { Inputs } from './state/read-states.js';

/** A model that this run has built in the stage, and how it is to reach readers. */
export interface StagedModel {
  readonly node: ModelNode;
  readonly inputs: Inputs;
  readonly way: Way;
}
