import { loadTable } from '../../bronze/index.js';
import { MedallionError } from '../../errors/index.js';
import type { LoadNode } from '../../graph/node.js';
import type { Outcome } from '../schedule.js';
import type { NodeContext } from './context.js';

/**
 * Loads a bronze table; its events tell what happened.
 * @throws what is no failure of this load alone
 */
export async function carryOutLoad(context: NodeContext, node: LoadNode): Promise<Outcome> {
  const { session } = context;
  const { options } = session.project;
  try {
    await loadTable(
      {
        sql: session.sql,
        project: options.name,
        projectDir: options.projectDir,
        runId: session.runId,
        emit: context.emit,
        signal: context.signal,
        publish: session.publish,
        request: context.loadRequest,
        sources: context.sources,
      },
      node.table,
    );
    return 'done';
  } catch (cause) {
    if (!(cause instanceof MedallionError)) throw cause;
    return 'failed';
  }
}
