import { type ErrorCode, errorCodes } from './codes.js';

/** A place in a file that the user wrote. Lines and columns count from 1. */
export interface Where {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** What Postgres itself said, passed on unchanged. */
export interface PostgresSays {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

export interface ErrorParts {
  readonly message: string;
  readonly where?: Where | undefined;
  /** What to do about it, as a sentence. Without it the general advice of the code is shown. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly postgres?: PostgresSays | undefined;
}

/** An error as JSON: the shape in `--json` output and in `medallion.runs.error`. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: Where | undefined;
  readonly hint: string;
  readonly postgres?: PostgresSays | undefined;
}

/**
 * The one error type that leaves the engine. Its `code` is stable and documented in `docs/errors.md`;
 * `message` says what is wrong, `where` points into the user's file, `hint` says what to do.
 */
export class MedallionError extends Error {
  readonly code: ErrorCode;
  readonly where: Where | undefined;
  readonly hint: string;
  readonly postgres: PostgresSays | undefined;

  constructor(code: ErrorCode, parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'MedallionError';
    this.code = code;
    this.where = parts.where;
    this.hint = parts.hint ?? errorCodes[code].advice;
    this.postgres = parts.postgres;
  }

  toJSON(): ErrorRecord {
    return {
      code: this.code,
      message: this.message,
      ...(this.where && { where: this.where }),
      hint: this.hint,
      ...(this.postgres && { postgres: this.postgres }),
    };
  }
}

/** `file:line:column`, as editors and terminals make clickable. */
export function formatWhere(where: Where): string {
  return [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
}
