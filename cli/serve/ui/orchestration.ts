import type { Sql } from '../../database/connect.js';
import type { SchedulesAnswer, StartRun } from './runs/shapes.js';

/**
 * What carries runs out for the web app. `serve` does not know how: whoever starts the server gives it one.
 * Runs that it has begun are interrupted when the server ends.
 */
export interface Orchestration {
  /**
   * Begins a run.
   * @returns its number as soon as it has one
   * @throws MedallionError that of a run which could not begin: MDL5001 while another goes on, MDL1005 for a wrong selection, …
   */
  start(request: StartRun): Promise<number>;
  /** Takes up a run again from where it failed. @throws MedallionError MDL5003, MDL5005, and as `start` */
  retry(runId: number): Promise<number>;
  /**
   * A webhook was asked for: what it triggers is carried out by a daemon, here or elsewhere, now or later.
   * @param sql of the one who builds
   * @param request what tells the request from others, where it is signed: coming again, it triggers nothing
   */
  fire(sql: Sql, trigger: string, request: string | undefined): Promise<void>;
  /** @param sql of the one who builds */
  schedules(sql: Sql): Promise<SchedulesAnswer>;
}
