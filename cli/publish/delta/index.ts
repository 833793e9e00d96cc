export { applyDeltaSql } from './apply.js';
export { type DeltaCounts, readDeltaCounts } from './counts.js';
export { fillDeltaSql, imagesDiffer, isMissing } from './fill.js';
export { type KeyEquality, readKeyEquality } from './key-equality.js';
export { sampleDifference } from './sample.js';
export type { Sides } from './sides.js';
