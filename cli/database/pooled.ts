import { quoteLiteral } from './identifiers.js';
import type { Sql, Transaction } from './sql.js';

/**
 * A pool whose settings are made anew in every transaction: behind a transaction pooler nothing else holds. Statements that are sent with `unsafe`, models and
 * tests among them, get a transaction of their own; tagged ones, the bookkeeping, mean the same under any setting and go as they are.
 */
export function settingsPerTransaction(sql: Sql, settings: Readonly<Record<string, string>>): Sql {
  const prelude = Object.entries(settings)
    .map(([name, value]) => `set local ${name} = ${quoteLiteral(value)}`)
    .join('; ');
  return withPrelude(sql, () => prelude);
}

/**
 * The same pool for work that has to be done in time: each transaction, and each statement that is sent with `unsafe`, gets what is left of it.
 * @param leftMs asked at the beginning of each; may throw
 */
export function withinTime(sql: Sql, leftMs: () => number): Sql {
  return withPrelude(sql, () => `set local statement_timeout = ${Math.ceil(leftMs())}`);
}

function withPrelude(sql: Sql, prelude: () => string): Sql {
  const begin = <Result>(work: (tx: Transaction) => Result | Promise<Result>) =>
    sql.begin(async (tx) => {
      await tx.unsafe(prelude());
      return work(tx);
    });
  const unsafe = (text: string, parameters?: never[]) => {
    let running: Promise<unknown> | undefined;
    const run = () => (running ??= begin((tx) => tx.unsafe(text, parameters)));
    // Like the driver's own: nothing is sent before somebody waits for it. Only what the engine uses is there.
    return {
      // biome-ignore lint/suspicious/noThenProperty: it stands for a query, which is awaited
      then: (resolve?: (value: unknown) => unknown, reject?: (reason: unknown) => unknown) =>
        run().then(resolve, reject),
      catch: (reject: (reason: unknown) => unknown) => run().catch(reject),
      describe: () => sql.unsafe(text, parameters).describe(),
    };
  };
  return new Proxy(sql, {
    get: (target, property) =>
      property === 'begin' ? begin : property === 'unsafe' ? unsafe : Reflect.get(target, property),
  });
}
