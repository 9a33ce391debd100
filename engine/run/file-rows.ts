/** The rows of one file as typed arrays, and the checks and cuts they go through. */
import { dataError } from '../../partitioning/error.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import type { NumericColumn } from '../session.ts';
import type { ScanSpec } from '../task.ts';
import type { RunContext } from './context.ts';
import { cutRange } from './halo-window.ts';
import type { PlacedFile } from './relation.ts';
import { type RowSet, scanRows } from './row-set.ts';

/** All arrays of equal length; `rid` null: file row i is row i. */
export interface FileRows {
  readonly length: number;
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  /** Spatial index at order 29 (margin files: as stored); null where it was not read. */
  readonly index: BigInt64Array | null;
  readonly rid: Int32Array | null;
}

/** Nulls become NaN, so that one test finds every unusable coordinate. */
export function doubles(column: NumericColumn): Float64Array {
  const values = column.values as Float64Array;
  if (column.valid !== undefined) {
    for (let i = 0; i < values.length; i++) if (column.valid[i] === 0) values[i] = Number.NaN;
  }
  return values;
}

/**
 * Refuses rows without a usable position, or drops them where that was asked for, and counts them if `counts`.
 *
 * @param among the rows to look at; null: all
 */
export function checkCoordinates(
  context: RunContext,
  spec: ScanSpec,
  rows: FileRows,
  path: string,
  counts: boolean,
  among: Int32Array | null,
): FileRows {
  const { ra, dec, length } = rows;
  const bad = unusableRows(ra, dec, among);
  if (bad.length === 0) return rows;
  if (!spec.dropInvalid) {
    const first = bad[0]!;
    const local = rows.rid === null ? first : rows.rid[first]!;
    const { row, where } = originOf(spec, path, local);
    throw dataError(
      `unusable position in row ${row} of ${spec.label}: ${spec.ra} = ${ra[first]}, ${spec.dec} = ${dec[first]}`,
      where,
      'Use --drop-invalid (dropInvalid: true) to leave such rows out and count them.',
    );
  }
  if (counts) context.droppedRows += bad.length;
  const keep = new Int32Array(length - bad.length);
  let next = 0;
  let n = 0;
  for (let i = 0; i < length; i++) {
    if (bad[next] === i) next++;
    else keep[n++] = i;
  }
  return pick(rows, keep);
}

/** Rows whose position is not one, ascending; `among` null: of all. */
export function unusableRows(
  ra: Float64Array,
  dec: Float64Array,
  among: Int32Array | null,
): number[] {
  const bad: number[] = [];
  const count = among === null ? ra.length : among.length;
  for (let k = 0; k < count; k++) {
    const i = among === null ? k : among[k]!;
    const d = dec[i]!;
    const a = ra[i]!;
    // a − a is 0 for finite values only; NaN fails both comparisons of dec.
    if (!(d >= -90 && d <= 90) || a - a !== 0) bad.push(i);
  }
  return bad;
}

/** The file and the row in it that a user knows: a local file may stand in for a remote one. */
export function originOf(
  spec: ScanSpec,
  path: string,
  local: number,
): { readonly row: number; readonly where: string } {
  const standIn = spec.standIns?.[path];
  if (standIn === undefined) return { row: local, where: path };
  let before = 0;
  for (const { firstRow, rows } of standIn.groups) {
    if (local < before + rows) return { row: firstRow + local - before, where: standIn.url };
    before += rows;
  }
  return { row: local, where: standIn.url };
}

/** Rows of the partition `of` whose position lies in its part `cut`; for catalogs that store no index. */
export function cutByPosition(rows: FileRows, of: Pixel, cut: Pixel): FileRows {
  const { start, end } = cutRange(of, cut);
  const index = hashPositions(rows.ra, rows.dec, 29);
  const keep: number[] = [];
  for (let i = 0; i < rows.length; i++) if (index[i]! >= start && index[i]! < end) keep.push(i);
  return pick(rows, Int32Array.from(keep));
}

/** Rows `keep` of a file, in that order. */
export function pick(rows: FileRows, keep: Int32Array): FileRows {
  if (keep.length === rows.length) return rows;
  const ra = new Float64Array(keep.length);
  const dec = new Float64Array(keep.length);
  const rid = new Int32Array(keep.length);
  const index = rows.index === null ? null : new BigInt64Array(keep.length);
  for (let i = 0; i < keep.length; i++) {
    const row = keep[i]!;
    ra[i] = rows.ra[row]!;
    dec[i] = rows.dec[row]!;
    rid[i] = rows.rid === null ? row : rows.rid[row]!;
    if (index !== null) index[i] = rows.index![row]!;
  }
  return { length: keep.length, ra, dec, index, rid };
}

/** The files' rows one after the other, numbered through. */
export function concatenate(
  parts: readonly FileRows[],
  files: readonly PlacedFile[],
  wantsOrder: boolean,
  scan: number,
): RowSet {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = parts.every((part) => part.rid === null);
  const single = parts.length === 1;
  const ra = single ? parts[0]!.ra : new Float64Array(length);
  const dec = single ? parts[0]!.dec : new Float64Array(length);
  const index = !wantsOrder ? null : single ? parts[0]!.index : new BigInt64Array(length);
  const rid = whole ? null : new Int32Array(length);
  let at = 0;
  parts.forEach((part, i) => {
    if (!single) {
      ra.set(part.ra, at);
      dec.set(part.dec, at);
      if (index !== null) index.set(part.index!, at);
    }
    if (rid !== null) {
      const first = files[i]!.firstRow;
      for (let r = 0; r < part.length; r++)
        rid[at + r] = first + (part.rid === null ? r : part.rid[r]!);
    }
    at += part.length;
  });
  return scanRows(scan, { length, ra, dec, index, rids: rid });
}
