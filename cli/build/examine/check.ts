import type { Sql } from '../../database/connect.js';
import type { ProjectDatabase } from '../open-database.js';
import type { OpenProject } from '../open-project.js';

/** One thing that `mdl doctor` looked at. */
export interface Check {
  readonly status: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly fix?: string | undefined;
}

/** What a group of checks looks at; it changes nothing. */
export interface Examined {
  readonly sql: Sql;
  readonly database: ProjectDatabase;
  readonly project: OpenProject;
}
