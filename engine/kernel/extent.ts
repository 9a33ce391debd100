/** The part of the sky a grid has to cover: the right rows' box, less what no left row can reach. */

import { inBlocks } from '../../partitioning/in-blocks.ts';
import { decHalfWidth, decUnits, HALF_TURN, raHalfWidth, raUnits } from './fixed-point.ts';
import type { Positions } from './types.ts';

/** A box in units (fixed-point.ts), inclusive at both ends. Empty when decLow > decHigh. */
export interface Box {
  decLow: number;
  decHigh: number;
  raLow: number;
  raHigh: number;
}

/** Left rows looked at to decide whether cropping pays. */
const SAMPLE_ROWS = 2048;

/** The right box is cropped when at least this share of it is out of reach. */
const WORTH_CROPPING = 0.25;

/** Writes the units of each row into `units`, dec then ra; returns the box around them. */
export function quantise(positions: Positions, refRa: number, units: Int32Array): Box {
  const box = emptyBox();
  inBlocks(positions.length, (from, to) => quantiseBlock(positions, refRa, units, box, from, to));
  return box;
}

function quantiseBlock(
  { ra, dec }: Positions,
  refRa: number,
  units: Int32Array,
  box: Box,
  from: number,
  to: number,
): void {
  let { decLow, decHigh, raLow, raHigh } = box;
  for (let i = from; i < to; i++) {
    const d = decUnits(dec[i]!);
    const u = raUnits(ra[i]!, refRa);
    units[2 * i] = d;
    units[2 * i + 1] = u;
    if (d < decLow) decLow = d;
    if (d > decHigh) decHigh = d;
    if (u < raLow) raLow = u;
    if (u > raHigh) raHigh = u;
  }
  box.decLow = decLow;
  box.decHigh = decHigh;
  box.raLow = raLow;
  box.raHigh = raHigh;
}

function emptyBox(): Box {
  return { decLow: 0x7fffffff, decHigh: -0x80000000, raLow: 0x7fffffff, raHigh: -0x80000000 };
}

/** `box` of the right rows without the parts that are further than `radius` degrees from all left rows. */
export function reachableBox(box: Box, left: Positions, refRa: number, radius: number): Box {
  const step = Math.max(1, Math.floor(left.length / SAMPLE_ROWS));
  const sampled = intersection(box, widened(boundsOf(left, refRa, step), radius));
  if (step === 1) return sampled;
  // A sample can only be too small: it tells whether the exact bounds are worth a pass over all rows.
  if (areaOf(sampled) > (1 - WORTH_CROPPING) * areaOf(box)) return box;
  return intersection(box, widened(boundsOf(left, refRa, 1), radius));
}

/** The box around every `step`-th row. */
function boundsOf(positions: Positions, refRa: number, step: number): Box {
  const { ra, dec, length } = positions;
  let decLow = 0x7fffffff;
  let decHigh = -0x80000000;
  let raLow = 0x7fffffff;
  let raHigh = -0x80000000;
  for (let i = 0; i < length; i += step) {
    const d = decUnits(dec[i]!);
    const u = raUnits(ra[i]!, refRa);
    if (d < decLow) decLow = d;
    if (d > decHigh) decHigh = d;
    if (u < raLow) raLow = u;
    if (u > raHigh) raHigh = u;
  }
  return { decLow, decHigh, raLow, raHigh };
}

/** Every position within `radius` degrees of a position in the box; bounds may exceed 32 bits. */
function widened(box: Box, radius: number): Box {
  const tall = decHalfWidth(radius);
  // Units are cut off towards the equator: next to a pole, where circles widen fast, the whole unit counts.
  const furthest = (Math.max(Math.abs(box.decLow), Math.abs(box.decHigh)) + 1) / (2 ** 32 / 360);
  const wide = raHalfWidth(radius, Math.min(90, furthest));
  const raLow = box.raLow - wide;
  const raHigh = box.raHigh + wide;
  // Across the seam opposite the reference the box would be two boxes: then right ascension is not limited.
  const across = raLow < -HALF_TURN || raHigh >= HALF_TURN;
  return {
    decLow: box.decLow - tall,
    decHigh: box.decHigh + tall,
    raLow: across ? -HALF_TURN : raLow,
    raHigh: across ? HALF_TURN - 1 : raHigh,
  };
}

function intersection(a: Box, b: Box): Box {
  return {
    decLow: Math.max(a.decLow, b.decLow),
    decHigh: Math.min(a.decHigh, b.decHigh),
    raLow: Math.max(a.raLow, b.raLow),
    raHigh: Math.min(a.raHigh, b.raHigh),
  };
}

/** True when no position is inside. */
export function isEmptyBox(box: Box): boolean {
  return !(box.decLow <= box.decHigh && box.raLow <= box.raHigh);
}

/** Extent in units², as a flat map. */
export function areaOf(box: Box): number {
  return isEmptyBox(box) ? 0 : (box.decHigh - box.decLow + 1) * (box.raHigh - box.raLow + 1);
}
