import type { Options } from '../../config/options.js';
import type { Sql } from '../../database/connect.js';
import type { Catalog } from '../catalog/catalog.js';
import { AccessRules } from './access.js';
import { Assets } from './assets.js';
import { Broadcast } from './broadcast.js';
import type { Orchestration } from './orchestration.js';
import { Sessions } from './sessions.js';
import type { Ui } from './ui.js';

/** @param sql of the one who builds */
export function openUi(options: Options, sql: Sql, catalog: () => Catalog, orchestration: Orchestration): Ui {
  const sessions = new Sessions(options.serve.admin);
  return {
    options,
    sql,
    catalog,
    orchestration,
    assets: Assets.load(),
    sessions,
    access: new AccessRules(options.serve, sessions),
    broadcast: new Broadcast(),
  };
}
