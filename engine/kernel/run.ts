/** What the steps of one crossmatch share. */
import type { Grid } from './grid.ts';
import type { RowSearch } from './row-search.ts';
import type { KernelScratch } from './scratch.ts';
import { searchNearest, searchWithin } from './search.ts';
import { settleTies, type Ties } from './ties.ts';
import type { Positions } from './types.ts';

export interface MatchRun {
  readonly left: Positions;
  readonly right: Positions;
  readonly grid: Grid;
  readonly scratch: KernelScratch;
  readonly search: RowSearch;
  readonly ties: Ties;
  /** Cosines of the right declinations, if known. */
  readonly cosines: Float64Array | null;
  /** The right positions are in the arena. */
  isRightLoaded: boolean;
  /** Neighbours wanted per left row; Infinity: all. */
  readonly wanted: number;
  readonly keepUnmatched: boolean;
  /** The radius in units, and its chord. */
  readonly fullUnits: number;
  readonly chordUnits: number;
  /** Rows found within this squared chord are final: nothing outside the first window is nearer. */
  readonly sureChord: number;
  /** Rows without candidates still have to be searched. */
  readonly searchGaps: boolean;
  /** The left position whose neighbours are in the scratch, in order; NaN: none. */
  lastRa: number;
  lastDec: number;
  /** The last left position that was counted by search. */
  readonly counted: { ra: number; dec: number; count: number };
}

/**
 * Finds the neighbours of one left row by {@link RowSearch} and puts them in order, in `scratch.chords` and
 * `scratch.rows`; returns how many. Twins in a row, as detections of one object are, are searched once.
 */
export function searchRow(run: MatchRun, row: number): number {
  const ra = run.left.ra[row]!;
  const dec = run.left.dec[row]!;
  const { search, scratch, wanted } = run;
  if (ra === run.lastRa && dec === run.lastDec) return search.found;
  // A search may be stopped half-way.
  forgetRow(run);
  searchNearest(search, ra, dec, wanted);
  if (search.tied) searchWithin(search, ra, dec, scratch.chords[search.found - 1]!);
  search.found = settleTies(run.ties, scratch.chords, scratch.rows, search.found, wanted);
  run.lastRa = ra;
  run.lastDec = dec;
  return search.found;
}

/** Forgets the neighbours in the scratch, because the caller is about to overwrite them. */
export function forgetRow(run: MatchRun): void {
  run.lastRa = Number.NaN;
}
