import type { Options } from '../../config/options.js';
import type { Sql } from '../../database/connect.js';
import type { Catalog } from '../catalog/catalog.js';
import type { AccessRules } from './access.js';
import type { Assets } from './assets.js';
import type { Broadcast } from './broadcast.js';
import type { Orchestration } from './orchestration.js';
import type { Sessions } from './sessions.js';

/** What the web app needs of the server; its parts register their own routes with it. */
export interface Ui {
  readonly assets: Assets;
  readonly sessions: Sessions;
  readonly access: AccessRules;
  readonly broadcast: Broadcast;
  readonly options: Options;
  /** Of the one who builds. */
  readonly sql: Sql;
  readonly catalog: () => Catalog;
  readonly orchestration: Orchestration;
}
