export { applyDeltaSql } from './apply.js';
export { type DeltaCounts, readDeltaCounts } from './counts.js';
export { createDeltaSql, fillDeltaSql, imagesDiffer, isMissing, refillDeltaSql } from './fill.js';
export {
  type KeyEquality,
  type KeyedRelation,
  readKeyEqualities,
  readKeyEquality,
} from './key-equality.js';
export { sampleDifference } from './sample.js';
export { deltaKey, type Sides } from './sides.js';
