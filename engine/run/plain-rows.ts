/** Rows that a scan numbers, their places in its files, and among the values that are read of these. */
import type { PlainFile } from '../../catalogs/parquet-plain.ts';
import { inBlocks } from '../../partitioning/in-blocks.ts';
import { consecutive } from './row-set.ts';

/** Half-open. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** A file that is read, and where its rows stand among those of all of them. */
export interface ReadFile {
  readonly file: PlainFile;
  /** Number of its first row among the rows of all files. */
  readonly firstRow: number;
  /** Row groups that hold a row that is wanted: [first, end). */
  groups: readonly [first: number, end: number];
  /** Place of its first row among the values that are decoded; below 0 where that is not one of them. */
  place: number;
}

/** Where the rows that a scan numbers are among the rows of all files that are read. */
export interface NumberedRows {
  /** Number of the first row, and behind the last. */
  readonly from: number;
  readonly to: number;
  readonly firstRow: number;
}

/** Numbers among the rows of all files; null: all of them, in their order. */
export function rowsIn(
  {
    read,
    numbers,
  }: { readonly read: readonly ReadFile[]; readonly numbers: readonly NumberedRows[] },
  ids: Int32Array | null,
  { from, to }: RowRange,
): Int32Array | null {
  if (ids !== null) return rowsOf(numbers, ids.subarray(from, to));
  const last = read.at(-1);
  const all = last === undefined ? 0 : last.firstRow + last.file.starts.at(-1)!;
  if (from === 0 && to === all) return null;
  return rowsOf(numbers, consecutive(from, to));
}

function rowsOf(numbers: readonly NumberedRows[], ids: Int32Array): Int32Array {
  if (numbers.every(({ from, firstRow }) => from === firstRow)) return ids;
  const out = new Int32Array(ids.length);
  let part = 0;
  inBlocks(ids.length, (from, to) => {
    part = numberRows(numbers, ids, from, to, out, part);
  });
  return out;
}

function numberRows(
  numbers: readonly NumberedRows[],
  ids: Int32Array,
  start: number,
  end: number,
  out: Int32Array,
  guess: number,
): number {
  let part = guess;
  for (let i = start; i < end; i++) {
    const id = ids[i]!;
    if (id < 0) {
      out[i] = -1;
      continue;
    }
    while (id >= numbers[part]!.to) part++;
    while (id < numbers[part]!.from) part--;
    const { from, firstRow } = numbers[part]!;
    out[i] = firstRow + id - from;
  }
  return part;
}

/** Those between the first and the last row of each file that is wanted. */
export function chooseGroups(files: readonly ReadFile[], rows: Int32Array | null): void {
  if (rows === null) {
    for (const read of files) read.groups = [0, read.file.starts.length - 1];
    return;
  }
  const ends = Float64Array.from(files, ({ file, firstRow }) => firstRow + file.starts.at(-1)!);
  const first = ends.slice();
  const last = new Float64Array(files.length).fill(-1);
  inBlocks(rows.length, (from, to) => findEnds(rows, from, to, ends, first, last));
  for (const [i, read] of files.entries()) {
    if (last[i]! < 0) continue;
    const { starts } = read.file;
    const groupOf = (row: number) => starts.findLastIndex((start) => start <= row - read.firstRow);
    read.groups = [groupOf(first[i]!), groupOf(last[i]!) + 1];
  }
}

/** The first and the last row that is wanted of each file; `ends`: the numbers behind their last rows. */
function findEnds(
  rows: Int32Array,
  from: number,
  to: number,
  ends: Float64Array,
  first: Float64Array,
  last: Float64Array,
): void {
  let at = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    if (row < 0) continue;
    while (at > 0 && row < ends[at - 1]!) at--;
    while (row >= ends[at]!) at++;
    if (row < first[at]!) first[at] = row;
    if (row > last[at]!) last[at] = row;
  }
}

/** Values of one file after those of another; returns how many there are. */
export function placeGroups(files: readonly ReadFile[]): number {
  let length = 0;
  for (const read of files) {
    const { starts } = read.file;
    const [first, end] = read.groups;
    read.place = length - starts[first]!;
    length += starts[end]! - starts[first]!;
  }
  return length;
}

export function placesOf(files: readonly ReadFile[], rows: Int32Array): Int32Array {
  if (files.every(({ place, firstRow }) => place === firstRow)) return rows;
  const shifts = Int32Array.from(files, ({ place, firstRow }) => place - firstRow);
  const ends = Float64Array.from(files, ({ file, firstRow }) => firstRow + file.starts.at(-1)!);
  const places = new Int32Array(rows.length);
  inBlocks(rows.length, (from, to) => shiftRows(rows, from, to, ends, shifts, places));
  return places;
}

function shiftRows(
  rows: Int32Array,
  from: number,
  to: number,
  ends: Float64Array,
  shifts: Int32Array,
  places: Int32Array,
): void {
  let at = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    if (row < 0) {
      places[i] = -1;
      continue;
    }
    while (at > 0 && row < ends[at - 1]!) at--;
    while (row >= ends[at]!) at++;
    places[i] = row + shifts[at]!;
  }
}
