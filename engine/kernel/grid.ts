/**
 * Right positions sorted into a grid on the (dec, ra) plane: zones of equal declination, cut into cells of
 * equal right ascension. Cells narrow towards the poles, which costs nothing: a zone's cells lie one after
 * another, so that a window reads one run of slots per zone however many cells it crosses. Nothing is projected,
 * so a grid may cover any part of the sky, all of it included.
 *
 * Memory per right row, in bytes: units 8, slots and their rows 12, starts at most 8, and at most 12 for the zones' table,
 * which is that long only where all rows have one right ascension; grids of crowded cells at most 2 (fine.ts).
 */

import {
  type Arena,
  FINE_ROWS,
  MOST_ZONES,
  reserveRows,
  SPARE_CELLS,
  setZone,
  ZONE,
} from './arena.ts';
import { type Box, isEmptyBox, quantise, reachableBox } from './extent.ts';
import { type Cells, type FineGrid, refineCells } from './fine.ts';
import { decHalfWidth, HALF_TURN, raHalfWidth, UNITS_PER_DEGREE } from './fixed-point.ts';
import { flatMap } from './flat-map.ts';
import { type CellSizes, occupiedShare, sizeCells } from './sizing.ts';
import type { Positions } from './types.ts';

/** Rows whose window is wider than this, in degrees of right ascension, are left to the exhaustive search. */
const WIDEST_PROBE = 30;

/** Rows whose window has more slots in its cells are left to the search, which looks at fewer of them. */
export const MOST_IN_WINDOW = 512;

export interface Grid extends CellSizes, Cells {
  /** Right rows in the grid. */
  readonly rows: number;
  /** Right ascension that the units of ra count from, in [0, 360). */
  readonly refRa: number;
  /** Two integers per row, cell after cell: units of dec, units of ra; and the rows. */
  readonly slots: Int32Array;
  readonly slotRows: Int32Array;
  /** Grids of crowded cells, by the first slot of the cell. */
  readonly fine: ReadonlyMap<number, FineGrid>;
  /** The first window is too large for a probe of any row. */
  readonly unprobed: boolean;
}

const NO_GRIDS: ReadonlyMap<number, FineGrid> = new Map();

/** Builds the grid of the right rows that can have a left row within `radius` degrees. */
export function buildGrid(
  left: Positions,
  right: Positions,
  radius: number,
  neighbors: number,
  arena: Arena,
): Grid {
  const first = right.length === 0 ? 0 : right.ra[0]! % 360;
  const refRa = first < 0 ? first + 360 : first;
  reserveRows(arena, right.length);
  const { loops, views } = arena;
  const all = quantise(right, refRa, arena);
  const box = left.length === 0 ? all : reachableBox(all, left, refRa, radius, arena);
  if (left.length === 0 || isEmptyBox(box)) return emptyGrid(refRa, radius);

  const { occupied, inside } = occupiedShare(views.units, right.length, box);
  const rows = Math.max(1, inside * right.length);
  const wanted = { radius, neighbors };
  const sizes = sizeCells({ box, rows, occupied, ...wanted, spare: SPARE_CELLS });
  const decLow = box.decLow >> 2;
  const raLow = box.raLow >> 2;
  const extent = [(box.decHigh >> 2) - decLow, (box.raHigh >> 2) - raLow];
  const { zoneShift, cellShift, zones, cellsPerZone } = sizes;
  const { tall, seamLow, seamHigh, unprobed } = windows(box, sizes, views);
  views.shape.set([
    ...[views.slots, views.slotRows, views.starts, views.zones].map((view) => view.byteOffset),
    ...[decLow, raLow, ...extent, zoneShift, cellShift, zones, cellsPerZone],
    ...[tall, seamLow, seamHigh, FINE_ROWS, MOST_IN_WINDOW],
    ...[views.fine.byteOffset, views.fineAt.byteOffset, views.rightRa.byteOffset],
  ]);
  loops.shape();
  const inGrid = loops.sortIntoGrid(right.length);
  const { slots, slotRows, starts } = views;
  const places = { decLow, raLow, slots, slotRows, starts };
  // Windows of crowded cells are never wider than the grid's.
  const narrower = { radius: sizes.firstRadius, neighbors };
  const isCrowded = loops.mostInCell.value > FINE_ROWS;
  const fine = isCrowded ? refineCells(arena, { ...sizes, ...places }, narrower) : NO_GRIDS;
  return { ...sizes, rows: inGrid, refRa, ...places, unprobed, fine };
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
    slotRows: new Int32Array(0),
    starts: new Int32Array(2),
    fine: NO_GRIDS,
    unprobed: false,
  };
}

/**
 * The first window: its half-widths in ra, cosines and errors go into the table of zones. Left rows with units of ra outside
 * [seamLow, seamHigh] may have neighbours across the seam at ±180° of `refRa`.
 */
function windows(box: Box, sizes: CellSizes, views: Arena['views']) {
  const { zones, zoneShift, firstRadius } = sizes;
  const tall = decHalfWidth(firstRadius);
  const perDegree = UNITS_PER_DEGREE / 4;
  const widest = WIDEST_PROBE * UNITS_PER_DEGREE;
  let most = 0;
  for (let z = 0; z < zones; z++) {
    const low = ((box.decLow >> 2) + z * 2 ** zoneShift) / perDegree;
    const high = low + 2 ** zoneShift / perDegree;
    // Left rows whose window begins in this zone; the lowest zone also takes windows that begin below it.
    const nearest = Math.max(Math.abs(low - firstRadius), Math.abs(high + firstRadius));
    const half = raHalfWidth(firstRadius, Math.min(90, nearest + 1e-6));
    const flat = flatMap(low, high, firstRadius);
    setZone(views, z, half > widest ? -1 : half, flat, firstRadius);
    most = Math.max(most, views.zones[ZONE * z]!);
  }
  const nearSeam = box.raLow - most < -HALF_TURN || box.raHigh + most >= HALF_TURN;
  return {
    tall: tall === Number.POSITIVE_INFINITY ? 0 : tall,
    seamLow: nearSeam ? most - HALF_TURN : -HALF_TURN,
    seamHigh: nearSeam ? HALF_TURN - 1 - most : HALF_TURN - 1,
    unprobed: firstRadius > WIDEST_PROBE / 2 || (2 * tall) / 2 ** (zoneShift + 2) > MOST_ZONES - 2,
  };
}
