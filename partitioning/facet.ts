/** Cells of a base facet: the column and row of a NESTED number, and back, by interleaving bits. */

/** A cell at (x, y) of a base facet; both in [0, 2^order). */
export interface FacetCell {
  readonly facet: number;
  readonly x: number;
  readonly y: number;
}

/** Refuses orders that NESTED numbers of 64 bits do not have. */
export function checkOrder(order: number, deepest = 29): void {
  if (!Number.isInteger(order) || order < 0 || order > deepest) {
    throw new RangeError(`HEALPix order ${order} is not an integer from 0 to ${deepest}`);
  }
}

/**
 * 64-bit numbers as pairs of 32-bit words, the lower one first: without a BigInt per row. Every platform that
 * Node and DuckDB share is little-endian.
 */
export function wordsOf(numbers: BigInt64Array): Int32Array {
  return new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
}

/** Moves the lower 16 bits to the even places. */
export function spreadBits(value: number): number {
  let v = value & 0xffff;
  v = (v | (v << 8)) & 0x00ff00ff;
  v = (v | (v << 4)) & 0x0f0f0f0f;
  v = (v | (v << 2)) & 0x33333333;
  return (v | (v << 1)) & 0x55555555;
}

/** Collects the even places into the lower 16 bits. */
export function collectBits(value: number): number {
  let v = value & 0x55555555;
  v = (v | (v >>> 1)) & 0x33333333;
  v = (v | (v >>> 2)) & 0x0f0f0f0f;
  v = (v | (v >>> 4)) & 0x00ff00ff;
  return (v | (v >>> 8)) & 0xffff;
}

/** The facet number in place above the 2·order bits of a cell, as a low and a high 32-bit word per facet. */
export function facetWords(order: number): { low: Int32Array; high: Int32Array } {
  const low = new Int32Array(12);
  const high = new Int32Array(12);
  for (let facet = 0; facet < 12; facet++) {
    const number = BigInt(facet) << BigInt(2 * order);
    low[facet] = Number(BigInt.asIntN(32, number));
    high[facet] = Number(number >> 32n);
  }
  return { low, high };
}

/** The facet of a NESTED number given as two 32-bit words. */
export function facetOf(order: number, low: number, high: number): number {
  const shift = 2 * order;
  if (shift >= 32) return high >>> (shift - 32);
  return shift === 30 ? (high << 2) | (low >>> 30) : low >>> shift;
}

/** Column and row of a cell; a RangeError when the order does not have the cell. */
export function facetCellOf(order: number, pixel: bigint | number): FacetCell {
  checkOrder(order);
  const number = BigInt(pixel);
  if (number < 0n || number >= 12n << BigInt(2 * order)) {
    throw new RangeError(`pixel ${pixel} does not exist at HEALPix order ${order}`);
  }
  const low = Number(BigInt.asIntN(32, number));
  const high = Number(number >> 32n);
  const mask = 2 ** order - 1;
  return {
    facet: facetOf(order, low, high),
    x: (collectBits(low) | (collectBits(high) << 16)) & mask,
    y: (collectBits(low >>> 1) | (collectBits(high >>> 1) << 16)) & mask,
  };
}

/** The NESTED number of a cell. */
export function nestedOf(order: number, facet: number, x: number, y: number): bigint {
  const low = spreadBits(x) | (spreadBits(y) << 1);
  const high = spreadBits(x >>> 16) | (spreadBits(y >>> 16) << 1);
  return (BigInt(facet) << BigInt(2 * order)) | (BigInt(high) << 32n) | BigInt(low >>> 0);
}
