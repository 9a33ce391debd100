/**
 * A fixed-point number that holds any sum of doubles, and of their squares, without rounding, as in R. M. Neal, "Fast
 * Exact Summation Using Small and Large Superaccumulators", arXiv:1505.05571 (2015). It takes what does not fit the
 * few doubles of expansion.ts, and is the plain way to a result where that way's shortcuts are not sure.
 */

/** Bits from one chunk to the next; a mantissa touches three chunks. */
const CHUNK_BITS = 32;
const RADIX = 2 ** CHUNK_BITS;
const HALF_RADIX = 2 ** (CHUNK_BITS - 1);
/** The chunk with the weight 1; below it there is room for the square of the smallest double, 53 bits of it. */
export const UNIT_CHUNK = 70;
/** Above it there is room for the square of the largest double, 2⁵³ times. */
const CHUNKS = 140;
/** Terms, each below 2³², that a chunk takes before it is carried: chunks are whole numbers of at most 53 bits. */
const MAX_TERMS = 2 ** 20;
/** Place of the last mantissa bit of a double with the biased exponent 0, counted from the lowest bit there is. */
const FIRST_PLACE = UNIT_CHUNK * CHUNK_BITS - 1075;
const EXPONENT_MASK = 0x7ff;
const HIDDEN_BIT = 0x100000;

export const PLUS_INFINITY = 1;
export const MINUS_INFINITY = 2;

export interface Accumulator {
  /** Whole numbers; chunk i weighs 2^(32·(i − {@link UNIT_CHUNK})), and is zero outside [low, high]. */
  readonly chunks: Float64Array;
  low: number;
  high: number;
  /** Terms added since the last carry. */
  terms: number;
  /** Which infinities were among the terms. */
  infinities: number;
}

export function createAccumulator(): Accumulator {
  return { chunks: new Float64Array(CHUNKS), low: CHUNKS, high: -1, terms: 0, infinities: 0 };
}

/** True while nothing was added. */
export function isUnused({ low, high, infinities }: Accumulator): boolean {
  return high < low && infinities === 0;
}

export function clearAccumulator(sum: Accumulator): void {
  if (sum.high >= sum.low) sum.chunks.fill(0, sum.low, sum.high + 1);
  sum.low = CHUNKS;
  sum.high = -1;
  sum.terms = 0;
  sum.infinities = 0;
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** Adds `value` · 2^(32·`up`); the value is not NaN. */
export function addNumber(sum: Accumulator, value: number, up = 0): void {
  if (value === 0) return;
  double[0] = value;
  const bottom = words[0]!;
  const top = words[1]!;
  const exponent = (top >>> 20) & EXPONENT_MASK;
  if (exponent === EXPONENT_MASK) {
    sum.infinities |= value < 0 ? MINUS_INFINITY : PLUS_INFINITY;
    return;
  }
  if (++sum.terms > MAX_TERMS) carry(sum);
  // Subnormal numbers have the exponent of the smallest normal ones, and no hidden bit.
  const mantissa = (top & (HIDDEN_BIT - 1)) | (exponent === 0 ? 0 : HIDDEN_BIT);
  const place = FIRST_PLACE + (exponent === 0 ? 1 : exponent);
  const chunk = (place >> 5) + up;
  const shift = place & 31;
  const sign = value < 0 ? -1 : 1;
  const { chunks } = sum;
  chunks[chunk]! += sign * ((bottom << shift) >>> 0);
  chunks[chunk + 1]! += sign * (((mantissa << shift) | ((bottom >>> 1) >>> (31 - shift))) >>> 0);
  chunks[chunk + 2]! += sign * ((mantissa >>> 1) >>> (31 - shift));
  if (chunk < sum.low) sum.low = chunk;
  if (chunk + 2 > sum.high) sum.high = chunk + 2;
}

/** Adds digits [from, to) of a list, of which the first one is chunk number `first`. */
export function addDigits(
  sum: Accumulator,
  digits: Int32Array,
  from: number,
  to: number,
  first: number,
): void {
  if (to === from) return;
  if (++sum.terms > MAX_TERMS) carry(sum);
  for (let i = from; i < to; i++) sum.chunks[first + i - from]! += digits[i]!;
  if (first < sum.low) sum.low = first;
  if (first + to - from - 1 > sum.high) sum.high = first + to - from - 1;
}

/**
 * Makes every chunk a digit from −2³¹ to 2³¹ − 1: the one such form that a number has, whatever it was added up from.
 * The range [low, high] ends with digits other than zero afterwards; for zero it is empty.
 */
export function carry(sum: Accumulator): void {
  const { chunks } = sum;
  let { low, high } = sum;
  let over = 0;
  for (let i = low; i <= high || over !== 0; i++) {
    const value = chunks[i]! + over;
    over = Math.floor((value + HALF_RADIX) / RADIX);
    chunks[i] = value - over * RADIX;
    if (i > high) high = i;
  }
  while (low <= high && chunks[low] === 0) low++;
  while (high >= low && chunks[high] === 0) high--;
  sum.low = low <= high ? low : CHUNKS;
  sum.high = low <= high ? high : -1;
  sum.terms = 1;
}

/** A carried accumulator as a whole number of some power of two. */
export function wholeDigits({ chunks, low, high }: Accumulator): {
  digits: bigint;
  exponent: number;
} {
  if (high < low) return { digits: 0n, exponent: 0 };
  let digits = 0n;
  for (let i = high; i >= low; i--) digits = (digits << 32n) + BigInt(chunks[i]!);
  return { digits, exponent: 32 * (low - UNIT_CHUNK) };
}
