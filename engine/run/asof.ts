/**
 * Joins with the nearest row in an ordered column, such as a time. Of right rows with equal values the last one is
 * taken looking backward and the first one looking forward; of two equally near ones the earlier, as
 * pandas.merge_asof has it. Rows without a value have no partner.
 */
import type { AsofCell, BoundColumn } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { gatherRows } from './gather.ts';
import type { Loaded } from './loaded.ts';
import type { RowPairs, RowSet } from './row-set.ts';

/** Values of an ordered column, row by row. */
interface Times {
  readonly values: Float64Array | BigInt64Array;
  /** 0: no value; absent: all have one. */
  readonly valid?: Uint8Array;
}

const INTEGER = /INT$|^INTEGER$/;

/** The ordered column of a set; 64-bit numbers as they are, because a spatial index has more digits than a double. */
async function timesOf(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  column: BoundColumn,
): Promise<Times> {
  const gathered = await gatherRows(context, set, loaded, [column]);
  try {
    const [type, kind] = INTEGER.test(column.type)
      ? (['BIGINT', 'i64'] as const)
      : (['DOUBLE', 'f64'] as const);
    const value = /^(DATE|TIMESTAMP)/.test(column.type)
      ? `epoch(${gathered.expressions[0]})`
      : gathered.expressions[0];
    const sql = `SELECT ${value}::${type} ${gathered.from}${gathered.inOrder}`;
    const read = await timed(context, 'gather', () => context.session.columns(sql, [kind]));
    return read.columns[0]! as Times;
  } finally {
    await gathered.drop();
  }
}

/** Of each left row's pairs the one with the nearest value; pairs are ascending by left, then right row. */
export async function nearestOfPairs(
  context: RunContext,
  asof: AsofCell,
  pairs: RowPairs,
  left: RowSet,
  right: RowSet,
  loaded: Loaded,
): Promise<RowPairs> {
  if (pairs.left.length === 0) return pairs;
  const l = await timesOf(context, left, loaded, asof.left);
  const r = await timesOf(context, right, loaded, asof.right);
  const [lefts, rights]: [number[], number[]] = [[], []];
  for (let i = 0; i < pairs.left.length; ) {
    const row = pairs.left[i]!;
    let best = -1;
    for (; i < pairs.left.length && pairs.left[i] === row; i++) {
      const other = pairs.right[i]!;
      if (
        isCandidate(asof, l, row, r, other) &&
        (best < 0 || isNearer(asof, l, row, r, other, best))
      ) {
        best = other;
      }
    }
    if (best >= 0) {
      lefts.push(row);
      rights.push(best);
    }
  }
  return { left: Int32Array.from(lefts), right: Int32Array.from(rights) };
}

/** The nearest right row of each left one, whatever else they have in common. */
export async function nearestInOrder(
  context: RunContext,
  asof: AsofCell,
  left: RowSet,
  right: RowSet,
  loaded: Loaded,
): Promise<RowPairs> {
  const l = await timesOf(context, left, loaded, asof.left);
  const r = await timesOf(context, right, loaded, asof.right);
  const order = Array.from({ length: right.length }, (_, row) => row).filter((row) =>
    isKnown(r, row),
  );
  order.sort((a, b) => compare(r.values[a]!, r.values[b]!) || a - b);
  const [lefts, rights]: [number[], number[]] = [[], []];
  for (let row = 0; row < left.length; row++) {
    if (!isKnown(l, row)) continue;
    // The last one at or before, and the first one at or after.
    const candidates = [
      order[firstAbove(order, r, l.values[row]!, true) - 1],
      order[firstAbove(order, r, l.values[row]!, false)],
    ];
    let best = -1;
    for (const other of candidates) {
      if (other === undefined || !isCandidate(asof, l, row, r, other)) continue;
      if (best < 0 || isNearer(asof, l, row, r, other, best)) best = other;
    }
    if (best >= 0) {
      lefts.push(row);
      rights.push(best);
    }
  }
  return { left: Int32Array.from(lefts), right: Int32Array.from(rights) };
}

/** First place in `order` whose value is above `value`, or (`past` false) not below it. */
function firstAbove(
  order: readonly number[],
  times: Times,
  value: number | bigint,
  past: boolean,
): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = compare(times.values[order[middle]!]!, value);
    if (at < 0 || (past && at === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isKnown({ values, valid }: Times, row: number): boolean {
  return valid?.[row] !== 0 && !Number.isNaN(values[row]);
}

function isCandidate(asof: AsofCell, l: Times, row: number, r: Times, other: number): boolean {
  if (!isKnown(l, row) || !isKnown(r, other)) return false;
  const side = compare(r.values[other]!, l.values[row]!);
  if (asof.direction === 'backward' && side > 0) return false;
  if (asof.direction === 'forward' && side < 0) return false;
  return asof.tolerance === undefined || !(compare(distance(l, row, r, other), asof.tolerance) > 0);
}

/** Whether `other` comes before `best`, a candidate of a smaller row number, for a left row. */
function isNearer(
  asof: AsofCell,
  l: Times,
  row: number,
  r: Times,
  other: number,
  best: number,
): boolean {
  const closer = compare(distance(l, row, r, other), distance(l, row, r, best));
  if (closer !== 0) return closer < 0;
  const [a, b, t] = [r.values[other]!, r.values[best]!, l.values[row]!];
  // On different sides the earlier one wins; among equal values the one that the direction meets.
  if (compare(a, b) !== 0) return compare(a, b) < 0;
  const looksBackward =
    asof.direction === 'backward' || (asof.direction === 'nearest' && compare(a, t) <= 0);
  return looksBackward ? other > best : other < best;
}

function distance(l: Times, row: number, r: Times, other: number): number | bigint {
  const [a, b] = [l.values[row]!, r.values[other]!];
  if (typeof a === 'bigint' && typeof b === 'bigint') return a > b ? a - b : b - a;
  return Math.abs(Number(a) - Number(b));
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
