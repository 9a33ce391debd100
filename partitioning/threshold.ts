/** Cutting the sky into partitions of about equal size, out of a histogram of rows. */
import { requestError } from './error.ts';
import { MAX_PIXEL_ORDER, type Pixel } from './pixel.ts';

/** Rows per pixel of one order; pixels that are not listed have none. */
export interface Histogram {
  readonly order: number;
  /** NESTED numbers, in any order; one that comes twice counts with the sum. */
  readonly pixels: Float64Array | BigInt64Array;
  readonly counts: Float64Array;
}

export interface LayoutOptions {
  /** No partition is coarser than this order; default 0. */
  readonly minOrder?: number;
  /** No partition is finer than this order, however many rows it then has. */
  readonly maxOrder: number;
}

/**
 * The partitions of a catalog, top down: starting from `minOrder` a pixel becomes a partition when it has
 * at most `maxRows` rows or is of `maxOrder`; else its four children are looked at; empty ones are dropped.
 * (The rule of hats-import with `drop_empty_siblings=False`, except that a pixel too full at `maxOrder`
 * is a partition, not an error.) In NESTED order.
 * @throws request error when a limit is not a positive number or the orders do not fit the histogram
 */
export function layout(histogram: Histogram, maxRows: number, options: LayoutOptions): Pixel[] {
  const { minOrder = 0, maxOrder } = options;
  if (!(maxRows > 0)) throw requestError(`rows per partition must be positive, not ${maxRows}`);
  const finest = Math.min(histogram.order, MAX_PIXEL_ORDER);
  checkOrders(minOrder, maxOrder, finest);
  const { pixels, sums } = cumulative(histogram, finest);
  const out: Pixel[] = [];
  // Non-empty pixels of `order` in the stretch [from, to) of the histogram, each cut as far as needed.
  const cut = (order: number, from: number, to: number): void => {
    const size = 4 ** (finest - order);
    for (let at = from; at < to; ) {
      const pixel = Math.floor(pixels[at]! / size);
      const end = firstNotBelow(pixels, (pixel + 1) * size, at + 1, to);
      const rows = sums[end]! - sums[at]!;
      if (rows > maxRows && order < maxOrder) cut(order + 1, at, end);
      else out.push({ order, pixel });
      at = end;
    }
  };
  cut(minOrder, 0, pixels.length);
  return out;
}

function checkOrders(minOrder: number, maxOrder: number, finest: number): void {
  for (const order of [minOrder, maxOrder]) {
    if (!Number.isInteger(order) || order < 0 || order > finest) {
      throw requestError(
        `partition order ${order} is not an integer from 0 to ${finest}`,
        'Partitions cannot be finer than the histogram of rows that they are cut by.',
      );
    }
  }
  if (minOrder > maxOrder) {
    throw requestError(`lowest partition order ${minOrder} is above the highest, ${maxOrder}`);
  }
}

/** Non-empty pixels at order `finest`, ascending, and the rows before each (one entry more). */
function cumulative(histogram: Histogram, finest: number) {
  const { counts } = histogram;
  if (counts.length !== histogram.pixels.length) {
    throw new RangeError(`${histogram.pixels.length} pixels with ${counts.length} counts`);
  }
  const numbers = pixelNumbers(histogram, finest);
  const places = filledPlaces(counts, numbers);
  const pixels = new Float64Array(places.length);
  const sums = new Float64Array(places.length + 1);
  for (let i = 0; i < places.length; i++) {
    pixels[i] = numbers[places[i]!]!;
    sums[i + 1] = sums[i]! + counts[places[i]!]!;
  }
  return { pixels, sums };
}

/** Places of the non-empty pixels, ascending by pixel number. */
function filledPlaces(counts: Float64Array, numbers: Float64Array): Uint32Array {
  const places = new Uint32Array(counts.length);
  let filled = 0;
  let previous = -1;
  let ascending = true;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (!(count >= 0)) throw new RangeError(`a pixel cannot hold ${count} rows`);
    if (count === 0) continue;
    if (numbers[i]! < previous) ascending = false;
    previous = numbers[i]!;
    places[filled++] = i;
  }
  const sorted = places.subarray(0, filled);
  // A map of the whole sky at order 10 has 12 million pixels, nearly always in order already.
  return ascending ? sorted : sorted.sort((a, b) => numbers[a]! - numbers[b]!);
}

/** Pixel numbers as doubles, exact, at an order where they are (24 or coarser). */
function pixelNumbers(histogram: Histogram, finest: number): Float64Array {
  const { pixels } = histogram;
  if (pixels instanceof Float64Array) {
    const size = 4 ** (histogram.order - finest);
    return size === 1 ? pixels : pixels.map((pixel) => Math.floor(pixel / size));
  }
  const shift = BigInt(2 * (histogram.order - finest));
  return Float64Array.from(pixels, (pixel) => Number(pixel >> shift));
}

/** Number of the first value ≥ `limit` in the sorted stretch [from, to), or `to`. */
function firstNotBelow(sorted: Float64Array, limit: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! >= limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
