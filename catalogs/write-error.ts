/** What the operating system says when writing fails, turned into what the user can do about it. */
import { CrosshatchError, storageError } from '../partitioning/error.ts';

interface Reason {
  /** How the operating system words it, for errors that reach us as DuckDB's text. */
  readonly text: RegExp;
  readonly what: string;
  readonly hint: string;
}

const REASONS: Readonly<Record<string, Reason>> = {
  ENOSPC: {
    text: /no space left on device/i,
    what: 'the disk is full',
    hint: 'free some space, or choose another output or temporary folder (TMPDIR), then run again',
  },
  EDQUOT: {
    text: /disk quota exceeded/i,
    what: 'your disk quota is used up',
    hint: 'free some space or choose another disk, then run again',
  },
  EROFS: {
    text: /read-only file system/i,
    what: 'the file system is read-only',
    hint: 'choose an output on a disk that can be written',
  },
  EACCES: {
    text: /permission denied/i,
    what: 'there is no permission to write',
    hint: 'choose an output folder you may write to, or change its permissions',
  },
  EPERM: {
    text: /operation not permitted/i,
    what: 'there is no permission to write',
    hint: 'choose an output folder you may write to, or change its permissions',
  },
  EMFILE: {
    text: /too many open files/i,
    what: 'too many files are open',
    hint: 'raise the limit (ulimit -n) or use fewer workers',
  },
};

/**
 * The `storage` error for a failed write to `where`. Takes errors of Node's file functions and DuckDB's
 * messages (which quote the operating system); one that is tagged already passes unchanged.
 */
export function writeError(error: unknown, where: string): CrosshatchError {
  if (error instanceof CrosshatchError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | undefined)?.code;
  const reason =
    typeof code === 'string'
      ? REASONS[code]
      : Object.values(REASONS).find((candidate) => candidate.text.test(message));
  const data = storageError(reason?.what ?? `writing failed: ${message}`, where, reason?.hint);
  return new CrosshatchError(data.toData(), { cause: error });
}

/** Runs `write`, turning what it throws into the `storage` error for `where`. */
export async function writing<T>(where: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw writeError(error, where);
  }
}

/** True for the error that says a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ENOENT';
}
