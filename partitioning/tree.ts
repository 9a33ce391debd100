/** The partitions of a catalog as a searchable, sorted list of disjoint stretches of the NESTED curve. */
import { pixelCoverageWithin } from './coverage.ts';
import { dataError } from './error.ts';
import {
  compareNested,
  deepestOrder,
  INDEX_ORDER,
  type IndexRange,
  MAX_PIXEL_ORDER,
  type Pixel,
  pixelText,
} from './pixel.ts';
import { complement, fromPixels, type RangeSet, toPixels } from './ranges.ts';

/**
 * Disjoint pixels in NESTED order. Pixel `i` is the half-open stretch [starts[i], ends[i]) counted in
 * cells of order 24, where a double is exact; a place in `pixels` is what every look-up returns.
 */
export interface PixelTree {
  readonly pixels: readonly Pixel[];
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Order of the finest pixel; 0 when there is none. */
  readonly deepest: number;
}

/** Bits between the order-29 index and cells of order 24. */
const FINE_BITS = BigInt(2 * (INDEX_ORDER - MAX_PIXEL_ORDER));

/**
 * Sorts pixels into a tree. Pixels that come in NESTED order, as the partitions of a catalog do, keep
 * their places.
 * @throws data error when two overlap (or are the same)
 */
export function buildTree(pixels: readonly Pixel[]): PixelTree {
  const sorted = pixels.slice().sort(compareNested);
  const starts = new Float64Array(sorted.length);
  const ends = new Float64Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    const { order, pixel } = sorted[i]!;
    const size = 4 ** (MAX_PIXEL_ORDER - order);
    starts[i] = pixel * size;
    ends[i] = (pixel + 1) * size;
    if (i > 0 && starts[i]! < ends[i - 1]!) {
      throw dataError(
        `overlapping partitions ${pixelText(sorted[i - 1]!)} and ${pixelText(sorted[i]!)}`,
      );
    }
  }
  const deepest = deepestOrder(sorted);
  return { pixels: sorted, starts, ends, deepest };
}

/** Number of the first value greater than `limit` in a sorted array; its length when none is. */
export function firstAbove(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Places in `tree` that overlap [start, end), counted in cells of order 24: a stretch [from, to). */
function overlapStretch(tree: PixelTree, start: number, end: number): { from: number; to: number } {
  const from = firstAbove(tree.ends, start);
  let to = from;
  while (to < tree.pixels.length && tree.starts[to]! < end) to++;
  return { from, to };
}

/** The places of the partitions that overlap a pixel or a range of the order-29 index, ascending. */
export function overlapping(tree: PixelTree, where: Pixel | IndexRange): number[] {
  let start: number;
  let end: number;
  if ('order' in where) {
    const size = 4 ** (MAX_PIXEL_ORDER - where.order);
    start = where.pixel * size;
    end = start + size;
  } else {
    if (where.start >= where.end) return [];
    // Widening to whole cells of order 24 changes nothing: partitions are made of them.
    start = Number(where.start >> FINE_BITS);
    end = Number(((where.end - 1n) >> FINE_BITS) + 1n);
  }
  const { from, to } = overlapStretch(tree, start, end);
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The sky that the partitions cover. */
export function treeRanges(tree: PixelTree): RangeSet {
  return fromPixels(tree.pixels);
}

/** The coarsest pixels that cover the rest of the sky (HATS: the negative tree), in NESTED order. */
export function complementPixels(tree: PixelTree): Pixel[] {
  return toPixels(complement(treeRanges(tree)));
}

/** The places of the partitions that overlap a coverage, ascending. */
export function prunedBy(tree: PixelTree, coverage: RangeSet): number[] {
  const { ranges } = coverage;
  const kept: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const start = Number(ranges[i]! >> FINE_BITS);
    const end = Number(((ranges[i + 1]! - 1n) >> FINE_BITS) + 1n);
    const { from, to } = overlapStretch(tree, start, end);
    for (next = Math.max(next, from); next < to; next++) kept.push(next);
  }
  return kept;
}

/**
 * The places of the partitions that overlap `p` or come within `reachArcsec` of it, ascending. A few that
 * stay just out of reach may be among them; none within reach is missing.
 */
export function within(tree: PixelTree, p: Pixel, reachArcsec: number): number[] {
  // A ring finer than all partitions would find the same ones: those that touch `p`.
  const finest = Math.max(p.order, tree.deepest);
  return prunedBy(tree, pixelCoverageWithin(p, reachArcsec, finest));
}
