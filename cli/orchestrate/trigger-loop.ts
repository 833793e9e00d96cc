import { toMedallionError } from '../build/errors.js';
import type { TriggerOptions } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import type { TriggerEvent } from './events.js';
import { FileWatch } from './file-watch.js';
import {
  aliveEveryMs,
  type CrashedTrigger,
  findCrashed,
  finishTrigger,
  fire,
  isPending,
  recordTriggerRun,
  sayAlive,
  take,
  triggersChannel,
} from './firings.js';
import type { LoopOptions } from './options.js';
import { carryOut } from './unattended.js';

export interface TriggerContext {
  readonly sql: Sql;
  readonly project: string;
  readonly projectDir: string;
  /** A transaction pooler stands between: nothing can be listened to, and there is no trigger that would have to. */
  readonly isPooled: boolean;
}

/** For what nobody tells of, and for daemons that are gone. */
const lookEveryMs = 5000;

/** One trigger: it is watched, and what fires is written down first, and then carried out by whoever takes it. */
export class TriggerLoop {
  /** Ends the sleep. */
  private wake = new AbortController();
  private files: FileWatch | undefined;
  private readonly unlisten: (() => Promise<void>)[] = [];
  /** When the files are to be looked at. */
  private looksAt = Number.NEGATIVE_INFINITY;
  private crashed: CrashedTrigger | undefined;

  constructor(
    private readonly context: TriggerContext,
    private readonly trigger: TriggerOptions,
    private readonly options: LoopOptions,
  ) {}

  async run(): Promise<void> {
    const { signal, clock, troubleMs } = this.options;
    const { name, kind, watches } = this.trigger;
    try {
      let isWatching = false;
      while (!signal.aborted) {
        try {
          if (!isWatching) {
            await this.watch();
            await this.findCrashed(true);
            this.tell({ event: 'trigger.watching', trigger: name, kind, watches });
            isWatching = true;
          }
          await this.turn();
        } catch (cause) {
          if (signal.aborted) return;
          this.tell({ event: 'trigger.failed', trigger: name, error: toMedallionError(cause) });
          await clock.sleepUntil(clock.now() + troubleMs, signal);
        }
      }
    } finally {
      this.stopWatching();
    }
  }

  private tell(event: TriggerEvent): void {
    this.options.emit(event);
  }

  private async watch(): Promise<void> {
    const { sql, project, projectDir, isPooled } = this.context;
    const { name, kind, watches } = this.trigger;
    this.stopWatching();
    const wake = () => this.wake.abort();
    if (!isPooled)
      await this.listen(triggersChannel, (payload) => payload === `${project}/${name}` && wake());
    if (kind === 'files')
      this.files = new FileWatch({
        ...{ sql, project, projectDir, trigger: name, pattern: watches },
        now: () => this.options.clock.now(),
        onChange: () => {
          this.looksAt = Number.NEGATIVE_INFINITY;
          wake();
        },
      });
    if (kind !== 'listen') return;
    const heard = () => void fire(sql, project, name).catch((cause: unknown) => this.fail(cause));
    let isFirst = true;
    await this.listen(watches, heard, () => {
      // The connection was lost, and with it what was told meanwhile.
      if (!isFirst) heard();
      isFirst = false;
    });
  }

  private async listen(
    channel: string,
    heard: (payload: string) => unknown,
    onListen?: () => void,
  ): Promise<void> {
    const { unlisten } = await this.context.sql.listen(channel, heard, onListen);
    this.unlisten.push(unlisten);
  }

  private fail(cause: unknown): void {
    if (this.options.signal.aborted) return;
    this.tell({ event: 'trigger.failed', trigger: this.trigger.name, error: toMedallionError(cause) });
  }

  private stopWatching(): void {
    this.files?.close();
    this.files = undefined;
    // A server that is gone is not waited for.
    for (const stop of this.unlisten.splice(0)) stop().catch(() => {});
  }

  private async findCrashed(isBeginning: boolean): Promise<void> {
    const { sql, project } = this.context;
    const { name, onCrash } = this.trigger;
    const crashed = await findCrashed(sql, project, name, { isBeginning, takeOver: onCrash !== 'skip' });
    if (!crashed) return;
    this.tell({ event: 'trigger.crashed', trigger: name });
    if (onCrash !== 'skip' && crashed.isFirst) this.crashed = crashed;
  }

  /** Looks for what has fired, sees to it, and sleeps where there was nothing. */
  private async turn(): Promise<void> {
    const { sql, project } = this.context;
    const { name, debounceMs, onCrash } = this.trigger;
    const { clock, signal } = this.options;
    this.wake = new AbortController();
    if (this.files && clock.now() >= this.looksAt) this.looksAt = clock.now() + (await this.files.look());
    if (this.crashed) {
      const { runId } = this.crashed;
      this.crashed = undefined;
      return this.carryOut(onCrash === 'resume' ? (runId ?? undefined) : undefined);
    }
    if (await isPending(sql, project, name)) {
      this.tell({ event: 'trigger.fired', trigger: name });
      await clock.sleepUntil(clock.now() + debounceMs, signal);
      if (!signal.aborted && (await take(sql, project, name))) await this.carryOut();
      return;
    }
    await this.findCrashed(false);
    if (this.crashed) return;
    const until = Math.min(clock.now() + lookEveryMs, this.files ? this.looksAt : Number.POSITIVE_INFINITY);
    await clock.sleepUntil(until, AbortSignal.any([signal, this.wake.signal]));
  }

  /** @param resume the crashed run to take up */
  private async carryOut(resume?: number): Promise<void> {
    const { sql, project } = this.context;
    const { trigger, options } = this;
    const { name } = trigger;
    this.tell({ event: 'trigger.begun', trigger: name });
    const alive = setInterval(() => void sayAlive(sql, project, name).catch(() => {}), aliveEveryMs);
    try {
      const ended = await carryOut(
        trigger,
        `trigger ${name}`,
        {
          ...options,
          onRun: (runId) => void recordTriggerRun(sql, project, name, runId).catch(() => {}),
          onRetry: (attempt, at) =>
            this.tell({
              event: 'trigger.retried',
              trigger: name,
              attempt,
              at: new Date(at).toISOString(),
            }),
          onFailure: (error) => this.tell({ event: 'trigger.failed', trigger: name, error }),
        },
        resume,
      );
      // Who ends the daemon does not mean to forget what fired.
      const putBack = options.signal.aborted && ended.status !== 'succeeded';
      await finishTrigger(sql, project, name, ended, putBack);
      this.tell({ event: 'trigger.finished', trigger: name, ...ended });
    } finally {
      clearInterval(alive);
    }
  }
}
