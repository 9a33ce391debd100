/** What the rows of each group have in a number, kept so that the parts of a catalog add up exactly. */
import {
  addDoubles,
  addIntegers,
  createExpansion,
  type Expansion,
  integerWords,
  type TermRows,
} from '../exact/expansion.ts';
import { addDoubleSquares, addIntegerSquares } from '../exact/squares.ts';
import { type ExactSums, SumsBuilder } from '../exact/sums.ts';
import type { GroupValue, ValueState } from '../groups.ts';
import type { NumericColumn } from '../session.ts';
import type { GroupedRows } from './group-rows.ts';

/** The state of a number in each group. */
export function stateOf(
  column: NumericColumn,
  value: GroupValue,
  grouped: GroupedRows,
  sum: Expansion = createExpansion(),
): ValueState {
  const valid = validRows(column);
  const rows: TermRows = { order: grouped.order, valid };
  const { end } = grouped;
  return {
    count: valid === undefined ? null : countValid(rows, end),
    sum: value.sum ? sumsOf(sum, end, adderOf(column, value, rows)) : null,
    squares: value.squares ? sumsOf(sum, end, squareAdderOf(column, value, rows)) : null,
    least: value.least ? extremesOf(column, rows, end, -1) : null,
    most: value.most ? extremesOf(column, rows, end, 1) : null,
  };
}

/** 1 for rows that have a number: NaN is none, as null is none. */
function validRows({ values, valid }: NumericColumn): Uint8Array | undefined {
  if (!(values instanceof Float64Array)) return valid;
  let out: Uint8Array | undefined;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row]!)) continue;
    out ??= valid?.slice() ?? new Uint8Array(values.length).fill(1);
    out[row] = 0;
  }
  return out ?? valid;
}

function countValid({ order, valid }: TermRows, end: Int32Array): Float64Array {
  const counts = new Float64Array(end.length);
  let from = 0;
  for (let group = 0; group < end.length; group++) {
    const to = end[group]!;
    let count = 0;
    for (let i = from; i < to; i++) count += valid![order === null ? i : order[i]!]!;
    counts[group] = count;
    from = to;
  }
  return counts;
}

type Adder = (sum: Expansion, from: number, to: number) => void;

function adderOf({ values }: NumericColumn, { biased }: GroupValue, rows: TermRows): Adder {
  if (values instanceof Float64Array) {
    return (sum, from, to) => addDoubles(sum, values, rows, from, to);
  }
  const words = integerWords(values as BigInt64Array);
  return (sum, from, to) => addIntegers(sum, words, rows, [from, to], biased);
}

function squareAdderOf({ values }: NumericColumn, { biased }: GroupValue, rows: TermRows): Adder {
  if (values instanceof Float64Array) {
    return (sum, from, to) => addDoubleSquares(sum, values, rows, from, to);
  }
  const words = integerWords(values as BigInt64Array);
  return (sum, from, to) => addIntegerSquares(sum, words, rows, [from, to], biased);
}

function sumsOf(sum: Expansion, end: Int32Array, add: Adder): ExactSums {
  const sums = new SumsBuilder(end.length);
  let from = 0;
  for (const to of end) {
    add(sum, from, to);
    sums.take(sum);
    from = to;
  }
  return sums.finish();
}

/** The smallest (`sign` −1) or largest (1) number of each group; −0 comes before 0. */
function extremesOf(
  { values }: NumericColumn,
  rows: TermRows,
  end: Int32Array,
  sign: -1 | 1,
): Float64Array | BigInt64Array {
  return values instanceof Float64Array
    ? doubleExtremes(values, rows, end, sign)
    : integerExtremes(values as BigInt64Array, rows, end, sign);
}

function doubleExtremes(
  values: Float64Array,
  { order, valid }: TermRows,
  end: Int32Array,
  sign: -1 | 1,
): Float64Array {
  const out = new Float64Array(end.length);
  let from = 0;
  for (let group = 0; group < end.length; group++) {
    const to = end[group]!;
    let best = sign * Number.NEGATIVE_INFINITY;
    let found = false;
    for (let i = from; i < to; i++) {
      const row = order === null ? i : order[i]!;
      if (valid !== undefined && valid[row] === 0) continue;
      const value = values[row]!;
      best = sign < 0 ? Math.min(best, value) : Math.max(best, value);
      found = true;
    }
    if (found) out[group] = best;
    from = to;
  }
  return out;
}

function integerExtremes(
  values: BigInt64Array,
  { order, valid }: TermRows,
  end: Int32Array,
  sign: -1 | 1,
): BigInt64Array {
  const words = integerWords(values);
  const out = new BigInt64Array(end.length);
  let from = 0;
  for (let group = 0; group < end.length; group++) {
    const to = end[group]!;
    let best = -1;
    let bestHigh = 0;
    let bestLow = 0;
    for (let i = from; i < to; i++) {
      const row = order === null ? i : order[i]!;
      if (valid !== undefined && valid[row] === 0) continue;
      const high = words[2 * row + 1]!;
      const low = words[2 * row]! >>> 0;
      const further = sign * (high === bestHigh ? low - bestLow : high - bestHigh);
      if (best >= 0 && further <= 0) continue;
      best = row;
      bestHigh = high;
      bestLow = low;
    }
    if (best >= 0) out[group] = values[best]!;
    from = to;
  }
  return out;
}
