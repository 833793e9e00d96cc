import { errorCode, isConnectionLoss } from './postgres-error.js';
import type { Sql, Transaction } from './sql.js';

/**
 * What the driver (3.4.9) does wrong when a connection is lost, mended from outside:
 * in a transaction it sends `rollback`, `rollback to` or `commit` to a socket that is gone, which ends the process, or sends what comes next on whatever connection took its place
 * (https://github.com/porsager/postgres/issues/1208, /pull/1155); and the next statement on the new connection fails with the error of the old one (/pull/1215).
 */

type Begin = (...args: readonly unknown[]) => Promise<unknown>;
type Work = (tx: Transaction) => unknown;
type Settled = { reject?: (error: unknown) => void };

/** The end of a transaction's connection. */
interface Loss {
  error(): { readonly error: unknown } | undefined;
  tell(error: unknown): void;
  /** Fails with its error. */
  readonly ended: Promise<never>;
}

function loss(): Loss {
  let lost: { readonly error: unknown } | undefined;
  let fail: (error: unknown) => void;
  const ended = new Promise<never>((_, reject) => {
    fail = reject;
  });
  ended.catch(() => {});
  return {
    error: () => lost,
    tell(error) {
      lost ??= { error };
      fail(lost.error);
    },
    ended,
  };
}

/** Transactions of the pool end with their connection: nothing is sent after it is lost. Changes the pool itself. */
export function endWithConnection(sql: Sql): Sql {
  const begin = sql.begin as unknown as Begin;
  const guarded: Begin = (...args) => {
    const lost = loss();
    const running = begin(...args.slice(0, -1), guardedWork(args.at(-1) as Work, lost));
    // The connection may be lost while nothing is asked of it.
    running.catch(lost.tell);
    return Promise.race([running, lost.ended]);
  };
  return Object.assign(sql, { begin: guarded });
}

/** After the work the driver would send `commit`, `rollback` or `rollback to`: once the connection is lost, it hears nothing more. */
function guardedWork(work: Work, lost: Loss): Work {
  return async (tx) => {
    try {
      const result = await work(guardedTransaction(tx, lost));
      return lost.error() ? new Promise(() => {}) : result;
    } catch (cause) {
      if (lost.error()) return new Promise(() => {});
      throw cause;
    }
  };
}

function guardedTransaction(tx: Transaction, lost: Loss): Transaction {
  const send = <Made>(make: () => Made): Made => {
    const gone = lost.error();
    if (gone) throw gone.error;
    return watched(make(), lost.tell);
  };
  const own: Readonly<Record<PropertyKey, unknown>> = {
    unsafe: (...args: never[]) => send(() => (tx.unsafe as (...args: never[]) => unknown)(...args)),
    savepoint: (...args: readonly unknown[]) =>
      send(() => {
        const savepoint = tx.savepoint as unknown as Begin;
        const running = savepoint(...args.slice(0, -1), guardedWork(args.at(-1) as Work, lost));
        return Promise.race([running, lost.ended]);
      }),
  };
  return new Proxy(tx, {
    apply: (target, _self, args) => send(() => Reflect.apply(target as never, undefined, args)),
    get: (target, name) => own[name] ?? Reflect.get(target, name),
  });
}

/** A statement is sent when somebody waits for it, and not before: so its end is listened to where it is told. */
function watched<Made>(made: Made, lose: (error: unknown) => void): Made {
  const query = made as Settled;
  const { reject } = query;
  if (reject)
    query.reject = (error) => {
      if (isConnectionLoss(error)) lose(error);
      reject(error);
    };
  return made;
}

/**
 * A pool that is made anew when it has lost a connection: what runs on the others goes on, what comes next finds good ones.
 * @param open makes the pool; called at once
 */
export function renewed(open: () => Sql): Sql {
  let pool = open();
  const former: Sql[] = [];
  const renew = (from: Sql) => (error: unknown) => {
    if (from !== pool || !/^(CONNECTION_CLOSED|ECONNRESET|EPIPE|57P0[12])$/.test(errorCode(error) ?? ''))
      return;
    former.push(pool);
    pool = open();
    // Ends each connection when it has nothing to do.
    void (from as Sql & { close(): Promise<void> }).close().catch(() => {});
  };
  const begin: Begin = (...args) => {
    const from = pool;
    const running = (from.begin as unknown as Begin)(...args);
    running.catch(renew(from));
    return running;
  };
  const unsafe = (...args: never[]) =>
    watched((pool.unsafe as (...args: never[]) => unknown)(...args), renew(pool));
  // A transaction that ended with its connection keeps its place in the driver: nobody is to wait for it.
  const end = (options: never) =>
    Promise.all([pool.end(options), ...former.map((one) => one.end({ timeout: 0 }))]);
  const own: Readonly<Record<PropertyKey, unknown>> = { begin, unsafe, end };
  return new Proxy(pool, {
    apply: (_target, _self, args) => watched(Reflect.apply(pool, undefined, args), renew(pool)),
    get: (_target, name) => own[name] ?? Reflect.get(pool, name),
  });
}
