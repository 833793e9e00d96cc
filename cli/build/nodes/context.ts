import type { Emit } from '../../events/events.js';
import type { AuditContext } from '../audit.js';
import type { RelationFinder } from '../relation-finder.js';
import type { RunSession } from '../run-session.js';

/** What every node of a run is carried out with. */
export interface NodeContext {
  readonly session: RunSession;
  readonly relations: RelationFinder;
  /** Compiler and connections too. */
  readonly audit: AuditContext;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Read every source, also those that did not change. */
  readonly fullRefresh: boolean;
}
