/** The state of a search for the neighbours of one left row (search.ts), kept from row to row. */
import type { Grid } from './grid.ts';
import type { KernelScratch } from './scratch.ts';
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
  /** Cosines of the right declinations, if known. */
  readonly cosines: Float64Array | null;
  readonly limits: Limits;
  readonly scratch: KernelScratch;
  /** Neighbours found, in `scratch.chords` and `scratch.rows`. */
  found: number;
  /** A row was left out that is as near as the last one kept, or may be. */
  tied: boolean;
  ra: number;
  dec: number;
  cos: number;
  /** Neighbours wanted; Infinity: all; 0: none, only how many there are. */
  wanted: number;
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

/** A tree of 2³¹ slots is 31 deep; four integers per level. */
const STACK = 4 * 40;

export function createRowSearch(
  grid: Grid,
  right: Positions,
  cosines: Float64Array | null,
  limits: Limits,
  scratch: KernelScratch,
): RowSearch {
  return {
    grid,
    right,
    cosines,
    limits,
    scratch,
    found: 0,
    tied: false,
    ra: 0,
    dec: 0,
    cos: 1,
    wanted: 1,
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
