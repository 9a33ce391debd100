/**
 * The crossmatch kernel: positions of two row sets in, pairs or counts out.
 *
 * A neighbour of a left row is a right row with min < distance < max, by the squared chord (separation.ts);
 * of these, the k nearest or all. Neighbours of a row are ordered by distance, and exact ties as ties.ts says.
 * The grid, its filter and the trees only decide which rows are tested, never what a test says, so results are
 * the same however the right side is cut, cropped or ordered.
 *
 * Memory besides the pairs: {@link estimateMatcherBytes}.
 */
import { requestError } from '../../partitioning/error.ts';
import { ARCSEC_PER_DEGREE, chordSquaredFromArcsec } from '../../partitioning/sphere.ts';
import { ARENA_BYTES_PER_ROW, type Arena, BLOCK_ROWS, loadRight } from './arena.ts';
import { countBlock } from './count.ts';
import { emitEntries, hasEntries } from './entries.ts';
import { UNITS_PER_DEGREE } from './fixed-point.ts';
import { buildGrid } from './grid.ts';
import { emitNeighbours, type Progress } from './neighbours.ts';
import { createOutput, finish } from './output.ts';
import { findCandidates } from './probe.ts';
import { createRowSearch, type Limits } from './row-search.ts';
import type { MatchRun } from './run.ts';
import { createScratch, type KernelScratch } from './scratch.ts';
import { sinHalfSquared } from './separation.ts';
import { notedRows } from './ties.ts';
import type { Matcher, MatcherExtras, MatchOptions, Pairs, Positions } from './types.ts';

export { MOST_ROWS as MOST_RIGHT_ROWS } from './arena.ts';
export { createScratch, type KernelScratch } from './scratch.ts';
export { chordSquaredBetween, cosDec } from './separation.ts';
export type { Matcher, MatcherExtras, MatchOptions, Pairs, Positions } from './types.ts';

/** Pairs per left row that a block has room for at first. */
const FIRST_PAIRS_PER_ROW = { least: 2, most: 16 };

/**
 * Prepares a crossmatch: sorts the right positions into a grid. Throws a request error for a radius or a
 * number of neighbours that means nothing.
 *
 * The positions must not change while the matcher is used. With `extras.scratch`, a matcher made later with
 * the same scratch ends this one; pairs already returned stay as they are.
 */
export function createMatcher(
  left: Positions,
  right: Positions,
  options: MatchOptions,
  extras: MatcherExtras = {},
): Matcher {
  checkOptions(options);
  const scratch = extras.scratch ?? createScratch();
  const owner = Symbol('matcher');
  scratch.owner = owner;
  const run = prepare(left, right, options, scratch, extras.rank);
  const progress: Progress = { row: 0, done: 0 };
  const begin = (checkStop: () => void) => {
    if (scratch.owner !== owner)
      throw new Error('the scratch of this matcher is used by a later one');
    run.search.checkStop = checkStop;
  };
  return {
    count(checkStop) {
      begin(checkStop);
      return countAll(run, checkStop, null);
    },
    leftCounts(checkStop) {
      begin(checkStop);
      const counts = new Uint32Array(left.length);
      countAll(run, checkStop, counts);
      return counts;
    },
    next(maxPairs, checkStop) {
      begin(checkStop);
      const { row, done } = progress;
      try {
        return nextBlock(run, progress, maxPairs, checkStop);
      } catch (error) {
        // What was not returned is not done.
        progress.row = row;
        progress.done = done;
        throw error;
      }
    },
    get unresolvedTies() {
      return notedRows(run.ties);
    },
  };
}

/** Per right row: what JavaScript keeps of grids of crowded cells, 300 bytes each. */
const FINE_OBJECT_BYTES = 5;

/** Buffers for blocks and candidates, and what a page may leave unused. */
const FIXED_BYTES = 1 << 19;

/**
 * Upper bound, in bytes, of what a matcher holds besides the positions it is given: per right row 71 (units 8,
 * slots 12, starts 8, zones 12 at worst, grids of crowded cells 7, positions and cosines 24) and 1 for noted ties, a tenth of it
 * in reserve for the next task; per left row 4 where `leftCounts` is called; and fixed buffers. Pairs come on top, 16 bytes each, and
 * once more while a block of several neighbours per row grows.
 */
export function estimateMatcherBytes(leftRows: number, rightRows: number): number {
  return (
    (ARENA_BYTES_PER_ROW + FINE_OBJECT_BYTES + 1) * 1.1 * rightRows + 4 * leftRows + FIXED_BYTES
  );
}

function checkOptions({ radiusArcsec, minRadiusArcsec, neighbors }: MatchOptions): void {
  if (!(radiusArcsec > 0)) {
    throw requestError(`the radius of a crossmatch must be above 0 arcsec, not ${radiusArcsec}`);
  }
  if (!(minRadiusArcsec >= 0 && minRadiusArcsec < radiusArcsec)) {
    throw requestError(
      `the minimum radius must be at least 0 and below the radius of ${radiusArcsec} arcsec, not ${minRadiusArcsec}`,
    );
  }
  if (neighbors !== 'all' && !(Number.isInteger(neighbors) && neighbors >= 1)) {
    throw requestError(`the number of neighbours must be 1, 2, … or 'all', not ${neighbors}`);
  }
}

function prepare(
  left: Positions,
  right: Positions,
  options: MatchOptions,
  scratch: KernelScratch,
  rank: Int32Array | undefined,
): MatchRun {
  const limits = limitsOf(options);
  // More neighbours than right rows are all of them, and 'all' needs no search for the nearest ones.
  const { neighbors } = options;
  const wanted =
    neighbors === 'all' || neighbors >= right.length ? Number.POSITIVE_INFINITY : neighbors;
  const grid = buildGrid(left, right, limits.radius, wanted, scratch.arena);
  const partial = grid.firstRadius < limits.radius;
  const chordUnits = Math.sqrt(limits.most) * (180 / Math.PI) * UNITS_PER_DEGREE;
  // Where there are more tests than right rows.
  const isRightLoaded = left.length * grid.inWindow >= 1.5 * right.length;
  const cosines = isRightLoaded ? loadCosines(scratch.arena, right) : null;
  return {
    left,
    right,
    grid,
    scratch,
    search: createRowSearch(grid, right, cosines, limits, scratch),
    ties: { right, rank, noted: null },
    cosines,
    isRightLoaded,
    wanted,
    keepUnmatched: options.keepUnmatched,
    fullUnits: limits.radius * UNITS_PER_DEGREE,
    chordUnits,
    sureChord: partial
      ? 4 * sinHalfSquared(grid.firstRadius) * (1 - 1e-12)
      : Number.POSITIVE_INFINITY,
    searchGaps: grid.rows > 0 && (partial || grid.unprobed),
    lastRa: Number.NaN,
    lastDec: Number.NaN,
    counted: { ra: Number.NaN, dec: Number.NaN, count: 0 },
  };
}

/** Puts the right positions into the arena, and the cosines of their declinations. */
function loadCosines(arena: Arena, right: Positions): Float64Array {
  loadRight(arena, right);
  arena.loops.fillCosines(right.length);
  return arena.views.cosines;
}

/** The open window of distances as squared chords, computed once: above < chord² ≤ most. */
function limitsOf({ radiusArcsec, minRadiusArcsec }: MatchOptions): Limits {
  const halfTurn = 180 * ARCSEC_PER_DEGREE;
  return {
    // Nothing is nearer than a duplicate: without a lower end it counts.
    above: minRadiusArcsec === 0 ? -1 : chordSquaredFromArcsec(minRadiusArcsec),
    most: radiusArcsec > halfTurn ? 4 : justBelow(chordSquaredFromArcsec(radiusArcsec)),
    radius: Math.min(180, radiusArcsec / ARCSEC_PER_DEGREE),
  };
}

/** The largest double below a positive one. */
function justBelow(value: number): number {
  const double = Float64Array.of(value);
  const bits = new BigInt64Array(double.buffer);
  bits[0]! -= 1n;
  return double[0]!;
}

function countAll(run: MatchRun, checkStop: () => void, counts: Uint32Array | null): number {
  const { length } = run.left;
  const { loops, views } = run.scratch.arena;
  const least = run.keepUnmatched ? 1 : 0;
  const most = Math.min(run.wanted, 0x7fffffff);
  let sum = 0;
  for (let from = 0; from < length; ) {
    checkStop();
    const rows = countBlock(run, from, Math.min(length, from + BLOCK_ROWS)) - from;
    sum += loops.sumCounts(rows, least, most);
    if (counts !== null) {
      for (let i = 0; i < rows; i++) {
        counts[from + i] = Math.max(least, Math.min(most, views.counts[i]!));
      }
    }
    from += rows;
  }
  return sum;
}

function nextBlock(
  run: MatchRun,
  progress: Progress,
  maxPairs: number,
  checkStop: () => void,
): Pairs | null {
  if (!(maxPairs >= 1)) throw new RangeError(`a block of ${maxPairs} pairs holds nothing`);
  const { length } = run.left;
  const remaining = length - progress.row;
  const most = Math.floor(maxPairs);
  const { least, most: mostExpected } = FIRST_PAIRS_PER_ROW;
  const perRow = Math.max(least, Math.min(mostExpected, Math.ceil(run.grid.inWindow)));
  const output = createOutput(remaining * Math.min(run.wanted, perRow), most);
  while (progress.row < length && output.length < most) {
    checkStop();
    const from = progress.row;
    if (progress.done === 0 && most - output.length >= run.wanted && hasEntries(run)) {
      progress.row = emitEntries(run, from, output);
      continue;
    }
    // A row that gives pairs gives at least one: more rows than there is room for are not worth a look.
    const to = Math.min(length, from + BLOCK_ROWS, from + most - output.length);
    findCandidates(run, from, to);
    emitNeighbours(run, progress, output);
    if (progress.row < run.scratch.candidates.end) break;
  }
  return finish(output);
}
