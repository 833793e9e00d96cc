import type postgres from 'postgres';

/** A pool of connections; int8 arrives as a number. */
export type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;
/** Something that runs statements: a pool, or one transaction of it. */
export type Queryable = Sql | Transaction;
