/**
 * A request that cannot be answered, in the shape that PostgREST's clients know.
 * @see https://docs.postgrest.org/en/v13/references/errors.html
 */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    /** PostgREST's, or Postgres's. */
    readonly code: string,
    message: string,
    readonly details: unknown = null,
    readonly hint: string | null = null,
  ) {
    super(message);
  }
}

/** @param name as it stands in the URL */
export function notEmbedded(name: string): RequestError {
  return new RequestError(
    400,
    'PGRST108',
    `'${name}' is not an embedded resource in this request`,
    null,
    `Verify that '${name}' is included in the 'select' query parameter.`,
  );
}
