/** How runs are carried out that nobody watches. Times are like `'30 s'`, `'5min'`, `'2h'`. */
export interface UnattendedConfig {
  /** Default `build`. */
  readonly command?: 'build' | 'load' | 'run';
  /** As `--select` and `--exclude`. */
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  /** A run that takes longer is interrupted. */
  readonly timeout?: string;
  /** How often a run that failed is tried again. Default 0. */
  readonly retries?: number;
  /** Before the first retry; each further one waits twice as long, up to ten minutes or this if it is more. Default `'1min'`. */
  readonly retryDelay?: string;
  /** What it does while another run of the project goes on: waits for its turn (default), or leaves this one out. */
  readonly whenBusy?: 'wait' | 'skip';
  /** With `whenBusy: 'wait'`: for how long. Default: as long as it takes. */
  readonly maxWait?: string;
  /**
   * What was running when the daemon was killed: left alone (default of schedules), run again (default of triggers), or taken up where it stopped: what it had
   * loaded is not loaded again.
   */
  readonly onCrash?: 'skip' | 'rerun' | 'resume';
}

/** When `mdl schedule` runs the project, and how. */
export interface ScheduleConfig extends UnattendedConfig {
  /** Five fields, or six with seconds first: `0 6 * * *`. */
  readonly cron: string;
  /** Of the IANA database: `America/Recife`. Default `UTC`. */
  readonly timezone?: string;
  /** What came due while nobody was there: the last of it is run (default), all of it, or none. */
  readonly catchUp?: 'last' | 'all' | 'none';
  /**
   * What comes due while the schedule's own run still goes on: skipped (default); or the last of it is run afterwards; or the run is interrupted, and the new
   * one begins.
   */
  readonly overlap?: 'skip' | 'queue' | 'cancel';
  /** Runs begin up to so much later, by chance. Default `'0 s'`. */
  readonly jitter?: string;
}
