/**
 * The sure way: all neighbours of one left row, wherever it lies: next to a pole, across the seam of right
 * ascension, in a clump, or with neighbours further away than the cells around it.
 *
 * For k neighbours the window starts small and grows until the k-th lies inside it: everything within the
 * window's radius has been seen then. Inside a window, crowded cells are searched as trees, and the window
 * shrinks with the k-th nearest so far.
 */
import {
  decHalfWidth,
  decUnits,
  HALF_TURN,
  raHalfWidth,
  raUnits,
  UNITS_PER_DEGREE,
} from './fixed-point.ts';
import { type Grid, TREE_ROWS } from './grid.ts';
import { sortByChord } from './heap.ts';
import type { RowSearch } from './row-search.ts';
import { radiusOf, scanSlots, scanTree } from './scan.ts';
import { cosDec, sinHalfSquared } from './separation.ts';
import { reachOf } from './sizing.ts';

/**
 * Finds the `wanted` nearest neighbours of a position, sorted by distance. Where `tied` is set afterwards,
 * others may be exactly as near as the last one found.
 */
export function searchNearest(search: RowSearch, ra: number, dec: number, wanted: number): void {
  const { limits, scratch } = search;
  let radius =
    wanted === Number.POSITIVE_INFINITY ? limits.radius : firstRadius(search.grid, ra, dec, wanted);
  for (;;) {
    scanWindow(search, ra, dec, wanted, radius, limits.most);
    // A window without limits, which begins well before 180°, has seen everything.
    if (radius >= limits.radius || decHalfWidth(radius) === Number.POSITIVE_INFINITY) break;
    if (search.found === wanted) {
      // The part in 1e12 outdoes the rounding of both sides.
      if (search.most <= 4 * sinHalfSquared(radius) * (1 - 1e-12)) break;
      radius = Math.min(limits.radius, radiusOf(search.most));
    } else {
      radius = Math.min(limits.radius, 2 * radius);
    }
  }
  sortByChord(scratch.chords, scratch.rows, search.found);
}

/** Degrees to look around a position at first: the grid's, or less inside a crowded cell. */
function firstRadius(grid: Grid, ra: number, dec: number, wanted: number): number {
  if (!grid.crowded) return grid.firstRadius;
  const zone = zoneAt(grid, decUnits(dec));
  const cell = zone * grid.cellsPerZone + cellAt(grid, raUnits(ra, grid.refRa));
  const rows = grid.starts[cell + 1]! - grid.starts[cell]!;
  if (rows <= TREE_ROWS) return grid.firstRadius;
  const side = 4 / UNITS_PER_DEGREE;
  const area = 2 ** (grid.zoneShift + grid.cellShift) * side * side * Math.max(cosDec(dec), 1e-9);
  return Math.min(grid.firstRadius, reachOf(wanted, rows / area));
}

/** Finds every neighbour whose squared chord is at most `most`, sorted by distance. */
export function searchWithin(search: RowSearch, ra: number, dec: number, most: number): void {
  const radius = Math.min(search.limits.radius, radiusOf(most));
  scanWindow(search, ra, dec, Number.POSITIVE_INFINITY, radius, most);
  sortByChord(search.scratch.chords, search.scratch.rows, search.found);
}

/** Counts all neighbours of a position into `search.found`. */
export function countWithin(search: RowSearch, ra: number, dec: number): void {
  const { limits } = search;
  scanWindow(search, ra, dec, 0, limits.radius, limits.most);
}

function scanWindow(
  search: RowSearch,
  ra: number,
  dec: number,
  wanted: number,
  radius: number,
  most: number,
): void {
  const { grid } = search;
  search.ra = ra;
  search.dec = dec;
  search.cos = cosDec(dec);
  search.wanted = wanted;
  search.most = most;
  search.found = 0;
  search.tied = false;
  search.decCentre = decUnits(dec);
  search.raCentre = raUnits(ra, grid.refRa);
  search.decHalf = decHalfWidth(radius);
  search.raHalf = raHalfWidth(radius, dec);
  const end = zoneAt(grid, search.decCentre + search.decHalf);
  for (let zone = zoneAt(grid, search.decCentre - search.decHalf); zone <= end; zone++) {
    // The window may have shrunk since.
    if (zone < zoneAt(grid, search.decCentre - search.decHalf)) continue;
    if (zone > zoneAt(grid, search.decCentre + search.decHalf)) break;
    scanZone(search, zone * grid.cellsPerZone);
  }
}

/** The zone of a declination in units, which may be out of range. */
function zoneAt(grid: Grid, units: number): number {
  const height = (Math.max(-HALF_TURN, Math.min(HALF_TURN - 1, units)) >> 2) - grid.decLow;
  return Math.max(0, Math.min(grid.zones - 1, height >> grid.zoneShift));
}

function cellAt(grid: Grid, units: number): number {
  const along = (Math.max(-HALF_TURN, Math.min(HALF_TURN - 1, units)) >> 2) - grid.raLow;
  return Math.max(0, Math.min(grid.cellsPerZone - 1, along >> grid.cellShift));
}

/** Scans a zone's cells inside the window: one run, and one more where it crosses the seam; no cell twice. */
function scanZone(search: RowSearch, base: number): void {
  const { grid, raCentre, raHalf } = search;
  const west = raCentre - raHalf;
  const east = raCentre + raHalf;
  const first = cellAt(grid, west);
  const last = cellAt(grid, east);
  scanCells(search, base + first, base + last + 1);
  if (raHalf === Number.POSITIVE_INFINITY) return;
  const end = grid.cellsPerZone;
  if (west < -HALF_TURN) {
    const from = Math.max(last + 1, cellAt(grid, west + 2 * HALF_TURN));
    if (from < end) scanCells(search, base + from, base + end);
  }
  if (east >= HALF_TURN) {
    const to = Math.min(first, cellAt(grid, east - 2 * HALF_TURN) + 1);
    if (to > 0) scanCells(search, base, base + to);
  }
}

/** Scans the cells [from, to): crowded ones as trees, the others between them as runs of slots. */
function scanCells(search: RowSearch, from: number, to: number): void {
  const { starts, crowded } = search.grid;
  if (!crowded) {
    scanSlots(search, starts[from]!, starts[to]!);
    return;
  }
  let run = starts[from]!;
  for (let cell = from; cell < to; cell++) {
    const begin = starts[cell]!;
    const end = starts[cell + 1]!;
    if (end - begin <= TREE_ROWS) continue;
    if (begin > run) scanSlots(search, run, begin);
    scanTree(search, begin, end);
    run = end;
  }
  if (starts[to]! > run) scanSlots(search, run, starts[to]!);
}
