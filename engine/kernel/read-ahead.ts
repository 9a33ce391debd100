/**
 * Brings the slots that a block of left rows will need into the cache. Rows of HATS files follow a space-filling
 * curve, which walks through the grid's zones diagonally: the processor foresees nothing of it and waits for
 * memory at every new line. Reading the block's part of each zone once in a straight line costs a fifth of that.
 */
import { decUnits, raUnits } from './fixed-point.ts';
import type { Grid } from './grid.ts';
import { SLOT } from './scratch.ts';
import type { Positions } from './types.ts';

/** Every how many left rows are looked at to find where the block lies. */
const SAMPLE_STEP = 8;

/** Blocks spread over more cells per row than this are not worth it. */
const MOST_CELLS_PER_ROW = 8;

/** Integers in a cache line of 64 bytes. */
const LINE = 16;

/** Reads ahead for the left rows [from, to). The result means nothing, but must be used, or no read happens. */
export function readAhead(grid: Grid, left: Positions, from: number, to: number): number {
  const { ra, dec } = left;
  const { refRa, zoneShift, cellShift, zones, cellsPerZone, slots, starts } = grid;
  let south = 0x7fffffff;
  let north = -0x80000000;
  let west = 0x7fffffff;
  let east = -0x80000000;
  for (let row = from; row < to; row += SAMPLE_STEP) {
    const d = decUnits(dec[row]!) >> 2;
    const u = raUnits(ra[row]!, refRa) >> 2;
    if (d < south) south = d;
    if (d > north) north = d;
    if (u < west) west = u;
    if (u > east) east = u;
  }
  const firstZone = Math.max(0, (south - grid.decLow) >> zoneShift);
  const lastZone = Math.min(zones - 1, (north - grid.decLow) >> zoneShift);
  const first = Math.max(0, (west - grid.raLow) >> cellShift);
  const last = Math.min(cellsPerZone - 1, (east - grid.raLow) >> cellShift);
  if ((lastZone - firstZone + 1) * (last - first + 1) > MOST_CELLS_PER_ROW * (to - from)) return 0;
  let sum = 0;
  for (let zone = firstZone; zone <= lastZone && first <= last; zone++) {
    const base = Math.imul(zone, cellsPerZone);
    const stop = starts[base + last + 1]! * SLOT;
    for (let at = starts[base + first]! * SLOT; at < stop; at += LINE) sum ^= slots[at]!;
  }
  return sum;
}
