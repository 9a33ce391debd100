/**
 * Right positions sorted into a grid on the (dec, ra) plane: zones of equal declination, cut into cells of
 * equal right ascension. Cells narrow towards the poles, which costs nothing: a zone's cells lie one after
 * another, so that a window reads one run of slots per zone however many cells it crosses. Nothing is projected,
 * so a grid may cover any part of the sky, all of it included.
 *
 * Memory per right row, in bytes: units 8, slots 12, starts at most 8, and at most 8 for the zones' tables, which
 * are that long only where all rows have one right ascension.
 */

import { inBlocks, inBlocksFromLast } from '../../partitioning/in-blocks.ts';
import { type Box, isEmptyBox, quantise, reachableBox } from './extent.ts';
import { decHalfWidth, HALF_TURN, raHalfWidth, UNITS_PER_DEGREE } from './fixed-point.ts';
import { ensureInt32, type KernelScratch, SLOT } from './scratch.ts';
import { type CellSizes, occupiedShare, sizeCells } from './sizing.ts';
import { splitCell } from './tree.ts';
import type { Positions } from './types.ts';

/** Cells of more rows than this are searched as a tree (tree.ts). */
export const TREE_ROWS = 128;

/** Rows whose window is wider than this, in degrees of right ascension, are left to the exhaustive search. */
const WIDEST_PROBE = 30;

/** Zones a probe may cross. */
export const MOST_ZONES = 8;

export interface Grid extends CellSizes {
  /** Right rows in the grid. */
  readonly rows: number;
  /** Right ascension that the units of ra count from, in [0, 360). */
  readonly refRa: number;
  /** Low corner, in quarter units. */
  readonly decLow: number;
  readonly raLow: number;
  /** {@link SLOT} integers per row, cell after cell. */
  readonly slots: Int32Array;
  /** First slot of each cell, and one more entry. */
  readonly starts: Int32Array;
  /** Half-width in dec of the first window, in units. */
  readonly tall: number;
  /** Its half-width in ra per zone it begins in, in units; −1: too wide for a probe. */
  readonly wide: Int32Array;
  /** Left rows with units of ra outside this range may have neighbours across the seam at ±180° of `refRa`. */
  readonly seamLow: number;
  readonly seamHigh: number;
  /** Some cell has more than {@link TREE_ROWS} rows. */
  readonly crowded: boolean;
  /** The first window is too large for a probe of any row. */
  readonly unprobed: boolean;
}

/** Builds the grid of the right rows that can have a left row within `radius` degrees. */
export function buildGrid(
  left: Positions,
  right: Positions,
  radius: number,
  neighbors: number,
  scratch: KernelScratch,
): Grid {
  const first = right.length === 0 ? 0 : right.ra[0]! % 360;
  const refRa = first < 0 ? first + 360 : first;
  scratch.units = ensureInt32(scratch.units, 2 * right.length);
  const all = quantise(right, refRa, scratch.units);
  const box = left.length === 0 ? all : reachableBox(all, left, refRa, radius);
  if (left.length === 0 || isEmptyBox(box)) return emptyGrid(refRa, radius);

  const { occupied, inside } = occupiedShare(scratch.units, right.length, box);
  const rows = Math.max(1, inside * right.length);
  const sizes = sizeCells({ box, rows, occupied, radius, neighbors });
  const cells = sizes.zones * sizes.cellsPerZone;
  scratch.starts = ensureInt32(scratch.starts, cells + 1);
  // A probe reads two slots before it looks where they end.
  scratch.slots = ensureInt32(scratch.slots, SLOT * (right.length + 2));
  scratch.starts.fill(0, 0, cells + 1);
  const place = cellsOf(scratch, box, sizes);
  inBlocks(right.length, (from, to) => countCells(place, from, to));
  const counted: Counted = { total: 0, most: 0 };
  inBlocks(cells + 1, (from, to) => accumulate(scratch.starts, counted, from, to));
  inBlocksFromLast(right.length, (from, to) => scatter(place, from, to));
  const crowded = counted.most > TREE_ROWS;
  if (crowded) splitCells(scratch, cells);
  return {
    ...sizes,
    rows: counted.total,
    refRa,
    decLow: box.decLow >> 2,
    raLow: box.raLow >> 2,
    slots: scratch.slots,
    starts: scratch.starts,
    ...windows(box, sizes),
    crowded,
  };
}

function emptyGrid(refRa: number, radius: number): Grid {
  return {
    zoneShift: 30,
    cellShift: 30,
    zones: 1,
    cellsPerZone: 1,
    firstRadius: radius,
    inWindow: 0,
    rows: 0,
    refRa,
    decLow: 0,
    raLow: 0,
    slots: new Int32Array(0),
    starts: new Int32Array(2),
    tall: 0,
    wide: new Int32Array(1),
    seamLow: -HALF_TURN,
    seamHigh: HALF_TURN,
    crowded: false,
    unprobed: false,
  };
}

/** What counting and scattering need: the box in quarter units, and how cells follow from it. */
interface CellsOf {
  readonly units: Int32Array;
  readonly starts: Int32Array;
  readonly slots: Int32Array;
  readonly decLow: number;
  readonly raLow: number;
  readonly tall: number;
  readonly wide: number;
  readonly zoneShift: number;
  readonly cellShift: number;
  readonly cellsPerZone: number;
}

function cellsOf({ units, starts, slots }: KernelScratch, box: Box, sizes: CellSizes): CellsOf {
  const { zoneShift, cellShift, cellsPerZone } = sizes;
  const decLow = box.decLow >> 2;
  const raLow = box.raLow >> 2;
  const tall = (box.decHigh >> 2) - decLow;
  const wide = (box.raHigh >> 2) - raLow;
  const shape = { decLow, raLow, tall, wide, zoneShift, cellShift, cellsPerZone };
  return { units, starts, slots, ...shape };
}

function countCells(cells: CellsOf, from: number, to: number): void {
  const { units, starts, decLow, raLow, tall, wide } = cells;
  const { zoneShift, cellShift, cellsPerZone } = cells;
  for (let i = from; i < to; i++) {
    const d = (units[2 * i]! >> 2) - decLow;
    const u = (units[2 * i + 1]! >> 2) - raLow;
    // One comparison for both ends: what is below turns into a large unsigned number.
    if (d >>> 0 > tall || u >>> 0 > wide) continue;
    starts[Math.imul(d >> zoneShift, cellsPerZone) + (u >> cellShift)]!++;
  }
}

/** Rows up to a cell, and the most in one. */
interface Counted {
  total: number;
  most: number;
}

/** Turns counts into the ends of the cells. */
function accumulate(starts: Int32Array, counted: Counted, from: number, to: number): void {
  let { total, most } = counted;
  for (let c = from; c < to; c++) {
    const count = starts[c]!;
    if (count > most) most = count;
    total += count;
    starts[c] = total;
  }
  counted.total = total;
  counted.most = most;
}

/**
 * Puts the rows [from, to) into their cells, from the last to the first; turns the cells' ends into their starts. Rows
 * of a cell keep their order if the last rows are put first.
 */
function scatter(cells: CellsOf, from: number, to: number): void {
  const { units, starts, slots, decLow, raLow, tall, wide } = cells;
  const { zoneShift, cellShift, cellsPerZone } = cells;
  for (let i = to - 1; i >= from; i--) {
    const dec = units[2 * i]!;
    const ra = units[2 * i + 1]!;
    const d = (dec >> 2) - decLow;
    const u = (ra >> 2) - raLow;
    if (d >>> 0 > tall || u >>> 0 > wide) continue;
    const cell = Math.imul(d >> zoneShift, cellsPerZone) + (u >> cellShift);
    const at = starts[cell]! - 1;
    starts[cell] = at;
    slots[SLOT * at] = dec;
    slots[SLOT * at + 1] = ra;
    slots[SLOT * at + 2] = i;
  }
}

function splitCells(scratch: KernelScratch, cells: number): void {
  const { starts, slots } = scratch;
  for (let c = 0; c < cells; c++) {
    const from = starts[c]!;
    const to = starts[c + 1]!;
    if (to - from > TREE_ROWS) splitCell(slots, from, to);
  }
}

/** Half-widths of the first window, zone by zone. */
function windows(box: Box, sizes: CellSizes) {
  const { zones, zoneShift, firstRadius } = sizes;
  const tall = decHalfWidth(firstRadius);
  const wide = new Int32Array(zones);
  const perDegree = UNITS_PER_DEGREE / 4;
  const widest = WIDEST_PROBE * UNITS_PER_DEGREE;
  let most = 0;
  for (let z = 0; z < zones; z++) {
    const low = ((box.decLow >> 2) + z * 2 ** zoneShift) / perDegree;
    const high = low + 2 ** zoneShift / perDegree;
    // Left rows whose window begins in this zone; the lowest zone also takes windows that begin below it.
    const nearest = Math.max(Math.abs(low - firstRadius), Math.abs(high + firstRadius));
    const half = raHalfWidth(firstRadius, Math.min(90, nearest + 1e-6));
    wide[z] = half > widest ? -1 : half;
    most = Math.max(most, wide[z]!);
  }
  const nearSeam = box.raLow - most < -HALF_TURN || box.raHigh + most >= HALF_TURN;
  return {
    tall: tall === Number.POSITIVE_INFINITY ? 0 : tall,
    wide,
    seamLow: nearSeam ? most - HALF_TURN : -HALF_TURN,
    seamHigh: nearSeam ? HALF_TURN - 1 - most : HALF_TURN,
    unprobed: firstRadius > WIDEST_PROBE / 2 || (2 * tall) / 2 ** (zoneShift + 2) > MOST_ZONES - 2,
  };
}
