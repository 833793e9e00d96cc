/** An error as PostgREST answers it: https://docs.postgrest.org/en/v14/references/errors.html */
export class ApiError extends Error {
  readonly status: number;
  readonly body: { code?: string; details?: string | null; hint?: string | null; message: string };
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string | undefined,
    message: string,
    more: { details?: string; hint?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = more.headers ?? {};
    this.body =
      code === undefined
        ? { message, ...(more.hint !== undefined && { hint: more.hint }) }
        : { code, details: more.details ?? null, hint: more.hint ?? null, message };
  }
}

export const parseError = (what: string, details: string) =>
  new ApiError(400, 'PGRST100', `"failed to parse ${what}"`, { details });

interface PostgresSaid {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

const statuses: readonly (readonly [RegExp, number])[] = [
  [/^(08|53)(?!400)/, 503],
  [/^25006/, 405],
  [/^(09|25|2D|38|39|3B|40|53400|54|55|57|58|F0|HV|XX)/, 500],
  [/^(0L|0P|28)/, 403],
  [/^(23503|23505)/, 409],
  [/^(42883|42P01)/, 404],
  [/^42P17/, 500],
];

/** What Postgres refused, with the status of its class. */
export function postgresApiError(said: PostgresSaid, isAnonymous: boolean): ApiError {
  const status =
    said.code === '42501'
      ? isAnonymous
        ? 401
        : 403
      : (statuses.find(([pattern]) => pattern.test(said.code))?.[1] ?? 400);
  return new ApiError(status, said.code, said.message, {
    ...(said.detail !== undefined && { details: said.detail }),
    ...(said.hint !== undefined && { hint: said.hint }),
    ...(status === 401 && { headers: { 'www-authenticate': 'Bearer' } }),
  });
}
