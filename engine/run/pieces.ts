/** Writes a cell's rows as Parquet pieces: each one HEALPix pixel of at most so many rows, sorted by index. */
import { join } from 'node:path';
import {
  childrenOf,
  compareNested,
  INDEX_ORDER,
  indexRange,
  type Pixel,
} from '../../partitioning/pixel.ts';
import type { Piece, Sink } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { copyRows, writeParquet } from './copy-rows.ts';
import type { Loaded } from './loaded.ts';
import type { PlainPiece } from './plain-output.ts';
import { writePlainRows } from './plain-pieces.ts';
import { type RowSet, rowsBetween } from './row-set.ts';

/** Pieces are not cut below this order (13 arcseconds): a denser clump stays one partition. */
export const MAX_PIECE_ORDER = 14;

export interface PieceRange {
  readonly pixel: Pixel;
  /** Half-open range of rows. */
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts rows sorted by index into pixels of at most `maxRows` rows, never coarser than `cell`.
 * Rows stored outside the cell (an index that disagrees with its file) get pieces of their own.
 */
export function pieceRanges(index: BigInt64Array, cell: Pixel, maxRows: number): PieceRange[] {
  const { start, end } = indexRange(cell);
  const first = lowerBound(index, start);
  const last = lowerBound(index, end);
  const out: PieceRange[] = [];
  strays(index, 0, first, cell.order, out);
  cutPixel(index, cell, first, last, maxRows, out);
  strays(index, last, index.length, cell.order, out);
  return out.sort((a, b) => compareNested(a.pixel, b.pixel));
}

function cutPixel(
  index: BigInt64Array,
  pixel: Pixel,
  from: number,
  to: number,
  maxRows: number,
  out: PieceRange[],
): void {
  if (to === from) return;
  if (to - from <= maxRows || pixel.order >= MAX_PIECE_ORDER) {
    out.push({ pixel, from, to });
    return;
  }
  let start = from;
  for (const child of childrenOf(pixel)) {
    const end = lowerBound(index, indexRange(child).end, start, to);
    cutPixel(index, child, start, end, maxRows, out);
    start = end;
  }
}

function strays(
  index: BigInt64Array,
  from: number,
  to: number,
  order: number,
  out: PieceRange[],
): void {
  const shift = BigInt(2 * (INDEX_ORDER - order));
  let start = from;
  while (start < to) {
    const pixel = { order, pixel: Number(index[start]! >> shift) };
    const end = lowerBound(index, indexRange(pixel).end, start, to);
    out.push({ pixel, from: start, to: end });
    start = end;
  }
}

function lowerBound(values: BigInt64Array, target: bigint, from = 0, to = values.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

type PieceSink = Extract<Sink, { kind: 'pieces' }>;

/** Writes the pieces of `set`, the rows of `cell`. */
export async function writePieces(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  sink: PieceSink,
  cell: Pixel,
): Promise<Piece[]> {
  if (set.length === 0) return [];
  const ranges = pieceRanges(set.index!, cell, sink.maxRows);
  const fileOf = (pixel: Pixel) =>
    join(sink.dir, `${cell.order}-${cell.pixel}.${pixel.order}-${pixel.pixel}.parquet`);
  for (const batch of batchesOf(context, ranges, set)) {
    const first = batch[0]!.from;
    const part = rowsBetween(set, first, batch.at(-1)!.to);
    const pieces = batch.map(({ pixel, from, to }) => ({
      path: fileOf(pixel),
      from: from - first,
      to: to - first,
    }));
    const { columns, parquet } = sink;
    if (await writePlainRows(context, part, loaded, columns, parquet, pieces)) continue;
    if (pieces.length > 1) await writeCut(context, part, loaded, sink, pieces);
    else {
      await copyRows(context, part, loaded, columns, (query) =>
        writeParquet(context, query, pieces[0]!.path, parquet),
      );
    }
  }
  return ranges.map(({ pixel, from, to }) => ({ pixel, file: fileOf(pixel), rows: to - from }));
}

/** Rows in lists that are put together at a time, unless one piece has more. */
const BATCH_MEMBERS = 1 << 22;
/** Bytes of a row in a list with some columns, where it is read and where it is put. */
const BYTES_PER_MEMBER = 128;

/** Pieces that are made together: all, or, where rows have lists, which are large, as many as stay below a bound. */
function batchesOf(
  { arrayBytes }: RunContext,
  ranges: readonly PieceRange[],
  set: RowSet,
): PieceRange[][] {
  const most = Math.min(BATCH_MEMBERS, arrayBytes / BYTES_PER_MEMBER);
  const counts = [...set.groups.values()].map((groups) => groups.counts);
  const batches: PieceRange[][] = [];
  let held = 0;
  for (const range of ranges) {
    let members = 0;
    for (const list of counts) for (let i = range.from; i < range.to; i++) members += list[i]!;
    if (batches.length > 0 && held + members <= most) {
      batches.at(-1)!.push(range);
      held += members;
    } else {
      batches.push([range]);
      held = members;
    }
  }
  return batches;
}

/** Several pieces: the join runs once, into a temporary table in row order, and slices of it are written. */
async function writeCut(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  sink: PieceSink,
  pieces: readonly PlainPiece[],
): Promise<void> {
  const table = `cut_${context.nextTable++}`;
  const keep = (query: string) =>
    context.session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${query}`);
  await copyRows(context, set, loaded, sink.columns, keep, 'gather');
  try {
    for (const { path, from, to } of pieces) {
      const slice = `SELECT * FROM ${table} WHERE rowid >= ${from} AND rowid < ${to} ORDER BY rowid`;
      await timed(context, 'write', () => writeParquet(context, slice, path, sink.parquet));
    }
  } finally {
    await context.session.dropTable(table);
  }
}
