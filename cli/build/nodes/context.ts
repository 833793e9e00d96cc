import type { LoadRequest } from '../../bronze/index.js';
import type { Emit } from '../../events/events.js';
import type { SourceSession } from '../../sources/source.js';
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
  readonly loadRequest: LoadRequest;
  readonly sources: SourceSession;
}
