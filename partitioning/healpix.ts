/** From positions to NESTED pixel numbers at orders 0–29, and from one order to another. */
import { checkOrder, facetWords, spreadBits, wordsOf } from './facet.ts';
import { MAX_PIXEL_ORDER, type Pixel } from './pixel.ts';
import { BLOCK_ROWS, createPlaneRows, projectRows } from './plane.ts';

/** Deepest order whose pixel numbers fit into 32 bits. */
export const MAX_INT32_ORDER = 13;

const block = createPlaneRows();

/**
 * NESTED pixel numbers of positions in degrees at one order from 0 to 29 (29: the spatial index of HATS).
 * Any finite ra, |dec| ≤ 90, which the caller guarantees; `dec` is as long as `ra`, `out` at least.
 */
export function hashPositions(
  ra: Float64Array,
  dec: Float64Array,
  order: number,
  out: BigInt64Array = new BigInt64Array(ra.length),
): BigInt64Array {
  checkOrder(order);
  const words = wordsOf(out);
  const facets = facetWords(order);
  const rows = ra.length;
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const to = Math.min(rows, from + BLOCK_ROWS);
    projectRows(ra, dec, from, to, block);
    writeNumbers(order, facets, words, 2 * from, to - from);
  }
  return out;
}

/** Interleaves the first `rows` of the block into pairs of words from word `at` on. */
function writeNumbers(
  order: number,
  facets: { readonly low: Int32Array; readonly high: Int32Array },
  words: Int32Array,
  at: number,
  rows: number,
): void {
  const { facet, x, y } = block;
  const { low, high } = facets;
  const side = 2 ** order;
  const last = side - 1;
  let w = at;
  for (let r = 0; r < rows; r++) {
    const f = facet[r]!;
    // Rounding may put a point onto the facet's upper edge, or below 0 by less than truncation mends.
    let i = (x[r]! * side) | 0;
    let j = (y[r]! * side) | 0;
    if (i > last) i = last;
    if (j > last) j = last;
    words[w] = spreadBits(i) | (spreadBits(j) << 1) | low[f]!;
    words[w + 1] = spreadBits(i >>> 16) | (spreadBits(j >>> 16) << 1) | high[f]!;
    w += 2;
  }
}

/** NESTED pixel number of one position in degrees at an order from 0 to 29. */
export function hashPosition(ra: number, dec: number, order: number): bigint {
  return hashPositions(Float64Array.of(ra), Float64Array.of(dec), order)[0]!;
}

/** The pixel at an order from 0 to 24 that contains a position in degrees. */
export function pixelAt(ra: number, dec: number, order: number): Pixel {
  checkOrder(order, MAX_PIXEL_ORDER);
  return { order, pixel: Number(hashPosition(ra, dec, order)) };
}

/** As {@link hashPositions}, at orders 0–13, where the numbers fit into 32 bits: for sky maps. */
export function hashToInt32(
  ra: Float64Array,
  dec: Float64Array,
  order: number,
  out: Int32Array = new Int32Array(ra.length),
): Int32Array {
  checkOrder(order, MAX_INT32_ORDER);
  const { facet, x, y } = block;
  const side = 2 ** order;
  const last = side - 1;
  const shift = 2 * order;
  const rows = ra.length;
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const to = Math.min(rows, from + BLOCK_ROWS);
    projectRows(ra, dec, from, to, block);
    for (let r = from, o = 0; r < to; r++, o++) {
      let i = (x[o]! * side) | 0;
      let j = (y[o]! * side) | 0;
      if (i > last) i = last;
      if (j > last) j = last;
      out[r] = spreadBits(i) | (spreadBits(j) << 1) | (facet[o]! << shift);
    }
  }
  return out;
}

/**
 * Pixel numbers of one order at another: the containing pixels at a coarser one, the first pixel inside at a
 * finer one. `out` is as long as `index`, and may be `index` itself.
 */
export function indexAtOrder(
  index: BigInt64Array,
  fromOrder: number,
  toOrder: number,
  out: BigInt64Array = new BigInt64Array(index.length),
): BigInt64Array {
  checkOrder(fromOrder);
  checkOrder(toOrder);
  const bits = 2 * Math.abs(fromOrder - toOrder);
  if (bits === 0) out.set(index);
  else if (toOrder < fromOrder) shiftRight(wordsOf(index), bits, wordsOf(out));
  else shiftLeft(wordsOf(index), bits, wordsOf(out));
  return out;
}

function shiftRight(words: Int32Array, bits: number, out: Int32Array): void {
  const end = words.length;
  if (bits >= 32) {
    const rest = bits - 32;
    for (let w = 0; w < end; w += 2) {
      out[w] = words[w + 1]! >> rest;
      out[w + 1] = 0;
    }
    return;
  }
  const carried = 32 - bits;
  for (let w = 0; w < end; w += 2) {
    const high = words[w + 1]!;
    out[w] = (words[w]! >>> bits) | (high << carried);
    out[w + 1] = high >> bits;
  }
}

function shiftLeft(words: Int32Array, bits: number, out: Int32Array): void {
  const end = words.length;
  if (bits >= 32) {
    const rest = bits - 32;
    for (let w = 0; w < end; w += 2) {
      out[w + 1] = words[w]! << rest;
      out[w] = 0;
    }
    return;
  }
  const carried = 32 - bits;
  for (let w = 0; w < end; w += 2) {
    const low = words[w]!;
    out[w + 1] = (words[w + 1]! << bits) | (low >>> carried);
    out[w] = low << bits;
  }
}

/** Pixel numbers of any order at an order from 0 to 13 that is not finer, as 32-bit numbers: for sky maps. */
export function indexToInt32(
  index: BigInt64Array,
  fromOrder: number,
  toOrder: number,
  out: Int32Array = new Int32Array(index.length),
): Int32Array {
  checkOrder(fromOrder);
  checkOrder(toOrder, Math.min(fromOrder, MAX_INT32_ORDER));
  const words = wordsOf(index);
  const rows = index.length;
  const bits = 2 * (fromOrder - toOrder);
  if (bits >= 32) {
    const rest = bits - 32;
    for (let r = 0; r < rows; r++) out[r] = words[2 * r + 1]! >>> rest;
  } else if (bits === 0) {
    for (let r = 0; r < rows; r++) out[r] = words[2 * r]!;
  } else {
    const carried = 32 - bits;
    for (let r = 0; r < rows; r++) {
      out[r] = (words[2 * r]! >>> bits) | (words[2 * r + 1]! << carried);
    }
  }
  return out;
}

/** The pixel at `order` (0–24, not finer than `indexOrder`) that contains a pixel number of `indexOrder`. */
export function cellOfIndex(index: bigint, indexOrder: number, order: number): Pixel {
  checkOrder(indexOrder);
  checkOrder(order, Math.min(indexOrder, MAX_PIXEL_ORDER));
  return { order, pixel: Number(index >> BigInt(2 * (indexOrder - order))) };
}
