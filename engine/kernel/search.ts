/**
 * The sure way: all neighbours of one left row, wherever it lies: next to a pole, across the seam of right
 * ascension, in a clump, or with neighbours further away than the cells around it.
 *
 * For k neighbours the window starts small and grows until the k-th lies inside it: everything within the
 * window's radius has been seen then. Inside a window, crowded cells are searched as trees, and the window
 * shrinks with the k-th nearest so far.
 */
import { ARCSEC_PER_DEGREE, arcsecFromChordSquared } from '../../partitioning/sphere.ts';
import {
  decHalfWidth,
  decUnits,
  HALF_TURN,
  raHalfWidth,
  raUnits,
  UNITS_PER_DEGREE,
} from './fixed-point.ts';
import { type Grid, TREE_ROWS } from './grid.ts';
import { heapify, siftDown, sortByChord } from './heap.ts';
import { type KernelScratch, keep, SLOT } from './scratch.ts';
import { chordSquaredBetween, cosDec, sinHalfSquared } from './separation.ts';
import { reachOf } from './sizing.ts';
import { LEAF_SLOTS } from './tree.ts';
import type { Positions } from './types.ts';

/** The distance window: above < chord² ≤ most, and `radius` in degrees. */
export interface Limits {
  readonly above: number;
  readonly most: number;
  readonly radius: number;
}

export interface RowSearch {
  readonly grid: Grid;
  readonly right: Positions;
  readonly limits: Limits;
  readonly scratch: KernelScratch;
  /** Neighbours found, in `scratch.chords` and `scratch.rows`. */
  found: number;
  /** A row was left out that is as near as the last one kept, or may be. */
  tied: boolean;
  ra: number;
  dec: number;
  cos: number;
  /** Neighbours wanted; Infinity: all. */
  wanted: number;
  /** Only how many there are is asked. */
  counting: boolean;
  /** Only chords up to this count: the window's end, or the k-th nearest so far. */
  most: number;
  /** The window in units; Infinity: no limit in this coordinate. */
  decCentre: number;
  raCentre: number;
  decHalf: number;
  raHalf: number;
  /** Slots read since the last look at the stop flag. */
  work: number;
  checkStop: () => void;
  readonly stack: Int32Array;
}

/** Slots read between two looks at the stop flag: about a millisecond. */
const WORK_PER_CHECK = 1 << 16;

/** A tree of 2³¹ slots is 31 deep; four integers per level. */
const STACK = 4 * 40;

export function createRowSearch(
  grid: Grid,
  right: Positions,
  limits: Limits,
  scratch: KernelScratch,
): RowSearch {
  return {
    grid,
    right,
    limits,
    scratch,
    found: 0,
    tied: false,
    ra: 0,
    dec: 0,
    cos: 1,
    wanted: 1,
    counting: false,
    most: 0,
    decCentre: 0,
    raCentre: 0,
    decHalf: 0,
    raHalf: 0,
    work: 0,
    checkStop: () => {},
    stack: new Int32Array(STACK),
  };
}

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
  search.counting = true;
  scanWindow(search, ra, dec, Number.POSITIVE_INFINITY, limits.radius, limits.most);
  search.counting = false;
}

/** Degrees that are surely not less than the distance with this squared chord. */
function radiusOf(chord: number): number {
  return (arcsecFromChordSquared(chord) / ARCSEC_PER_DEGREE) * (1 + 1e-9) + 1e-9;
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

/** Tests the slots [from, to) one by one. */
function scanSlots(search: RowSearch, from: number, to: number): void {
  const { slots } = search.grid;
  const { ra: ra2, dec: dec2 } = search.right;
  const { above } = search.limits;
  const { ra, dec, cos, decHalf, raHalf } = search;
  // A coordinate without limit is masked out; its half-width stands for nothing then.
  const decMask = decHalf === Number.POSITIVE_INFINITY ? 0 : -1;
  const raMask = raHalf === Number.POSITIVE_INFINITY ? 0 : -1;
  const tall = decMask === 0 ? 0 : decHalf;
  const wide = raMask === 0 ? 0 : raHalf;
  const bottom = (search.decCentre - tall) | 0;
  const west = (search.raCentre - wide) | 0;
  let most = search.most;
  for (let at = from * SLOT; at < to * SLOT; at += SLOT) {
    const up = (slots[at]! - bottom) | 0;
    const east = (slots[at + 1]! - west) | 0;
    const out = ((up | (2 * tall - up)) & decMask) | ((east | (2 * wide - east)) & raMask);
    if (out < 0) continue;
    const row = slots[at + 2]!;
    const chord = chordSquaredBetween(ra, dec, cos, ra2[row]!, dec2[row]!);
    if (chord > above && chord <= most) {
      if (search.counting) {
        search.found++;
      } else {
        offer(search, chord, row);
        most = search.most;
      }
    }
  }
  search.work += to - from;
  if (search.work >= WORK_PER_CHECK) {
    search.work = 0;
    search.checkStop();
  }
}

/** Takes one more neighbour in; once there are as many as wanted, the furthest makes room for a nearer one. */
function offer(search: RowSearch, chord: number, row: number): void {
  const { scratch, wanted, found } = search;
  if (found < wanted) {
    search.found = keep(scratch, found, chord, row);
    if (search.found < wanted) return;
    heapify(scratch.chords, scratch.rows, wanted);
  } else if (chord === search.most) {
    search.tied = true;
    return;
  } else {
    const furthest = scratch.chords[0]!;
    scratch.chords[0] = chord;
    scratch.rows[0] = row;
    siftDown(scratch.chords, scratch.rows, 0, wanted);
    if (scratch.chords[0]! === furthest) search.tied = true;
  }
  search.most = scratch.chords[0]!;
  shrink(search);
}

/** Fits the window to the furthest neighbour kept. */
function shrink(search: RowSearch): void {
  const radius = radiusOf(search.most);
  const tall = decHalfWidth(radius);
  // Small gains are not worth the trigonometry.
  if (tall >= 0.9 * search.decHalf) return;
  search.decHalf = tall;
  search.raHalf = Math.min(search.raHalf, raHalfWidth(radius, search.dec));
}

/** Visits the tree in the slots [from, to), nearer halves first. */
function scanTree(search: RowSearch, from: number, to: number): void {
  const { stack } = search;
  const { slots } = search.grid;
  let top = push(stack, 0, from, to, 0, 0);
  while (top > 0) {
    top -= 4;
    const low = stack[top]!;
    const high = stack[top + 1]!;
    const axis = stack[top + 2]! & 1;
    // Deferred halves: how far their border is away, to see whether the window still reaches it.
    if ((stack[top + 2]! & 2) !== 0 && !reaches(search, 1 - axis, stack[top + 3]!)) continue;
    if (high - low <= LEAF_SLOTS) {
      scanSlots(search, low, high);
      continue;
    }
    const middle = (low + high) >> 1;
    scanSlots(search, middle, middle + 1);
    const border = slots[middle * SLOT + axis]!;
    const below = (axis === 0 ? search.decCentre : search.raCentre) <= border;
    const deferred = 2 + (1 - axis);
    if (below) {
      top = push(stack, top, middle + 1, high, deferred, border);
      top = push(stack, top, low, middle, 1 - axis, 0);
    } else {
      top = push(stack, top, low, middle, deferred, border);
      top = push(stack, top, middle + 1, high, 1 - axis, 0);
    }
  }
}

function push(
  stack: Int32Array,
  top: number,
  low: number,
  high: number,
  kind: number,
  border: number,
): number {
  stack[top] = low;
  stack[top + 1] = high;
  stack[top + 2] = kind;
  stack[top + 3] = border;
  return top + 4;
}

/** Whether the window reaches over a border in one coordinate. */
function reaches(search: RowSearch, axis: number, border: number): boolean {
  if (axis === 0) return Math.abs(border - search.decCentre) <= search.decHalf;
  const { raCentre, raHalf } = search;
  // Across the seam the far side of the border may be near after all.
  if (raCentre - raHalf < -HALF_TURN || raCentre + raHalf >= HALF_TURN) return true;
  return Math.abs(border - raCentre) <= raHalf;
}
