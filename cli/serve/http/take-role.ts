import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, Transaction } from '../../database/connect.js';
import { RequestError } from '../resolve/errors.js';
import type { Identity } from './auth/identity.js';

/** A transaction that reads for someone. */
export interface RoleSession {
  readonly sql: Transaction;
  /** Ends the transaction and gives the connection back. */
  release(): Promise<void>;
}

/**
 * Begins a transaction in which everything is read with the role of `identity`, and its claims are in `request.jwt.claims`.
 * @throws RequestError 42501 for a role that there is not, or a superuser: nobody who may read may do anything
 */
export function takeRole(pool: Sql, identity: Identity): Promise<RoleSession> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let end = () => {};
    const over = pool
      .begin(async (tx) => {
        await setRole(tx, identity);
        const released = new Promise<void>((done) => {
          end = done;
        });
        resolve({
          sql: tx,
          async release() {
            // A connection that is lost must not be asked to end its transaction: postgres.js 3.4.9 writes to the socket that is gone, and the process
            // dies. The loss is told one turn after the error of the statement at the latest.
            await nextTurn();
            if (isOver) return;
            end();
            await over;
          },
        });
        await released;
      })
      .catch(reject)
      .finally(() => {
        isOver = true;
      }) as Promise<void>;
  });
}

async function setRole(tx: Transaction, { role, claims }: Identity): Promise<void> {
  const [taken] = await tx<{ role: string | null }[]>`
    select case when ${role ?? null}::text is null then ''
                else (select set_config('role', rolname, true) from pg_catalog.pg_roles where rolname = ${role ?? null} and not rolsuper) end as role,
           set_config('request.jwt.claims', ${claims!}, true)`;
  if (taken!.role === null) throw new RequestError(403, '42501', `The role "${role}" cannot be taken here.`);
}
