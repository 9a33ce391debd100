/**
 * Margin catalogs as HATS cuts them: the margin of a pixel holds the rows in those cells of one fine order
 * that touch it from outside. No angle is measured, so rows up to a whole cell away are in it.
 */
import { externalRing, innerRing, neighbours } from './neighbours.ts';
import { compareNested, INDEX_ORDER, indexRange, type Pixel } from './pixel.ts';
import { containsIndex, fromCells, fromPixels, intersect, type RangeSet } from './ranges.ts';
import { ARCSEC_PER_RADIAN } from './sphere.ts';
import { complementPixels, type PixelTree, prunedBy } from './tree.ts';

/**
 * The distance in arcseconds that a ring of cells of an order is sure to span, by the rule of HATS: the
 * square root of a cell's area over 1.6. (Sound: the true width is 7 % more, see `minWidthRadians`.)
 */
export function marginMinDistArcsec(order: number): number {
  return ((Math.sqrt(Math.PI / 3) / 2 ** order) * ARCSEC_PER_RADIAN) / 1.6;
}

/** The finest order, 0–29, whose {@link marginMinDistArcsec} reaches a threshold; 0 when none does. */
export function marginOrder(thresholdArcsec: number): number {
  if (!(thresholdArcsec > 0)) {
    throw new RangeError(`margin threshold ${thresholdArcsec} is not a positive angle`);
  }
  let order = INDEX_ORDER;
  while (order > 0 && marginMinDistArcsec(order) < thresholdArcsec) order--;
  return order;
}

/**
 * The pixels that a margin catalog may have a partition for: those of the catalog and the coarsest ones of
 * the sky outside it, where its neighbours in a match may have rows. In NESTED order.
 */
export function marginPixels(tree: PixelTree): Pixel[] {
  return [...tree.pixels, ...complementPixels(tree)].sort(compareNested);
}

/**
 * The cells of `order` that touch `p` from outside: the sky of its margin. With `inside`, only those in that
 * pixel, which must not overlap `p`; the work is then that of the finer one's border.
 */
export function marginCells(p: Pixel, order: number, inside?: Pixel): RangeSet {
  if (inside === undefined) return fromCells(order, externalRing(p, order));
  if (p.order >= inside.order) return intersect(marginCells(p, order), fromPixels([inside]));
  const shift = BigInt(2 * (INDEX_ORDER - order));
  const { start, end } = indexRange(p);
  const first = start >> shift;
  const last = end >> shift;
  const touching = innerRing(inside, order).filter((cell) =>
    neighbours(order, cell).some((neighbour) => neighbour >= first && neighbour < last),
  );
  return fromCells(order, touching);
}

/**
 * Numbers, ascending, of the rows whose order-29 index lies in {@link marginCells} of `p`. A ring of fine cells
 * around a coarse pixel is longer than many tables: where it is, each row's own cell is looked at instead.
 */
export function marginRows(p: Pixel, order: number, index: BigInt64Array): Int32Array {
  const isInside =
    4 * 2 ** (order - p.order) <= index.length
      ? ringTest(marginCells(p, order))
      : touchTest(p, order);
  const rows: number[] = [];
  for (let i = 0; i < index.length; i++) if (isInside(index[i]!)) rows.push(i);
  return Int32Array.from(rows);
}

function ringTest(cells: RangeSet): (index: bigint) => boolean {
  return (index) => containsIndex(cells, index);
}

function touchTest(p: Pixel, order: number): (index: bigint) => boolean {
  const shift = BigInt(2 * (INDEX_ORDER - order));
  const { start, end } = indexRange(p);
  const first = start >> shift;
  const last = end >> shift;
  const touching = new Map<bigint, boolean>();
  return (index) => {
    const cell = index >> shift;
    if (cell >= first && cell < last) return false;
    let known = touching.get(cell);
    if (known === undefined) {
      known = neighbours(order, cell).some((next) => next >= first && next < last);
      touching.set(cell, known);
    }
    return known;
  };
}

/**
 * The pixels, out of a tree of {@link marginPixels}, into whose margin rows of `source` can fall: those whose
 * {@link marginCells} meet it, at any margin order finer than all of them. `source` is one of the tree.
 */
export function marginDestinations(source: Pixel, destinations: PixelTree): Pixel[] {
  // Cells of the finest order in the tree touch the same pixels as finer cells do, and are fewer.
  const order = Math.max(source.order, destinations.deepest);
  const around = fromCells(order, externalRing(source, order));
  return prunedBy(destinations, around).map((i) => destinations.pixels[i]!);
}
