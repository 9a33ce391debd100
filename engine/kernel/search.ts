/**
 * The sure way: all neighbours of one left row, wherever it lies: next to a pole, across the seam of right
 * ascension, in a clump, or with neighbours further away than the cells around it.
 *
 * For k neighbours the window starts small and grows until the k-th lies inside it: everything within the
 * window's radius has been seen then. Inside a window, crowded cells are searched as trees, and the window
 * shrinks with the k-th nearest so far.
 */
import { FINE_ROWS } from './arena.ts';
import { type Cells, TREE_ROWS } from './fine.ts';
import {
  decHalfWidth,
  decUnits,
  HALF_TURN,
  raHalfWidth,
  raUnits,
  UNITS_PER_DEGREE,
} from './fixed-point.ts';
import type { Grid } from './grid.ts';
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
  const [d, u] = [decUnits(dec), raUnits(ra, grid.refRa)];
  let cells: Cells = grid;
  let cell = numberAt(cells, d, u);
  const isCrowded = cells.starts[cell + 1]! - cells.starts[cell]! > FINE_ROWS;
  const fine = isCrowded ? grid.fine.get(cells.starts[cell]!) : undefined;
  if (fine !== undefined) {
    cells = fine;
    cell = numberAt(cells, d, u);
  }
  const rows = cells.starts[cell + 1]! - cells.starts[cell]!;
  if (rows <= TREE_ROWS) return fine === undefined ? grid.firstRadius : fine.firstRadius;
  const side = 4 / UNITS_PER_DEGREE;
  const area = 2 ** (cells.zoneShift + cells.cellShift) * side * side * Math.max(cosDec(dec), 1e-9);
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
  scanZones(search, grid);
}

/** Scans the part of a grid that is inside the window. */
function scanZones(search: RowSearch, cells: Cells): void {
  const end = zoneAt(cells, search.decCentre + search.decHalf);
  for (let zone = zoneAt(cells, search.decCentre - search.decHalf); zone <= end; zone++) {
    // The window may have shrunk since.
    if (zone < zoneAt(cells, search.decCentre - search.decHalf)) continue;
    if (zone > zoneAt(cells, search.decCentre + search.decHalf)) break;
    scanZone(search, cells, zone * cells.cellsPerZone);
  }
}

function numberAt(cells: Cells, d: number, u: number): number {
  return zoneAt(cells, d) * cells.cellsPerZone + cellAt(cells, u);
}

/** The zone of a declination in units, which may be out of range. */
function zoneAt(cells: Cells, units: number): number {
  const height = (Math.max(-HALF_TURN, Math.min(HALF_TURN - 1, units)) >> 2) - cells.decLow;
  return Math.max(0, Math.min(cells.zones - 1, height >> cells.zoneShift));
}

function cellAt(cells: Cells, units: number): number {
  const along = (Math.max(-HALF_TURN, Math.min(HALF_TURN - 1, units)) >> 2) - cells.raLow;
  return Math.max(0, Math.min(cells.cellsPerZone - 1, along >> cells.cellShift));
}

/** Scans a zone's cells inside the window: one run, and one more where it crosses the seam; no cell twice. */
function scanZone(search: RowSearch, cells: Cells, base: number): void {
  const { raCentre, raHalf } = search;
  const west = raCentre - raHalf;
  const east = raCentre + raHalf;
  const first = cellAt(cells, west);
  const last = cellAt(cells, east);
  scanCells(search, cells, base + first, base + last + 1);
  if (raHalf === Number.POSITIVE_INFINITY) return;
  const end = cells.cellsPerZone;
  if (west < -HALF_TURN) {
    const from = Math.max(last + 1, cellAt(cells, west + 2 * HALF_TURN));
    if (from < end) scanCells(search, cells, base + from, base + end);
  }
  if (east >= HALF_TURN) {
    const to = Math.min(first, cellAt(cells, east - 2 * HALF_TURN) + 1);
    if (to > 0) scanCells(search, cells, base, base + to);
  }
}

/** Scans the cells [from, to): those with a grid of their own by it, crowded ones as trees, the others between them as runs. */
function scanCells(search: RowSearch, cells: Cells, from: number, to: number): void {
  const { starts } = cells;
  const { fine } = search.grid;
  if (fine.size === 0 && starts[to]! - starts[from]! <= TREE_ROWS) {
    scanSlots(search, starts[from]!, starts[to]!);
    return;
  }
  let run = starts[from]!;
  for (let cell = from; cell < to; cell++) {
    const begin = starts[cell]!;
    const end = starts[cell + 1]!;
    if (end - begin <= FINE_ROWS) continue;
    const grid = cells === search.grid ? fine.get(begin) : undefined;
    if (grid === undefined && end - begin <= TREE_ROWS) continue;
    if (begin > run) scanSlots(search, run, begin);
    if (grid === undefined) scanTree(search, begin, end);
    else scanZones(search, grid);
    run = end;
  }
  if (starts[to]! > run) scanSlots(search, run, starts[to]!);
}
