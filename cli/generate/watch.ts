import type { Sql } from '../database/connect.js';
import { publishedChannel } from '../publish/publish.js';

/**
 * Does some work now and after each publish, one at a time, until the signal; publishes that come meanwhile are met by one more.
 * @throws what the first of them throws; later errors go to `failed`
 */
export async function afterEachPublish(
  sql: Sql,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  let running: Promise<void> | undefined;
  let isAsked = false;
  const again = () => {
    isAsked = true;
    running ??= (async () => {
      while (isAsked && !signal.aborted) {
        isAsked = false;
        await work().catch(failed);
      }
      running = undefined;
    })();
  };
  let isFirst = true;
  await sql.listen(publishedChannel, again, () => {
    // After a connection that was lost: something may have been published without a word.
    if (!isFirst) again();
    isFirst = false;
  });
  await work();
  if (!signal.aborted) await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }));
  await running;
}
