/** What became of a node: children of a failed or skipped one are skipped. */
export type Outcome = 'done' | 'failed';

export type StepAside = (wait: () => Promise<void>) => Promise<void>;

export interface ScheduleOptions<Name extends string> {
  /** Parents before children. */
  readonly order: readonly Name[];
  /** Parents that are not in `order` count as done. */
  parentsOf(name: Name): readonly Name[];
  /** Expected cost, in any unit: the longest path to the end goes first. */
  costOf(name: Name): number;
  readonly threads: number;
  /** Start nothing more after the first failure. */
  readonly failFast: boolean;
  readonly signal: AbortSignal;
  /**
   * Must not throw: a failure is an outcome.
   * @param stepAside waits for something while others have its place
   */
  execute(name: Name, stepAside: StepAside): Promise<Outcome>;
  /** Called for a node that never starts, with the parents that failed (none when the run was stopped). */
  skip(name: Name, because: readonly Name[]): void;
}

/**
 * Runs a graph on a number of connections, the node with the longest path still ahead of it first.
 * Ends when all that could run has run.
 */
export async function runSchedule<Name extends string>(options: ScheduleOptions<Name>): Promise<void> {
  const wanted = new Set(options.order);
  const parents = new Map(
    options.order.map((name) => [name, options.parentsOf(name).filter((parent) => wanted.has(parent))]),
  );
  const children = new Map<Name, Name[]>(options.order.map((name) => [name, []]));
  for (const [name, above] of parents) for (const parent of above) children.get(parent)!.push(name);
  const pathLength = longestPaths(options.order, children, options.costOf);

  const open = new Map([...parents].map(([name, above]) => [name, above.length]));
  const failed = new Set<Name>();
  const ready = options.order.filter((name) => open.get(name) === 0);
  let running = 0;
  /** Those that stepped aside, and those of them that want their place back. */
  let aside = 0;
  const returning: (() => void)[] = [];
  let stopped = false;

  await new Promise<void>((resolve) => {
    const settle = (name: Name, outcome: Outcome) => {
      if (outcome === 'failed') {
        failed.add(name);
        if (options.failFast) stopped = true;
      }
      for (const child of children.get(name)!) {
        open.set(child, open.get(child)! - 1);
        if (open.get(child) === 0) release(child);
      }
    };
    const release = (name: Name) => {
      const because = parents.get(name)!.filter((parent) => failed.has(parent));
      if (because.length === 0) {
        ready.push(name);
        return;
      }
      options.skip(name, because);
      settle(name, 'failed');
    };
    const advance = () => {
      if (options.signal.aborted) stopped = true;
      while (running < options.threads && returning.length > 0) {
        running++;
        aside--;
        returning.shift()!();
      }
      while (!stopped && running < options.threads && ready.length > 0) {
        const next = takeLongest(ready, pathLength);
        running++;
        void options.execute(next, stepAside).then((outcome) => {
          running--;
          settle(next, outcome);
          advance();
        });
      }
      if (running > 0 || aside > 0) return;
      if (stopped) {
        for (const name of options.order)
          if ((open.get(name) ?? 0) > 0 || ready.includes(name))
            if (!failed.has(name)) options.skip(name, []);
      }
      resolve();
    };
    const stepAside: StepAside = async (wait) => {
      running--;
      aside++;
      advance();
      await wait().finally(
        () =>
          new Promise<void>((resume) => {
            returning.push(resume);
            advance();
          }),
      );
    };
    advance();
  });
}

function longestPaths<Name extends string>(
  order: readonly Name[],
  children: ReadonlyMap<Name, readonly Name[]>,
  costOf: (name: Name) => number,
): ReadonlyMap<Name, number> {
  const lengths = new Map<Name, number>();
  for (const name of order.toReversed()) {
    lengths.set(name, costOf(name) + Math.max(0, ...children.get(name)!.map((child) => lengths.get(child)!)));
  }
  return lengths;
}

function takeLongest<Name extends string>(ready: Name[], lengths: ReadonlyMap<Name, number>): Name {
  let best = 0;
  for (let i = 1; i < ready.length; i++) if (lengths.get(ready[i]!)! > lengths.get(ready[best]!)!) best = i;
  return ready.splice(best, 1)[0]!;
}
