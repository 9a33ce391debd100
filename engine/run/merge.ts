/** Joins pieces into one Parquet file, keeping their order. */
import { quoteName, quoteText } from '../expression/quote.ts';
import type { EmptyTask, MergeTask } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { writeParquet } from './copy-rows.ts';

/** Runs a merge; returns the rows written. */
export async function runMerge(context: RunContext, task: MergeTask): Promise<number> {
  const files = task.inputs.map(quoteText).join(', ');
  const from = `read_parquet([${files}], hive_partitioning=false)`;
  // Without an interleaving, file order is row order: one thread reads and writes in it.
  const order =
    task.sortBy === undefined
      ? ''
      : ` ORDER BY ${quoteName(task.sortBy)}, file_index, file_row_number`;
  const query = `SELECT * FROM ${from}${order}`;
  return timed(context, 'write', () => writeParquet(context, query, task.output, task.parquet));
}

/** Writes a file with columns and no rows. */
export async function runEmpty(context: RunContext, task: EmptyTask): Promise<void> {
  const list = task.columns.map(({ name, type }) => `NULL::${type} AS ${quoteName(name)}`);
  const query = `SELECT ${list.join(', ')} WHERE false`;
  await writeParquet(context, query, task.output, task.parquet);
}
