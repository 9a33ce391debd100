/** The part of the sky a grid has to cover: the right rows' box, less what no left row can reach. */

import { type Arena, loadBlocks } from './arena.ts';
import { decHalfWidth, HALF_TURN, raHalfWidth } from './fixed-point.ts';
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

/** Writes the units of each row into the arena, dec then ra; returns the box around them. */
export function quantise(positions: Positions, refRa: number, arena: Arena): Box {
  const { loops } = arena;
  loops.beginBox(refRa);
  loadBlocks(arena, positions, (from, count) => loops.quantise(from, count));
  return boxOf(loops);
}

function boxOf({ decLow, decHigh, raLow, raHigh }: Arena['loops']): Box {
  return {
    decLow: decLow.value,
    decHigh: decHigh.value,
    raLow: raLow.value,
    raHigh: raHigh.value,
  };
}

/** `box` of the right rows without the parts that are further than `radius` degrees from all left rows. */
export function reachableBox(
  box: Box,
  left: Positions,
  refRa: number,
  radius: number,
  arena: Arena,
): Box {
  const sampled = intersection(box, widened(boundsOf(sampleOf(left), refRa, arena), radius));
  // A sample can only be too small: it tells whether the exact bounds are worth a pass over all rows.
  if (areaOf(sampled) > (1 - WORTH_CROPPING) * areaOf(box)) return box;
  return intersection(box, widened(boundsOf(left, refRa, arena), radius));
}

/** Some of the rows, evenly chosen. */
function sampleOf({ ra, dec, length }: Positions): Positions {
  const step = Math.max(1, Math.floor(length / SAMPLE_ROWS));
  const rows = Math.ceil(length / step);
  const sample = { ra: new Float64Array(rows), dec: new Float64Array(rows), length: rows };
  for (let i = 0; i < rows; i++) {
    sample.ra[i] = ra[i * step]!;
    sample.dec[i] = dec[i * step]!;
  }
  return sample;
}

function boundsOf(positions: Positions, refRa: number, arena: Arena): Box {
  const { loops } = arena;
  loops.beginBox(refRa);
  loadBlocks(arena, positions, (_from, count) => loops.extendBox(count));
  return boxOf(loops);
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
