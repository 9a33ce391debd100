/**
 * A row set: rows of several scans combined, as row numbers only. Matching and filtering move these numbers;
 * the columns themselves are gathered once, at the end, and only those that the sink needs.
 */

export interface RowSet {
  readonly length: number;
  /** Position of each row, degrees (the left-most scan's); null where nothing needed positions. */
  readonly ra: Float64Array | null;
  readonly dec: Float64Array | null;
  /** Order-29 index of each row, ascending; null where no sink needs the order. */
  readonly index: BigInt64Array | null;
  /** Scan number → row number in that scan's files, −1 for no row; null: row i is row i. */
  readonly rids: ReadonlyMap<number, Int32Array | null>;
  /** Match number → distance, arcsec; NaN for no match. */
  readonly distances: ReadonlyMap<number, Float64Array>;
}

/** Rows `rows` of `set`, in that order. */
export function takeRows(set: RowSet, rows: Int32Array): RowSet {
  const rids = new Map<number, Int32Array | null>();
  for (const [scan, ids] of set.rids) rids.set(scan, takeIds(ids, rows));
  const distances = new Map<number, Float64Array>();
  for (const [match, values] of set.distances) distances.set(match, takeDoubles(values, rows));
  return {
    length: rows.length,
    ra: set.ra === null ? null : takeDoubles(set.ra, rows),
    dec: set.dec === null ? null : takeDoubles(set.dec, rows),
    index: set.index === null ? null : takeIndex(set.index, rows),
    rids,
    distances,
  };
}

/** The row set of pairs: left rows with their right rows (−1: none) and the new distance. */
export function combine(
  left: RowSet,
  right: RowSet,
  pairs: {
    readonly left: Int32Array;
    readonly right: Int32Array;
    readonly distArcsec: Float64Array;
  },
  match: number,
): RowSet {
  const base = takeRows(left, pairs.left);
  const rids = new Map(base.rids);
  for (const [scan, ids] of right.rids) rids.set(scan, takeIds(ids, pairs.right));
  const distances = new Map(base.distances);
  for (const [inner, values] of right.distances) {
    distances.set(inner, takeDoubles(values, pairs.right));
  }
  distances.set(match, pairs.distArcsec);
  return { ...base, rids, distances };
}

/** The first `count` rows. */
export function firstRows(set: RowSet, count: number): RowSet {
  if (set.length <= count) return set;
  const rows = new Int32Array(count);
  for (let i = 0; i < count; i++) rows[i] = i;
  return takeRows(set, rows);
}

function takeIds(ids: Int32Array | null, rows: Int32Array): Int32Array {
  if (ids === null) return rows;
  const out = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    out[i] = row < 0 ? -1 : ids[row]!;
  }
  return out;
}

function takeDoubles(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    out[i] = row < 0 ? Number.NaN : values[row]!;
  }
  return out;
}

function takeIndex(values: BigInt64Array, rows: Int32Array): BigInt64Array {
  // Two 32-bit halves: moving 64-bit elements one by one would make a BigInt of each.
  const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const out = new BigInt64Array(rows.length);
  const to = new Int32Array(out.buffer);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]! * 2;
    to[2 * i] = from[row]!;
    to[2 * i + 1] = from[row + 1]!;
  }
  return out;
}
