/** Work on one of several parts that are worked on at a time; its results are taken in the order of the parts. */
export type Part<T> = (signal: AbortSignal) => AsyncIterable<T>;

/**
 * Works on several parts at a time and hands out what they give in their order: all of the first, then all of the second. What comes from later parts
 * waits in memory, so a part should be small.
 * @param next the next part, asked for one after the other; undefined when there is none
 * @throws what a part throws, when its turn comes; what the earlier ones gave has been handed out then
 */
export async function* inOrder<T>(
  next: (signal: AbortSignal) => Promise<Part<T> | undefined>,
  lanes: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const stop = new AbortController();
  const end = () => stop.abort(signal.reason);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const running: Lane<T>[] = [];
  let asked: Promise<Part<T> | undefined> = Promise.resolve(undefined);
  let isLast = false;
  const start = () => {
    asked = asked.then(() => (isLast ? undefined : next(stop.signal)));
    running.push(lane(asked, stop.signal, () => (isLast = true)));
  };
  try {
    while (running.length < lanes) start();
    for (let first = running[0]; first; first = running[0]) {
      yield* first.results();
      running.shift();
      if (!isLast) start();
    }
  } finally {
    stop.abort();
    signal.removeEventListener('abort', end);
    await Promise.allSettled(running.map(({ finished }) => finished));
  }
}

interface Lane<T> {
  results(): AsyncGenerator<T>;
  readonly finished: Promise<void>;
}

function lane<T>(part: Promise<Part<T> | undefined>, signal: AbortSignal, onNone: () => void): Lane<T> {
  const waiting: T[] = [];
  let isFinished = false;
  let wake = () => {};
  const work = async () => {
    try {
      const read = await part;
      if (!read) return onNone();
      for await (const result of read(signal)) {
        waiting.push(result);
        wake();
      }
    } finally {
      isFinished = true;
      wake();
    }
  };
  const finished = work();
  finished.catch(() => {});
  return {
    finished,
    async *results() {
      for (;;) {
        const result = waiting.shift();
        if (result !== undefined) yield result;
        else if (isFinished) return void (await finished);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
