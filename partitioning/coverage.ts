/**
 * Coverages of regions and of what lies around pixels. All are supersets: no point of the region is outside,
 * a few cells along its border may be too many.
 */

import { ringOrderFor } from './border.ts';
import { boxShape, boxSize } from './box.ts';
import { coneShape, coneSize } from './cone.ts';
import { externalRing } from './neighbours.ts';
import { childrenOf, INDEX_ORDER, indexRange, MAX_PIXEL_ORDER, type Pixel } from './pixel.ts';
import { capOf } from './pixel-cap.ts';
import { polygonShape, polygonSize } from './polygon-shape.ts';
import {
  coversRange,
  degrade,
  fromCells,
  fromPixels,
  fullSky,
  isEmpty,
  overlapsRange,
  type RangeSet,
  rangesFromText,
  skyFraction,
  toPixels,
  union,
} from './ranges.ts';
import { type Region, unknownKind } from './region.ts';
import type { Shape } from './shape.ts';
import { ARCSEC_PER_RADIAN } from './sphere.ts';

/** Most cells that the order chosen for a region may give it. */
const CELLS_WANTED = 4000;

/** Orders by which a ring is finer than its pixel unless asked: 1,028 cells, 0.8 % of the pixel's area. */
const RING_DEPTH = 8;

/** Orders by which cells are finer than the partitions they tell apart, or coarser than those of other coverages. */
const FINER_THAN_PARTITIONS = 4;
const COARSER_THAN_WANTED = 4;

/** Most blocks of a coverage that are grown one by one; more are made fewer and coarser first. */
const MOST_BLOCKS = 1 << 16;

/** Most cells in the rings around them (some 10 ms); but two orders finer than a block is always allowed. */
const MOST_RING_CELLS = 1 << 14;
const CELLS_PER_BLOCK = 20;

/**
 * A superset of a region out of whole cells of `order`: 0–24, or 0–29 for a MOC. The region must have
 * passed {@link checkRegion}.
 */
export function regionCoverage(region: Region, order: number): RangeSet {
  const set = exactRanges(region);
  if (set !== undefined) return degrade(set, order);
  const shape = shapeOf(region);
  const found: Pixel[] = [];
  const visit = (p: Pixel): void => {
    const containment = shape.classify(capOf(p));
    if (containment === 'outside') return;
    if (containment === 'inside' || p.order >= order) found.push(p);
    else for (const child of childrenOf(p)) visit(child);
  };
  for (let pixel = 0; pixel < 12; pixel++) visit({ order: 0, pixel });
  return fromPixels(found);
}

/**
 * An order at which the coverage of a region has some thousand cells (fewer where the region is below those of
 * order 24). For a MOC, the order at which it is exact.
 */
export function coverageOrder(region: Region): number {
  const set = exactRanges(region);
  if (set !== undefined) return exactOrder(set);
  const cells = cellCounter(region);
  let order = MAX_PIXEL_ORDER;
  while (order > 0 && cells(order) > CELLS_WANTED) order--;
  return order;
}

/** The coverage of regions that are given as cells. */
export function exactRanges(region: Region): RangeSet | undefined {
  if (region.kind === 'moc') return rangesFromText(region.ranges);
  return region.kind === 'pixels' ? fromPixels(region.pixels) : undefined;
}

/**
 * A superset of the sky within `reachArcsec` of a region, to tell partitions apart that are of order `deepest` or
 * coarser: its cells are at most a sixteenth of those wide, or some dozens for a smaller region, so that few partitions are
 * taken for near that are not.
 */
export function coverageAmongPartitions(
  region: Region,
  reachArcsec: number,
  deepest: number,
): RangeSet {
  const own = coverageOrder(region);
  const order = Math.min(own, Math.max(deepest + FINER_THAN_PARTITIONS, own - COARSER_THAN_WANTED));
  return dilate(regionCoverage(region, order), reachArcsec, order);
}

function exactOrder({ ranges }: RangeSet): number {
  let bits = 0n;
  for (const bound of ranges) bits |= bound;
  let order = INDEX_ORDER;
  while (order > 0 && (bits & 3n) === 0n) {
    bits >>= 2n;
    order--;
  }
  return order;
}

function shapeOf(region: Region): Shape {
  switch (region.kind) {
    case 'cone':
      return coneShape(region);
    case 'box':
      return boxShape(region);
    case 'polygon':
      return polygonShape(region);
    case 'moc':
      return rangesShape(rangesFromText(region.ranges));
    case 'pixels':
      return rangesShape(fromPixels(region.pixels));
    case 'orders':
      return { classify: () => 'inside' };
    case 'and':
      return intersectionShape(region.regions.map(shapeOf));
    default:
      throw unknownKind(region);
  }
}

function rangesShape(set: RangeSet): Shape {
  return {
    classify({ pixel }) {
      const { start, end } = indexRange(pixel);
      if (coversRange(set, start, end)) return 'inside';
      return overlapsRange(set, start, end) ? 'mixed' : 'outside';
    },
  };
}

function intersectionShape(shapes: readonly Shape[]): Shape {
  return {
    classify(cap) {
      let all: 'inside' | 'mixed' = 'inside';
      for (const shape of shapes) {
        const containment = shape.classify(cap);
        if (containment === 'outside') return 'outside';
        if (containment === 'mixed') all = 'mixed';
      }
      return all;
    },
  };
}

/** Estimates how many cells of an order a region touches: those of its area and those along its border. */
function cellCounter(region: Region): (order: number) => number {
  switch (region.kind) {
    case 'cone':
      return counterOf(coneSize(region));
    case 'box':
      return counterOf(boxSize(region));
    case 'polygon':
      return counterOf(polygonSize(region));
    case 'moc':
    case 'pixels': {
      const set = exactRanges(region) as RangeSet;
      const pieces = set.ranges.length / 2;
      return (order) => skyFraction(set) * 12 * 4 ** order + pieces;
    }
    case 'orders':
      return (order) => 12 * 4 ** order;
    case 'and': {
      const counters = region.regions.map(cellCounter);
      return (order) => Math.min(...counters.map((count) => count(order)));
    }
    default:
      throw unknownKind(region);
  }
}

function counterOf({ area, border }: { area: number; border: number }) {
  return (order: number) => {
    const cell = (4 * Math.PI) / (12 * 4 ** order);
    return area / cell + border / Math.sqrt(cell);
  };
}

/**
 * A superset of the sky within `reachArcsec` of any point of a pixel, the pixel included: the pixel and a ring
 * of cells as fine as the reach allows, but not finer than `finest` (default: 8 orders finer than the pixel);
 * for a reach beyond the width of the pixel, a circle around it.
 */
export function pixelCoverageWithin(
  p: Pixel,
  reachArcsec: number,
  finest = p.order + RING_DEPTH,
): RangeSet {
  const order = Math.min(ringOrderFor(reachArcsec), Math.max(finest, p.order));
  if (order >= p.order) {
    return union(fromPixels([p]), fromCells(order, externalRing(p, order)));
  }
  const { ra, dec, radius } = capOf(p);
  const radiusArcsec = radius * ARCSEC_PER_RADIAN + reachArcsec;
  if (radiusArcsec >= 180 * 3600) return fullSky;
  const around: Region = { kind: 'cone', ra, dec, radiusArcsec };
  return regionCoverage(around, coverageOrder(around));
}

/**
 * A superset of the sky within `reachArcsec` of a coverage, itself included, by rings of cells around its
 * blocks: not finer than `order` when given, and no finer than keeps the work bounded.
 */
export function dilate(set: RangeSet, reachArcsec: number, order = MAX_PIXEL_ORDER): RangeSet {
  if (isEmpty(set)) return set;
  let finest = Math.min(ringOrderFor(reachArcsec), order, MAX_PIXEL_ORDER);
  if (finest < 0) return fullSky;
  let blocks = toPixels(set, finest);
  while (blocks.length > MOST_BLOCKS && finest > 0) blocks = toPixels(set, --finest);
  const ringCells = (at: number) =>
    blocks.reduce((sum, block) => sum + 4 * 2 ** (at - block.order) + 4, 0);
  const deepest = blocks.reduce((finer, block) => Math.max(finer, block.order), 0);
  const most = Math.max(MOST_RING_CELLS, CELLS_PER_BLOCK * blocks.length);
  let ringOrder = finest;
  while (ringOrder > deepest && ringCells(ringOrder) > most) ringOrder--;
  const cells = new BigInt64Array(ringCells(ringOrder));
  let count = 0;
  for (const block of blocks) {
    const ring = externalRing(block, ringOrder);
    cells.set(ring, count);
    count += ring.length;
  }
  return union(union(set, fromPixels(blocks)), fromCells(ringOrder, cells.subarray(0, count)));
}
