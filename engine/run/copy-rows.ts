/** Writes the columns of a row set to a file, in the set's order. */
import { quoteText } from '../expression/quote.ts';
import type { BoundColumn, ParquetOptions, ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { gatherRows, type LoadedFiles } from './gather.ts';
import type { RowSet } from './row-set.ts';

/** Makes the statement that writes the rows of a query. */
export type CopyStatement = (query: string) => string;

/** Gathers `columns` of the rows and writes them with the statement that `copy` makes. */
export async function copyRows(
  context: RunContext,
  set: RowSet,
  loaded: LoadedFiles,
  columns: readonly BoundColumn[],
  copy: CopyStatement,
): Promise<void> {
  const gathered = await gatherRows(context, set, loaded, columns);
  try {
    // DuckDB joins give rows in no order.
    const query = `SELECT ${gathered.select} ${gathered.from} ORDER BY q.n`;
    await timed(context, 'write', () => context.session.run(copy(query)));
  } finally {
    await gathered.drop();
  }
}

/** `COPY` of a query to one Parquet file. Version 2 pages: smaller and faster to write than DuckDB's default. */
export function copyToParquet(query: string, file: string, parquet: ParquetOptions): string {
  const level = parquet.level === undefined ? '' : `, COMPRESSION_LEVEL ${parquet.level}`;
  return (
    `COPY (${query}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION ${parquet.compression}${level}, ` +
    `PARQUET_VERSION v2, ROW_GROUP_SIZE ${parquet.rowGroupRows}, DICTIONARY_SIZE_LIMIT 1000)`
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
