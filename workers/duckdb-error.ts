/** DuckDB's messages as this project's errors: what, where, what now. */
import { CrosshatchError, type ErrorData } from '../partitioning/error.ts';

interface Pattern {
  readonly test: RegExp;
  data(message: string, match: RegExpExecArray): ErrorData;
}

const PATTERNS: readonly Pattern[] = [
  {
    test: /No space left on device|disk quota exceeded|max_temp_directory_size/i,
    data: (message) => ({
      tag: 'storage',
      what: 'the disk is full',
      where: quoted(message),
      hint: 'Free space, or choose another output or temporary folder (TMPDIR); --resume continues the run.',
    }),
  },
  {
    test: /Out of Memory Error/i,
    data: () => ({
      tag: 'worker',
      what: 'a task needs more memory than its share',
      hint: 'Raise --memory or lower --workers.',
    }),
  },
  {
    test: /No files found that match the pattern "([^"]*)"|Cannot open file "([^"]*)"[^\n]*No such file/i,
    data: (_, match) => ({
      tag: 'storage',
      what: 'a file of the catalog is missing',
      where: match[1] ?? match[2],
      hint: 'The catalog is incomplete: copy it again.',
    }),
  },
  {
    test: /Permission denied/i,
    data: (message) => ({
      tag: 'storage',
      what: 'no permission',
      where: quoted(message),
      hint: 'Check the permissions of the file and its folder.',
    }),
  },
  {
    test: /Failed to read Parquet file "([^"]*)": Using file_row_number option/i,
    data: (_, match) => ({
      tag: 'data',
      what: 'a column is called file_row_number, a name that the database keeps for itself',
      where: match[1],
      hint: 'Rename the column.',
    }),
  },
  {
    test: /No magic bytes found at (?:the )?(?:end|start) of file '([^']*)'|too small to be a Parquet file|Footer length error|File '([^']*)' too small|TProtocolException|Corrupt|Failed to read Parquet|Decompression failure/i,
    data: (message, match) => ({
      tag: 'data',
      what: 'not a readable Parquet file',
      where: match[1] ?? match[2] ?? quoted(message),
      hint: 'The file is damaged or was cut short: copy it again.',
    }),
  },
];

/** A CrosshatchError for whatever DuckDB threw; errors that are ours already pass through. */
export function databaseError(error: unknown): CrosshatchError {
  if (error instanceof CrosshatchError) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const { test, data } of PATTERNS) {
    const match = test.exec(message);
    if (match !== null)
      return new CrosshatchError(withoutUndefined(data(message, match)), { cause: error });
  }
  const first = message.split('\n')[0] ?? message;
  return new CrosshatchError({ tag: 'data', what: first }, { cause: error });
}

function quoted(message: string): string | undefined {
  return /["']([^"'\n]*\/[^"'\n]*)["']/.exec(message)?.[1];
}

function withoutUndefined(data: ErrorData): ErrorData {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== undefined),
  ) as unknown as ErrorData;
}
