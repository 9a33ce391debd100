/**
 * Margin catalogs as HATS cuts them: the margin of a pixel holds the rows in the cells of one fine order that
 * touch it from outside. No angle is measured, so rows up to one whole cell away are in it.
 */
import { externalRing } from './neighbours.ts';
import { compareNested, type Pixel } from './pixel.ts';
import { fromCells, type RangeSet } from './ranges.ts';
import { complementPixels, overlapping, type PixelTree } from './tree.ts';

const ARCSEC_PER_RADIAN = (180 * 3600) / Math.PI;
const DEEPEST_ORDER = 29;

/**
 * The distance in arcseconds that cells of an order are sure to keep apart, by the rule of HATS: the root of
 * the mean area of a cell over 1.6.
 */
export function marginMinDistArcsec(order: number): number {
  return ((Math.sqrt(Math.PI / 3) / 2 ** order) * ARCSEC_PER_RADIAN) / 1.6;
}

/** The finest order, 0–29, whose {@link marginMinDistArcsec} reaches a threshold; 0 when none does. */
export function marginOrder(thresholdArcsec: number): number {
  if (!(thresholdArcsec > 0)) {
    throw new RangeError(`margin threshold ${thresholdArcsec} is not a positive angle`);
  }
  let order = DEEPEST_ORDER;
  while (order > 0 && marginMinDistArcsec(order) < thresholdArcsec) order--;
  return order;
}
