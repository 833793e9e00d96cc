import type { PlannedModel } from '../../events/planned.js';
import type { Publication } from '../publication.js';
import type { Basis, StagedRelation } from './basis.js';

/**
 * What `mdl plan` has staged, tested and kept for `mdl publish`, as plain data. Not to be confused with `Plan`, which says what nodes a run will carry
 * out.
 */
export interface PublishPlan {
  /** Rises when an older mdl could not publish it, nor a newer one an older plan. */
  readonly version: number;
  readonly publication: Publication;
  /** What is in the stage. */
  readonly stage: readonly StagedRelation[];
  /** What it was made on. */
  readonly basis: readonly Basis[];
  /** What it would change. */
  readonly models: readonly PlannedModel[];
  /** Why publishing it would have failed when it was made. */
  readonly refusals: readonly string[];
}

export const publishPlanVersion = 1;
