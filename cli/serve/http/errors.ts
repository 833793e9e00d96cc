import { isConnectionLoss, postgresError } from '../../database/postgres-error.js';
import { UrlSyntaxError } from '../parse/reader.js';
import { RequestError } from '../resolve/errors.js';

/** An error as PostgREST's clients read it. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
  readonly hint: string | null;
}

/** By SQLSTATE, the longest beginning that fits. @see https://docs.postgrest.org/en/v13/references/errors.html#status-codes */
const statuses: Readonly<Record<string, number>> = {
  ...{ '08': 503, '0L': 403, '0P': 403, '23503': 409, '23505': 409, '25': 500, '25006': 405, '28': 403 },
  ...{ '2D': 500, '38': 500, '39': 500, '3B': 500, '40': 500, '53': 503, '53400': 500, '54': 400, '55': 500 },
  ...{
    '57': 500,
    '57014': 504,
    '57P01': 503,
    '57P03': 503,
    '58': 500,
    F0: 500,
    HV: 500,
    P0: 500,
    P0001: 400,
    XX: 500,
  },
  ...{ '42883': 404, '42P01': 404, '42P17': 500, '42501': 403 },
};

/** How to say who one is, and what was wrong with it. @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export function challenge({ code, message }: ErrorBody): string {
  return ['PGRST301', 'PGRST303'].includes(code)
    ? `Bearer error="invalid_token", error_description="${message.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}"`
    : 'Bearer';
}

/**
 * What is told of an error, and with which status.
 * @param isAnonymous who may not read something is asked to say who they are
 * @returns undefined for an error that is ours
 */
export function describeError(
  error: unknown,
  isAnonymous: boolean,
): { status: number; body: ErrorBody } | undefined {
  if (error instanceof RequestError)
    return {
      status: error.status,
      body: { code: error.code, details: error.details, hint: error.hint, message: error.message },
    };
  if (error instanceof UrlSyntaxError)
    return {
      status: 400,
      body: { code: 'PGRST100', details: error.details, hint: null, message: error.message },
    };
  const known = postgresError(error);
  if (!known)
    return isConnectionLoss(error)
      ? {
          status: 503,
          body: {
            ...{ code: 'PGRST001', message: 'The connection to the database was lost.', details: null },
            hint: 'Try again after a moment.',
          },
        }
      : undefined;
  const { sqlstate, message, detail, hint } = known;
  const status = statuses[sqlstate] ?? statuses[sqlstate.slice(0, 2)] ?? 400;
  return {
    status: status === 403 && sqlstate === '42501' && isAnonymous ? 401 : status,
    body: { code: sqlstate, details: detail ?? null, hint: hint ?? null, message },
  };
}
