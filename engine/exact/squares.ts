/**
 * Exact sums of squares. The product of two doubles is the sum of two others, its rounding and what rounding left out
 * (T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18, 1971),
 * as long as neither overflows nor falls below the smallest double: of numbers far from 1 a power of two is taken out
 * first.
 */
import { addNumber } from './accumulator.ts';
import { addSmall, addTerm, type Expansion, type TermRows } from './expansion.ts';

/** Splits a double into two of 26 bits. */
const SPLITTER = 2 ** 27 + 1;
/** Between these the product and its rest are exact. */
const LEAST = 2 ** -450;
const MOST = 2 ** 470;
/** A power of two whose square is a whole number of the accumulator's chunks. */
const SCALE = 2 ** 608;
const SCALED_CHUNKS = (2 * 608) / 32;

/** What rounding leaves out of `a` · `b`, which is `product` when rounded. */
export function productRest(a: number, b: number, product: number): number {
  const aTop = SPLITTER * a - (SPLITTER * a - a);
  const bTop = SPLITTER * b - (SPLITTER * b - b);
  const aRest = a - aTop;
  const bRest = b - bTop;
  return aTop * bTop - product + aTop * bRest + aRest * bTop + aRest * bRest;
}

/** Adds the squares of doubles. */
export function addDoubleSquares(
  sum: Expansion,
  values: Float64Array,
  { order, valid }: TermRows,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const row = order === null ? i : order[i]!;
    if (valid !== undefined && valid[row] === 0) continue;
    const value = values[row]!;
    const size = Math.abs(value);
    if (size >= LEAST && size <= MOST) addProduct(sum, value, value);
    else if (size > 0) addFarSquare(sum, size);
  }
}

function addFarSquare({ rest }: Expansion, size: number): void {
  if (size === Number.POSITIVE_INFINITY) {
    addNumber(rest, size);
    return;
  }
  const scaled = size > 1 ? size / SCALE : size * SCALE;
  const up = size > 1 ? SCALED_CHUNKS : -SCALED_CHUNKS;
  const product = scaled * scaled;
  addNumber(rest, product, up);
  addNumber(rest, productRest(scaled, scaled, product), up);
}

function addProduct(sum: Expansion, a: number, b: number): void {
  const product = a * b;
  addTerm(sum, product);
  const rest = productRest(a, b, product);
  if (rest !== 0) addSmall(sum, rest);
}

/** Adds the squares of 64-bit integers; words and `biased` as for their sum. */
export function addIntegerSquares(
  sum: Expansion,
  words: Int32Array,
  { order, valid }: TermRows,
  [from, to]: readonly [number, number],
  biased: boolean,
): void {
  const bias = biased ? 2 ** 31 : 0;
  for (let i = from; i < to; i++) {
    const row = order === null ? i : order[i]!;
    if (valid !== undefined && valid[row] === 0) continue;
    const bottom = words[2 * row]! >>> 0;
    const top = (words[2 * row + 1]! + bias) * 2 ** 32;
    const value = top + bottom;
    if (Math.abs(top) <= 2 ** 52) {
      addProduct(sum, value, value);
    } else {
      addProduct(sum, top, top);
      addProduct(sum, 2 * top, bottom);
      addProduct(sum, bottom, bottom);
    }
  }
}
