import type { Grants } from '../config/grants.js';
import type { Relation } from '../database/identifiers.js';
import type { Proved } from '../tests/proved.js';

/** A staged relation that is to take the place of a published one (or the empty place, at a first publish). */
export interface Move {
  /** `layer.name`: the key in `medallion.relations`. */
  readonly node: string;
  readonly kind: 'table' | 'view';
  readonly from: Relation;
  readonly to: Relation;
  readonly grants: Grants;
  /** Null: not known; never taken for unchanged. */
  readonly fingerprint: string | null;
  readonly proved: Proved;
}

export interface PublishResult {
  readonly durationMs: number;
  /** 1 when no reader stood in the way. */
  readonly attempts: number;
}
