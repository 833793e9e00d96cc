/** Work that is under way or done, by a name. */
export type SharedWorks<Value> = Map<string, SharedWork<Value>>;

interface SharedWork<Value> {
  readonly result: Promise<Value>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Does a piece of work once for all who want it. Each waits as long as its own signal lets it; the work is stopped when nobody waits any more. What is done
 * stays, what fails may be tried again.
 * @throws the signal's reason when aborted; what `work` throws
 */
export async function shareWork<Value>(
  works: SharedWorks<Value>,
  name: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  signal?.throwIfAborted();
  const shared = works.get(name) ?? begin(works, name, work);
  shared.waiting++;
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal!.reason);
    signal?.addEventListener('abort', leave);
  });
  try {
    return await Promise.race([shared.result, left]);
  } finally {
    signal?.removeEventListener('abort', leave);
    shared.waiting--;
    if (shared.waiting === 0 && signal?.aborted) {
      forget(works, name, shared);
      shared.stop.abort(signal.reason);
      await shared.result.catch(() => {});
    }
  }
}

function begin<Value>(
  works: SharedWorks<Value>,
  name: string,
  work: (signal: AbortSignal) => Promise<Value>,
): SharedWork<Value> {
  const stop = new AbortController();
  const shared = { result: work(stop.signal), stop, waiting: 0 };
  works.set(name, shared);
  shared.result.catch(() => forget(works, name, shared));
  return shared;
}

function forget<Value>(works: SharedWorks<Value>, name: string, shared: SharedWork<Value>): void {
  if (works.get(name) === shared) works.delete(name);
}
