import type { PostgresSays } from '../errors/index.js';

/** Postgres's own words in an error of the driver; undefined for any other error. */
export function postgresError(
  error: unknown,
):
  | (PostgresSays & { readonly position?: number | undefined; readonly constraint?: string | undefined })
  | undefined {
  if (typeof error !== 'object' || error === null || (error as { name?: unknown }).name !== 'PostgresError')
    return undefined;
  const raw = error as {
    code: string;
    message: string;
    detail?: string;
    hint?: string;
    position?: string;
    constraint_name?: string;
  };
  return {
    sqlstate: raw.code,
    message: raw.message,
    detail: raw.detail,
    hint: raw.hint,
    position: raw.position === undefined ? undefined : Number(raw.position),
    constraint: raw.constraint_name,
  };
}

/** The SQLSTATE of a Postgres error, or the driver's own code such as `CONNECTION_CLOSED`. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && typeof (error as { code?: unknown }).code === 'string'
    ? (error as { code: string }).code
    : undefined;
}

/** Whether an error means that the connection is gone, and with it whatever the session held. */
export function isConnectionLoss(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code !== undefined &&
    (/^(CONNECTION_|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|ENOENT$)/.test(code) ||
      /^08/.test(code) ||
      ['57P01', '57P02', '57P03', '25P03'].includes(code))
  );
}

/** Whether an error says that a right is missing. */
export function isPermissionDenied(error: unknown): boolean {
  return errorCode(error) === '42501';
}

/** Whether a statement was cancelled by somebody (Ctrl-C), and not by a limit of time, which has the same SQLSTATE. */
export function isCancelled(error: unknown): boolean {
  return errorCode(error) === '57014' && /user request/.test((error as { message?: string }).message ?? '');
}

/** Whether a statement took longer than `statement_timeout` allows. */
export function isOutOfTime(error: unknown): boolean {
  return errorCode(error) === '57014' && !isCancelled(error);
}
