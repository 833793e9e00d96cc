import type { ProjectDatabase } from '../open-database.js';
import type { OpenProject } from '../open-project.js';
import type { Check, Examined } from './check.js';
import { examineConnection } from './connection.js';
import { examinePolicies } from './policies.js';
import { examinePostgrest } from './postgrest.js';
import { examineRights } from './rights.js';
import { examineScaleOut } from './scale-out.js';
import { examineState } from './state.js';

export type { Check } from './check.js';

/** Checks a database that answers: how it is reached, rights, roles, its API, the nodes of a cluster and leftovers; changes nothing. */
export async function examineDatabase(database: ProjectDatabase, project: OpenProject): Promise<Check[]> {
  const examined: Examined = {
    sql: database.connect({ max: 1, applicationName: 'mdl' }),
    database,
    project,
  };
  return [
    ...(await examineConnection(examined)),
    ...(await examineRights(examined)),
    ...(await examinePostgrest(examined)),
    ...examinePolicies(project),
    ...(await examineScaleOut(examined)),
    ...(await examineState(examined)),
  ];
}
