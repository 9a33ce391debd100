/** The columns of a row set in its order, in batches; put together a block at a time where they are too many at once. */
import { widthOf } from '../expression/nest-type.ts';
import { quoteName, quoteText } from '../expression/quote.ts';
import type { ValueBatch } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { gatherRows } from './gather.ts';
import { leavesOf, type StoredColumn } from './leaves.ts';
import type { Loaded } from './loaded.ts';
import type { RowSet } from './row-set.ts';

/** Part of a worker's array share that a block may take; the database holds it once more meanwhile. */
const SHARE_OF_BLOCK = 0.4;

/** The rows in batches. */
export async function* rowBatches(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
): AsyncGenerator<ValueBatch, void, void> {
  if (set.length === 0) return;
  const types = columns.map(({ type }) => type);
  const bytes = await estimateBytes(context, set, loaded, columns);
  const blocks = Math.ceil(bytes / (SHARE_OF_BLOCK * context.arrayBytes));
  const gathered = await gatherRows(context, set, loaded, columns);
  try {
    const query = `SELECT ${gathered.select} ${gathered.from}${gathered.inOrder}`;
    const { session } = context;
    if (blocks <= 1) {
      yield* await timed(context, 'gather', () => session.values(query, types));
      return;
    }
    const table = `block_${context.nextTable++}`;
    await timed(context, 'gather', () =>
      session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${query}`),
    );
    const step = Math.max(1, Math.ceil(set.length / blocks));
    const list = columns.map(({ name }) => quoteName(name)).join(', ');
    for (let from = 0; from < set.length; from += step) {
      const where = `rowid >= ${from} AND rowid < ${from + step}`;
      const slice = `SELECT ${list} FROM ${table} WHERE ${where} ORDER BY rowid`;
      yield* await timed(context, 'gather', () => session.values(slice, types));
    }
    await session.dropTable(table);
  } finally {
    await gathered.drop();
  }
}

/** Bytes that the values of `columns` take, about: exact where they are stored, by the number of elements. */
async function estimateBytes(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
): Promise<number> {
  const leaves = leavesOf(columns, context.computed);
  let bytes = 16 * set.length;
  for (const [scan, stored] of leaves.scans) {
    const files = loaded.files.get(scan) ?? [];
    if (files.length === 0) continue;
    const paths = files.map(({ path }) => path);
    bytes += set.length * (await bytesPerRow(context, scan, paths, stored));
  }
  for (const [step, gathered] of leaves.gathered) {
    const { counts } = set.groups.get(step)!;
    let members = 0;
    for (const count of counts) members += count;
    bytes += members * gathered.reduce((sum, { type }) => sum + widthOf(type), 0);
  }
  return bytes;
}

/** The footers tell how many values a column has, those of lists included. */
async function bytesPerRow(
  context: RunContext,
  scan: number,
  paths: readonly string[],
  stored: readonly StoredColumn[],
): Promise<number> {
  const spec = context.scans[scan]!;
  const conditions = stored.map(({ column, field }) => {
    const path = field === undefined ? column : `${column}, ${field}`;
    return `path_in_schema = ${quoteText(path)} OR starts_with(path_in_schema, ${quoteText(`${path}, `)})`;
  });
  const widest = Math.max(
    ...stored.map(({ column }) =>
      widthOf(spec.allColumns.find(({ name }) => name === column)!.type),
    ),
  );
  const list = paths.map(quoteText).join(', ');
  const rows = `(SELECT sum(num_rows) FROM parquet_file_metadata([${list}]))`;
  const sql = `SELECT coalesce(sum(num_values) / nullif(${rows}, 0), 0)::DOUBLE AS n FROM parquet_metadata([${list}]) WHERE ${conditions.join(' OR ')}`;
  const [row] = await timed(context, 'metadata', () => context.session.rows(sql));
  return Number(row!['n']) * Math.min(16, widest);
}
