/** Joins pieces into one Parquet file, keeping their order. */
import { quoteName, quoteText } from '../expression/quote.ts';
import type { EmptyTask, MergeTask } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { writeParquet } from './copy-rows.ts';
import { decodeMemory, openPlainScan, plainRows, type ScanRows } from './plain-scan.ts';
import { writePlain } from './plain-write.ts';
import { consecutive } from './row-set.ts';
import { ascending } from './sort-rows.ts';

export async function runMerge(context: RunContext, task: MergeTask): Promise<void> {
  if (await mergePlainly(context, task)) return;
  const files = task.inputs.map(quoteText).join(', ');
  const from = `read_parquet([${files}], hive_partitioning=false)`;
  // Without an interleaving, file order is row order: one thread reads and writes in it.
  const order =
    task.sortBy === undefined
      ? ''
      : ` ORDER BY ${quoteName(task.sortBy)}, file_index, file_row_number`;
  const query = `SELECT * FROM ${from}${order}`;
  await timed(context, 'write', () => writeParquet(context, query, task.output, task.parquet));
}

/** Past the database, as pieces are written; false where it has to. */
async function mergePlainly(context: RunContext, task: MergeTask): Promise<boolean> {
  const rows = await timed(context, 'metadata', () => plainRows(task.inputs));
  if (rows === null) return false;
  const { files, spec } = rows;
  const length = files.reduce((sum, file) => sum + file.rows, 0);
  const { sortBy } = task;
  const ids =
    sortBy === undefined
      ? null
      : await timed(context, 'gather', () => orderOf(context, rows, sortBy, length));
  if (sortBy !== undefined && ids === null) return false;
  const columns = spec.columns.map(({ name, type }) => {
    return { name, type, source: { kind: 'scan' as const, scan: 0, column: name } };
  });
  const pieces = [{ path: task.output, from: 0, to: length }];
  return writePlain(context, new Map([[0, { ...rows, ids }]]), columns, task.parquet, pieces);
}

/** Of each row while they are sorted: the value, and its number in two orders. */
const SORT_BYTES = 20;

/** Numbers of the rows in the order of a column, rows of equal values as they come; null where that is not simple. */
function orderOf(
  context: RunContext,
  rows: ScanRows,
  sortBy: string,
  length: number,
): Int32Array | null {
  const isWhole = rows.spec.columns.some(({ name, type }) => name === sortBy && type === 'BIGINT');
  if (!isWhole || SORT_BYTES * length > context.arrayBytes) return null;
  const scan = openPlainScan(rows, [sortBy], { from: 0, to: length });
  if (scan === null) return null;
  try {
    const memory = decodeMemory(length);
    const values = scan.read(sortBy, memory, 0, () => context.session.checkStop());
    if (values === null || values === 'too large' || values.valid !== null) return null;
    const keys = new BigInt64Array(memory.words.buffer);
    return ascending(keys) ?? consecutive(0, length);
  } finally {
    scan.close();
  }
}

/** Writes a file with columns and no rows. */
export async function runEmpty(context: RunContext, task: EmptyTask): Promise<void> {
  const list = task.columns.map(({ name, type }) => `NULL::${type} AS ${quoteName(name)}`);
  const query = `SELECT ${list.join(', ')} WHERE false`;
  await writeParquet(context, query, task.output, task.parquet);
}
