import type { SourceSession } from './source.js';

/** What sources keep open over several loads; `close` lets go of all of it, the last one first. */
export function createSourceSession(): SourceSession & { close(): Promise<void> } {
  const kept = new Map<object, Promise<{ value: unknown; close(): Promise<void> }>>();
  return {
    async keep<Value>(owner: object, open: () => Promise<{ value: Value; close(): Promise<void> }>) {
      let opening = kept.get(owner);
      if (!opening) {
        opening = open();
        kept.set(owner, opening);
        // The next table may try again.
        opening.catch(() => kept.delete(owner));
      }
      return (await opening).value as Value;
    },
    async forget(owner, value) {
      const opening = kept.get(owner);
      const opened = await opening?.catch(() => undefined);
      if (opened?.value !== value || kept.get(owner) !== opening) return;
      kept.delete(owner);
      await opened?.close().catch(() => {});
    },
    async close() {
      const opened = [...kept.values()].reverse();
      kept.clear();
      for (const opening of opened) await opening.then(({ close }) => close()).catch(() => {});
    },
  };
}
