/**
 * Exact sums, fast: a sum is kept as three doubles that add up to it. Each step is the exact addition of two doubles
 * (D. E. Knuth, The Art of Computer Programming 2, section 4.2.2), which gives the rounded sum and what rounding left
 * out; that goes on to the next double, as in J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast
 * Robust Geometric Predicates", Discrete & Computational Geometry 18 (1997). What even the third one cannot hold, and
 * numbers near the ends of the range, go to an accumulator that can hold all. Nothing is ever lost, so a sum does not
 * depend on the order of its terms, nor on how it was made of parts.
 */
import { type Accumulator, addNumber, clearAccumulator, createAccumulator } from './accumulator.ts';

/** Larger terms could overflow in a double. */
const MOST = 2 ** 960;

/** The sum is `high` + `middle` + `low` + `rest`; the doubles are in no order and may overlap. */
export interface Expansion {
  high: number;
  middle: number;
  low: number;
  readonly rest: Accumulator;
}

export function createExpansion(): Expansion {
  return { high: 0, middle: 0, low: 0, rest: createAccumulator() };
}

export function clearExpansion(sum: Expansion): void {
  sum.high = 0;
  sum.middle = 0;
  sum.low = 0;
  clearAccumulator(sum.rest);
}

/** Some rows of a column, one after the other. */
export interface TermRows {
  /** Row numbers; null: row i is row i. */
  readonly order: Int32Array | null;
  /** 1 where a row has a value, which is not NaN; absent: everywhere. */
  readonly valid: Uint8Array | undefined;
}

/** Adds `values` of rows `order[from]` to `order[to − 1]`. */
export function addDoubles(
  sum: Expansion,
  values: Float64Array,
  { order, valid }: TermRows,
  from: number,
  to: number,
): void {
  let { high, middle, low } = sum;
  for (let i = from; i < to; i++) {
    const row = order === null ? i : order[i]!;
    if (valid !== undefined && valid[row] === 0) continue;
    const term = values[row]!;
    if (!(term < MOST && term > -MOST)) {
      addNumber(sum.rest, term);
      continue;
    }
    const newHigh = high + term;
    let back = newHigh - high;
    const left = high - (newHigh - back) + (term - back);
    high = newHigh;
    const newMiddle = middle + left;
    back = newMiddle - middle;
    const leftOver = middle - (newMiddle - back) + (left - back);
    middle = newMiddle;
    if (leftOver !== 0) {
      const newLow = low + leftOver;
      back = newLow - low;
      addNumber(sum.rest, low - (newLow - back) + (leftOver - back));
      low = newLow;
    }
  }
  sum.high = high;
  sum.middle = middle;
  sum.low = low;
}

/** Adds one number. */
export function addTerm(sum: Expansion, term: number): void {
  if (!(term < MOST && term > -MOST)) {
    addNumber(sum.rest, term);
    return;
  }
  const high = sum.high + term;
  const back = high - sum.high;
  const left = sum.high - (high - back) + (term - back);
  sum.high = high;
  if (left !== 0) addSmall(sum, left);
}

/** Adds one number that is small against the sum; only speed depends on that. */
export function addSmall(sum: Expansion, term: number): void {
  const middle = sum.middle + term;
  let back = middle - sum.middle;
  const left = sum.middle - (middle - back) + (term - back);
  sum.middle = middle;
  if (left === 0) return;
  const low = sum.low + left;
  back = low - sum.low;
  addNumber(sum.rest, sum.low - (low - back) + (left - back));
  sum.low = low;
}

/** Integers of 64 bits as words, the low word of each first. */
export function integerWords({ buffer, byteOffset, length }: BigInt64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

/** Rows whose words add up to less than 2⁵³. */
const MAX_WORDS = 2 ** 20;

/**
 * Adds 64-bit integers, as {@link integerWords}. `biased`: the column holds unsigned numbers less 2⁶³, so that 64
 * signed bits can hold them; what is added are the unsigned ones.
 */
export function addIntegers(
  sum: Expansion,
  words: Int32Array,
  { order, valid }: TermRows,
  [from, to]: readonly [number, number],
  biased: boolean,
): void {
  const bias = biased ? 2 ** 31 : 0;
  for (let start = from; start < to; start += MAX_WORDS) {
    const end = Math.min(to, start + MAX_WORDS);
    let bottom = 0;
    let top = 0;
    for (let i = start; i < end; i++) {
      const row = order === null ? i : order[i]!;
      if (valid !== undefined && valid[row] === 0) continue;
      bottom += words[2 * row]! >>> 0;
      top += words[2 * row + 1]! + bias;
    }
    addTerm(sum, top * 2 ** 32);
    addTerm(sum, bottom);
  }
}

/** Puts the doubles in order, so that each is at most half a step of the one before. The sum stays what it is. */
export function settle(sum: Expansion): void {
  let { high, middle, low } = sum;
  let total = middle + low;
  let back = total - middle;
  low = middle - (total - back) + (low - back);
  middle = total;
  total = high + middle;
  back = total - high;
  middle = high - (total - back) + (middle - back);
  high = total;
  total = middle + low;
  back = total - middle;
  sum.low = middle - (total - back) + (low - back);
  sum.middle = total;
  sum.high = high;
}

/** All of the sum in its accumulator, to be worked out the long way. */
export function gatherRest(sum: Expansion): Accumulator {
  addNumber(sum.rest, sum.high);
  addNumber(sum.rest, sum.middle);
  addNumber(sum.rest, sum.low);
  sum.high = 0;
  sum.middle = 0;
  sum.low = 0;
  return sum.rest;
}
