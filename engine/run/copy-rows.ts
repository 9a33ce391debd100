/** Writes the columns of a row set to a file, in the set's order. */
import { quoteText } from '../expression/quote.ts';
import type { BoundColumn, ParquetOptions, ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { gatherRows } from './gather.ts';
import type { Loaded } from './loaded.ts';
import type { RowSet } from './row-set.ts';

/** Gathers `columns` of the rows and hands the query that gives them, in order, to `write`, whose time is that of `phase`. */
export async function copyRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
  write: (query: string) => Promise<unknown>,
  phase: 'gather' | 'write' = 'write',
): Promise<void> {
  const gathered = await gatherRows(context, set, loaded, columns);
  try {
    const query = `SELECT ${gathered.select} ${gathered.from}${gathered.inOrder}`;
    await timed(context, phase, () => write(query));
  } finally {
    await gathered.drop();
  }
}

/**
 * Writes the rows of a query to one Parquet file; returns how many. Version 2 encodings are smaller and faster to
 * write than DuckDB's default, but of 32-bit integers it writes differences that need a 33rd bit, which
 * Arrow's readers refuse: a file that may hold one is written again without them.
 */
export async function writeParquet(
  { session }: Pick<RunContext, 'session'>,
  query: string,
  file: string,
  parquet: ParquetOptions,
): Promise<number> {
  const [written] = await session.rows(copyToParquet(query, file, parquet, 'v2'));
  const { count, column_statistics } = written as unknown as WrittenFile;
  if (column_statistics.some(({ value }) => hasWideDifferences(value))) {
    await session.rows(copyToParquet(query, file, parquet, 'v1'));
  }
  return Number(count);
}

/** What a COPY tells of the file it wrote: statistics of every leaf column, as texts. */
interface WrittenFile {
  readonly count: bigint;
  readonly column_statistics: readonly { readonly value: LeafStatistics }[];
}

type LeafStatistics = readonly { readonly key: string; readonly value: string }[];

/** True where a leaf may hold 32-bit integers that lie more than 2³¹ − 1 apart. */
function hasWideDifferences(statistics: LeafStatistics): boolean {
  const [min, max] = ['min', 'max'].map((name) => {
    const text = statistics.find(({ key }) => key === name)?.value ?? '';
    return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  }) as [number, number];
  // Beyond these bounds the column is one of 64 bits, where differences wrap.
  return min >= -(2 ** 31) && max < 2 ** 32 && max - min >= 2 ** 31;
}

function copyToParquet(
  query: string,
  file: string,
  parquet: ParquetOptions,
  version: 'v1' | 'v2',
): string {
  const level = parquet.level === undefined ? '' : `, COMPRESSION_LEVEL ${parquet.level}`;
  return (
    `COPY (${query}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION ${parquet.compression}${level}, ` +
    `PARQUET_VERSION ${version}, ROW_GROUP_SIZE ${parquet.rowGroupRows}, DICTIONARY_SIZE_LIMIT 1000, ` +
    'RETURN_STATS)'
  );
}

/** `COPY` of a query to one CSV file without a header. */
export function copyToCsv(query: string, file: string): string {
  return `COPY (${query}) TO ${quoteText(file)} (FORMAT csv, HEADER false)`;
}

/** All columns of a scan, under their own names. */
export function allColumns(spec: ScanSpec, scan: number): BoundColumn[] {
  return spec.columns.map(({ name, type }) => ({
    name,
    type,
    ref: { kind: 'scan', scan, column: name },
  }));
}
