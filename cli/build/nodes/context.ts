import type { LoadRequest } from '../../bronze/index.js';
import type { Emit } from '../../events/events.js';
import type { NodeName } from '../../project/model.js';
import type { SourceSession } from '../../sources/source.js';
import type { AuditContext } from '../audit.js';
import type { Timeline } from '../incremental/timeline.js';
import type { KeyEqualities } from '../key-equalities.js';
import type { RelationFinder } from '../relation-finder.js';
import type { RunSession } from '../run-session.js';
import type { StepAside } from '../schedule.js';
import type { StagedModel } from '../staged.js';
import type { RunState } from '../state/run-state.js';

/** What every node of a run is carried out with. */
export interface NodeContext {
  readonly session: RunSession;
  readonly relations: RelationFinder;
  readonly state: RunState;
  readonly timeline: Timeline;
  readonly equalityOf: KeyEqualities;
  /** What has been built and has passed. */
  readonly staged: Map<NodeName, StagedModel>;
  /** Tests of their own that have passed. */
  readonly tested: Set<NodeName>;
  /** Compiler and connections too. */
  readonly audit: AuditContext;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly loadRequest: LoadRequest;
  readonly sources: SourceSession;
  /** Lets others have the node's place while it waits. */
  readonly stepAside: StepAside;
}
