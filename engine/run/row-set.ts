/**
 * A row set: rows of several scans combined, as row numbers only. Matching and filtering move these numbers;
 * the columns themselves are gathered once, at the end, and only those that the sink needs.
 */

import { wordsOf } from '../../partitioning/facet.ts';
import { inBlocks } from '../../partitioning/in-blocks.ts';

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
  /** Step of user code → row number in what it made; as `rids`. */
  readonly made: ReadonlyMap<number, Int32Array | null>;
  /** Explode step → the element that each row stands for. */
  readonly exploded: ReadonlyMap<number, Exploded>;
  /** Nest step → the rows that were put together for each row. */
  readonly groups: ReadonlyMap<number, Groups>;
}

/** For each row a run of the rows of another set. */
export interface Groups {
  readonly members: RowSet;
  /** First member of each row, and how many there are; 0: none. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
}

/** For each row a row of another set, and the number of an element, from 1; both −1 for none. */
export interface Exploded {
  readonly of: RowSet;
  readonly bases: Int32Array;
  readonly elements: Int32Array;
}

/** What a row set has besides rows and positions. */
type Steps = Pick<RowSet, 'rids' | 'distances' | 'made' | 'exploded' | 'groups'>;

/** A row set of one scan. */
export function scanRows(
  scan: number,
  rows: Pick<RowSet, 'length' | 'ra' | 'dec' | 'index'> & { readonly rids: Int32Array | null },
): RowSet {
  const { rids, ...rest } = rows;
  return { ...rest, ...noSteps, rids: new Map([[scan, rids]]) };
}

export const noSteps: Steps = {
  rids: new Map(),
  distances: new Map(),
  made: new Map(),
  exploded: new Map(),
  groups: new Map(),
};

/** Numbers of the set's rows in the files of a scan, −1 for no row. */
export function rowNumbers({ rids, length }: RowSet, scan: number): Int32Array {
  return rids.get(scan) ?? consecutive(0, length);
}

/** The whole numbers from `from` to before `to`. */
export function consecutive(from: number, to: number): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(to - from);
  for (let i = 0; i < numbers.length; i++) numbers[i] = from + i;
  return numbers;
}

/** Rows `rows` of `set`, in that order. */
export function takeRows(set: RowSet, rows: Int32Array): RowSet {
  return {
    length: rows.length,
    ra: set.ra === null ? null : takeDoubles(set.ra, rows),
    dec: set.dec === null ? null : takeDoubles(set.dec, rows),
    index: set.index === null ? null : takeIndex(set.index, rows),
    ...takeSteps(set, rows),
  };
}

/** `rows`: −1 for no row. */
function takeSteps(set: RowSet, rows: Int32Array): Steps {
  return {
    rids: mapValues(set.rids, (ids) => takeIds(ids, rows)),
    distances: mapValues(set.distances, (values) => takeDoubles(values, rows)),
    made: mapValues(set.made, (ids) => takeIds(ids, rows)),
    exploded: mapValues(set.exploded, ({ of, bases, elements }) => ({
      of,
      bases: takeIds(bases, rows),
      elements: takeIds(elements, rows),
    })),
    groups: mapValues(set.groups, ({ members, starts, counts }) => ({
      members,
      starts: takeIds(starts, rows),
      counts: takeCounts(counts, rows),
    })),
  };
}

function mapValues<V, W>(map: ReadonlyMap<number, V>, change: (value: V) => W): Map<number, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

/** Left rows with the right row of each (−1: none). */
export interface RowPairs {
  /** Ascending. */
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** The row set of pairs, and what a match measured for each. */
export function combine(
  left: RowSet,
  right: RowSet,
  pairs: RowPairs,
  measured?: { readonly match: number; readonly distArcsec: Float64Array },
): RowSet {
  const base = takeRows(left, pairs.left);
  const other = takeSteps(right, pairs.right);
  const distances = new Map([...base.distances, ...other.distances]);
  if (measured !== undefined) distances.set(measured.match, measured.distArcsec);
  return {
    ...base,
    rids: new Map([...base.rids, ...other.rids]),
    distances,
    made: new Map([...base.made, ...other.made]),
    exploded: new Map([...base.exploded, ...other.exploded]),
    groups: new Map([...base.groups, ...other.groups]),
  };
}

/** One row per left row of the pairs, with its right rows as group number `step`. */
export function combineNested(
  left: RowSet,
  right: RowSet,
  pairs: RowPairs,
  step: number,
  measured?: { readonly match: number; readonly distArcsec: Float64Array },
): RowSet {
  const { rows, starts, counts } = runsOf(pairs);
  const steps = takeSteps(right, pairs.right);
  const distances = new Map(steps.distances);
  if (measured !== undefined) distances.set(measured.match, measured.distArcsec);
  const members: RowSet = {
    length: pairs.right.length,
    ra: null,
    dec: null,
    index: null,
    ...steps,
    distances,
  };
  const base = takeRows(left, rows);
  return { ...base, groups: new Map([...base.groups, [step, { members, starts, counts }]]) };
}

/** Runs of equal left rows; a run of no right row counts none. */
function runsOf({ left, right }: RowPairs) {
  let runs = 0;
  for (let i = 0; i < left.length; i++) if (i === 0 || left[i] !== left[i - 1]) runs++;
  const rows = new Int32Array(runs);
  const starts = new Int32Array(runs);
  const counts = new Int32Array(runs);
  let run = -1;
  for (let i = 0; i < left.length; i++) {
    if (i === 0 || left[i] !== left[i - 1]) {
      run++;
      rows[run] = left[i]!;
      starts[run] = i;
    }
    if (right[i]! >= 0) counts[run]!++;
  }
  return { rows, starts, counts };
}

/** The members of all rows, one after the other, and the row that each belongs to. */
export function expandGroups({ members, starts, counts }: Groups): {
  members: RowSet;
  owners: Int32Array;
} {
  let total = 0;
  for (const count of counts) total += count;
  const rows = new Int32Array(total);
  const owners = new Int32Array(total);
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    for (let k = 0; k < counts[i]!; k++) {
      rows[at] = starts[i]! + k;
      owners[at++] = i;
    }
  }
  return { members: takeRows(members, rows), owners };
}

/** The rows of the other set that are used, each once, and where each row's is among them (−1: none). */
export function usedBases({ of, bases }: Exploded): { used: RowSet; places: Int32Array } {
  const place = new Int32Array(of.length).fill(-1);
  for (let i = 0; i < bases.length; i++) if (bases[i]! >= 0) place[bases[i]!] = 0;
  let count = 0;
  for (let row = 0; row < place.length; row++) if (place[row] === 0) place[row] = count++;
  const rows = new Int32Array(count);
  for (let row = 0; row < place.length; row++) if (place[row]! >= 0) rows[place[row]!] = row;
  const places = bases.map((base) => (base < 0 ? -1 : place[base]!));
  return { used: takeRows(of, rows), places };
}

/** The first `count` rows. */
export function firstRows(set: RowSet, count: number): RowSet {
  return rowsBetween(set, 0, count);
}

/** The rows from `from` to before `to`, or to the last. */
export function rowsBetween(set: RowSet, from: number, to: number): RowSet {
  const length = Math.min(to, set.length) - from;
  if (length === set.length) return set;
  return takeRows(set, consecutive(from, from + length));
}

function takeIds(ids: Int32Array | null, rows: Int32Array): Int32Array {
  if (ids === null) return rows;
  const out = new Int32Array(rows.length);
  inBlocks(rows.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      out[i] = row < 0 ? -1 : ids[row]!;
    }
  });
  return out;
}

function takeCounts(counts: Int32Array, rows: Int32Array): Int32Array {
  const out = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = rows[i]! < 0 ? 0 : counts[rows[i]!]!;
  return out;
}

function takeDoubles(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  inBlocks(rows.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      out[i] = row < 0 ? Number.NaN : values[row]!;
    }
  });
  return out;
}

function takeIndex(values: BigInt64Array, rows: Int32Array): BigInt64Array {
  // Two 32-bit halves: moving 64-bit elements one by one would make a BigInt of each.
  const words = wordsOf(values);
  const out = new BigInt64Array(rows.length);
  const taken = wordsOf(out);
  inBlocks(rows.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const row = rows[i]! * 2;
      taken[2 * i] = words[row]!;
      taken[2 * i + 1] = words[row + 1]!;
    }
  });
  return out;
}
