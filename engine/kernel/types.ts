/** What goes into a crossmatch kernel and what comes out: flat arrays, one entry per row. */
import type { KernelScratch } from './scratch.ts';

export type { Positions } from './positions.ts';

/** Which right rows are neighbours of a left row. */
export interface MatchOptions {
  /** Upper end of the distance window, arcsec, exclusive; above 0. From 180° on, everything is inside. */
  readonly radiusArcsec: number;
  /** Lower end, arcsec, exclusive; 0 means no lower end, so that an exact duplicate counts. */
  readonly minRadiusArcsec: number;
  /** The k nearest inside the window, or all of them. */
  readonly neighbors: number | 'all';
  /** Left join: a left row without a neighbour gives one output row without a right row. */
  readonly keepUnmatched: boolean;
}

export interface MatcherExtras {
  /** One number per right row: orders rows at the same position, where nothing else tells them apart. */
  readonly rank?: Int32Array;
  /** Buffers kept from matcher to matcher; only the latest matcher made with them may be used. */
  readonly scratch?: KernelScratch;
}

/**
 * A block of output rows: left row order, then distance. The arrays belong to the caller; they may be views
 * of longer buffers, so copy them before posting them to another thread.
 */
export interface Pairs {
  readonly length: number;
  readonly left: Int32Array;
  /** −1: the left row has no neighbour. */
  readonly right: Int32Array;
  /** NaN where there is no right row. */
  readonly distArcsec: Float64Array;
}

/** One crossmatch, ready to run. `checkStop` is called every fraction of a second; it throws to stop. */
export interface Matcher {
  /** Output rows that {@link Matcher.next} would give in all; stores none of them. */
  count(checkStop: () => void): number;
  /** Output rows of each left row, for maps and histograms; stores no pairs. */
  leftCounts(checkStop: () => void): Uint32Array;
  /**
   * The next block of at most `maxPairs` rows, or null at the end. A left row's rows stay in one block,
   * unless they alone are more than `maxPairs`: then they fill blocks of their own.
   */
  next(maxPairs: number, checkStop: () => void): Pairs | null;
  /**
   * Right rows at identical positions among which {@link Matcher.next} had to choose, or whose order it had
   * to make up, by row number because there was no rank; ascending. Complete once `next` has given null.
   */
  readonly unresolvedTies: Int32Array;
}
