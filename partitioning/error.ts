/**
 * Errors that say what, where and what now. They live in the leftmost room because every room throws
 * them, and they travel between threads as {@link ErrorData}, since structured cloning drops subclasses.
 */

/**
 * - `request`: the request is wrong, which metadata can tell; refused before any work (exit code 2).
 * - `data`: bad data or files met while running (exit code 1).
 * - `worker`: a worker thread died or ran out of memory (exit code 1).
 * - `storage`: reading or writing failed: missing file, no permission, disk full (exit code 1).
 * - `user`: code that the user gave to be run threw, or returned what it may not (exit code 1).
 * - `aborted`: interrupted by a signal or an AbortSignal (exit code 130).
 * - `internal`: a broken promise inside the program (exit code 1).
 */
export type ErrorTag = 'request' | 'data' | 'worker' | 'storage' | 'user' | 'aborted' | 'internal';

/** A {@link CrosshatchError} as plain data. */
export interface ErrorData {
  readonly tag: ErrorTag;
  /** What is wrong, one sentence without a full stop. */
  readonly what: string;
  /** File, cell, row or option it concerns. */
  readonly where?: string;
  /** What the user can do now. */
  readonly hint?: string;
  /** Stack of the origin, shown only with `--debug`. */
  readonly stack?: string;
}

/** Every error that reaches a user. `message` is one to three lines: what (where), then the hint. */
export class CrosshatchError extends Error {
  readonly tag: ErrorTag;
  readonly what: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(data: ErrorData, options?: { cause?: unknown }) {
    super(errorText(data), options);
    this.name = 'CrosshatchError';
    this.tag = data.tag;
    this.what = data.what;
    this.where = data.where;
    this.hint = data.hint;
    if (data.stack !== undefined) this.stack = data.stack;
  }

  toData(): ErrorData {
    return {
      tag: this.tag,
      what: this.what,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.stack === undefined ? {} : { stack: this.stack }),
    };
  }
}

function errorText(data: ErrorData): string {
  const where = data.where === undefined ? '' : ` (${data.where})`;
  const hint = data.hint === undefined ? '' : `\n${data.hint}`;
  return `${data.what}${where}${hint}`;
}

/** The request is wrong: refused before any work. */
export function requestError(what: string, hint?: string, where?: string): CrosshatchError {
  return new CrosshatchError({ tag: 'request', what, ...rest(hint, where) });
}

/** Bad data met in a file. */
export function dataError(what: string, where?: string, hint?: string): CrosshatchError {
  return new CrosshatchError({ tag: 'data', what, ...rest(hint, where) });
}

/** Reading or writing failed. */
export function storageError(what: string, where?: string, hint?: string): CrosshatchError {
  return new CrosshatchError({ tag: 'storage', what, ...rest(hint, where) });
}

/** Interrupted by the user. */
export function abortedError(what = 'interrupted'): CrosshatchError {
  return new CrosshatchError({ tag: 'aborted', what });
}

function rest(hint: string | undefined, where: string | undefined) {
  return { ...(hint === undefined ? {} : { hint }), ...(where === undefined ? {} : { where }) };
}

/** Any thrown value as plain data; a foreign error keeps its message under the given tag. */
export function errorDataOf(error: unknown, tag: ErrorTag = 'internal'): ErrorData {
  if (error instanceof CrosshatchError) return error.toData();
  if (error instanceof Error) {
    return {
      tag,
      what: error.message,
      ...(error.stack === undefined ? {} : { stack: error.stack }),
    };
  }
  return { tag, what: String(error) };
}
