/**
 * From exact sums to doubles: sums, means and variances, each rounded once, to the nearest double and from half-way to
 * the even one, as IEEE 754 rounds a single operation. A sum that was rounded is used up: clear it.
 */
import { carry, MINUS_INFINITY, PLUS_INFINITY, wholeDigits } from './accumulator.ts';
import { type Expansion, gatherRest, settle } from './expansion.ts';
import { isPowerOfTwo, roundRatio, stepOf } from './ratio.ts';
import { productRest } from './squares.ts';

/** The sum; infinite terms make it infinite, terms of both infinities NaN. */
export function roundSum(sum: Expansion): number {
  return isPlain(sum) ? sum.high : exactMean(sum, 1);
}

/** The sum divided by a count from 1 to 2⁵³. */
export function roundMean(sum: Expansion, count: number): number {
  if (!isPlain(sum)) return exactMean(sum, count);
  const { high, middle } = sum;
  if (high === 0) return 0;
  const size = Math.abs(high);
  if (size < LEAST_PLAIN || size > MOST_PLAIN) return exactMean(sum, count);
  const quotient = high / count;
  // Division rounds well, and a power of two only moves the exponent.
  if (middle === 0 || isPowerOfTwo(count)) return quotient;
  const product = quotient * count;
  const remainder = high - product - productRest(quotient, count, product) + middle;
  const correction = remainder / count;
  const mean = quotient + correction;
  // How far the mean is from the exact one, to many more digits than decide about the nearest double.
  const off = Math.abs(correction - (mean - quotient));
  const nearest = off < stepOf(mean) * (isPowerOfTwo(mean) ? 0.249 : 0.499);
  return nearest ? mean : exactMean(sum, count);
}

/** In this range quotients and remainders are normal numbers, too. */
const LEAST_PLAIN = 2 ** -800;
const MOST_PLAIN = 2 ** 900;

/**
 * The variance of `count` numbers from their sum and the sum of their squares, exact up to the one rounding;
 * `sample`: divided by count − 1, where the count must be at least 2. NaN where a number was infinite.
 */
export function roundVariance(
  sum: Expansion,
  squares: Expansion,
  count: number,
  sample: boolean,
): number {
  const plain =
    isPlain(sum) && isPlain(squares) ? plainVariance(sum, squares, count, sample) : null;
  return plain ?? exactVariance(sum, squares, count, sample);
}

/** In this range no term of the variance overflows or is lost. */
const LEAST_SQUARES = 2 ** -400;
const MOST_SQUARES = 2 ** 400;
/** Groups whose count squared is a whole number in a double. */
const MOST_ROWS = 2 ** 26;
/** How much of n · Σx² may cancel before the doubles below hold too few digits. */
const MOST_CANCELLED = 2 ** 30;

/** The variance with pairs of doubles, some 2⁻⁹⁸ of n · Σx² off; null where that may not decide on the nearest one. */
function plainVariance(
  { high: s, middle: sRest }: Expansion,
  { high: q, middle: qRest }: Expansion,
  count: number,
  sample: boolean,
): number | null {
  if (!(q > LEAST_SQUARES && q < MOST_SQUARES) || count > MOST_ROWS) return null;
  const nq = count * q;
  const ss = s * s;
  const nqRest = productRest(count, q, nq) + count * qRest;
  const ssRest = productRest(s, s, ss) + (2 * s * sRest + sRest * sRest);
  // Exact: the difference of two doubles as a rounded one and what rounding left out.
  const difference = nq - ss;
  const back = difference - nq;
  const left = nq - (difference - back) - (ss + back);
  const rest = left + (nqRest - ssRest);
  const above = difference + rest;
  const aboveRest = rest - (above - difference);
  if (!(above * MOST_CANCELLED > nq)) return null;
  const below = count * (sample ? count - 1 : count);
  const quotient = above / below;
  const product = quotient * below;
  const remainder = above - product - productRest(quotient, below, product) + aboveRest;
  const correction = remainder / below;
  const variance = quotient + correction;
  const off = Math.abs(correction - (variance - quotient));
  return off < stepOf(variance) * (isPowerOfTwo(variance) ? 0.24 : 0.49) ? variance : null;
}

function exactVariance(sum: Expansion, squares: Expansion, count: number, sample: boolean): number {
  const s = wholeOf(sum);
  const q = wholeOf(squares);
  if (s.infinities !== 0 || q.infinities !== 0) return Number.NaN;
  const n = BigInt(count);
  // n · Σx² − (Σx)², both as multiples of one power of two.
  const sumBits = 2 * s.exponent;
  const exponent = Math.min(sumBits, q.exponent);
  const above =
    ((n * q.digits) << BigInt(q.exponent - exponent)) -
    ((s.digits * s.digits) << BigInt(sumBits - exponent));
  return roundRatio(above, n * (sample ? n - 1n : n), exponent);
}

/** The sum of integers. */
export function wholeSum(sum: Expansion): bigint {
  const { digits, exponent } = wholeOf(sum);
  return digits << BigInt(exponent);
}

/** Settles the sum; true where its highest double is surely the nearest one to the whole. */
function isPlain(sum: Expansion): boolean {
  const { rest } = sum;
  if (rest.high >= rest.low || rest.infinities !== 0) return false;
  settle(sum);
  const { high, middle, low } = sum;
  // With a third double, high and middle alone cannot tell what is near half-way.
  return high + (low === 0 ? middle : middle * NEARLY_ONE) === high;
}

const NEARLY_ONE = 1 + 2 ** -20;

function exactMean(sum: Expansion, count: number): number {
  const { digits, exponent, infinities } = wholeOf(sum);
  if (infinities === 0) return roundRatio(digits, BigInt(count), exponent);
  if (infinities === PLUS_INFINITY) return Number.POSITIVE_INFINITY;
  return infinities === MINUS_INFINITY ? Number.NEGATIVE_INFINITY : Number.NaN;
}

function wholeOf(sum: Expansion) {
  const rest = gatherRest(sum);
  carry(rest);
  return { ...wholeDigits(rest), infinities: rest.infinities };
}
