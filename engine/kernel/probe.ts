/**
 * The fast way: candidates of a block of left rows from the grid, in some tens of nanoseconds per row. It filters
 * by integers only, which keeps every true neighbour, and leaves the rows it is not made for to search.ts.
 *
 * Rows of HATS files follow a space-filling curve, which walks through the grid's zones diagonally: the processor
 * foresees nothing of it and waits for memory at every new line. Reading the block's part of each zone once in a
 * straight line, before, costs a fifth of that.
 */
import { CANDIDATES, loadBlock, loadRight } from './arena.ts';
import { MOST_IN_WINDOW } from './grid.ts';
import type { MatchRun } from './run.ts';
import { chordSquaredBetween, cosDec } from './separation.ts';

/** In place of a right row: none. */
export const NONE = -1;
/** In place of a right row: search this left row exhaustively. */
export const SEARCH = -2;

/** Candidates that one row may write, one that is not kept among them. */
const MOST_PER_ROW = MOST_IN_WINDOW + 1;

/** Candidates up to here are of a block, those behind of a single row ({@link rowCandidates}). */
export const BLOCK_CANDIDATES = CANDIDATES - MOST_PER_ROW;

/** Every how many left rows are looked at to find where the block lies. */
const AHEAD_STEP = 8;
/** Blocks spread over more cells per row than this are not worth reading ahead. */
const MOST_CELLS_PER_ROW = 8;

/** Finds the slots around the left rows [from, to), at most a block; false where no row is looked up in the grid. */
export function lookUp(run: MatchRun, from: number, to: number): boolean {
  const { grid, left, scratch } = run;
  const { arena, candidates } = scratch;
  candidates.from = from;
  candidates.length = 0;
  candidates.end = to;
  if (grid.rows === 0 || grid.unprobed) return false;
  loadBlock(arena, left, from, to);
  arena.loops.readAhead(to - from, AHEAD_STEP, MOST_CELLS_PER_ROW);
  arena.loops.lookUp(to - from);
  return true;
}

/**
 * Collects candidates of the left rows [from, to), at most a block, in row order, or of as many as there is room for:
 * `candidates.end` is the first row not looked at. Rows without candidates have no entry; others have right rows and squared
 * chords, or {@link SEARCH}.
 */
export function findCandidates(run: MatchRun, from: number, to: number): void {
  if (!lookUp(run, from, to)) return;
  const { arena, candidates } = run.scratch;
  const { loops } = arena;
  candidates.length = loops.probe(from, 0, to - from, 0, BLOCK_CANDIDATES - MOST_PER_ROW);
  candidates.end = from + loops.probed.value;
  testCandidates(run, 0, candidates.length);
}

/** Collects the candidates of one left row of the block that was looked up, from {@link BLOCK_CANDIDATES} on; returns their end. */
export function rowCandidates(run: MatchRun, row: number): number {
  const { from } = run.scratch.candidates;
  const i = row - from;
  const { loops } = run.scratch.arena;
  const end = loops.probe(from, i, i + 1, BLOCK_CANDIDATES, CANDIDATES);
  // A count may ask for a few rows only: all right positions need not be in the arena for that.
  if (run.isRightLoaded) testCandidates(run, BLOCK_CANDIDATES, end);
  else testFew(run, BLOCK_CANDIDATES, end);
  return end;
}

/** Turns the slots of candidates into right rows and fills in their squared chords. */
export function testCandidates(run: MatchRun, begin: number, end: number): void {
  const { cosines, scratch } = run;
  const { arena, candidates } = scratch;
  if (!run.isRightLoaded) loadRight(arena, run.right);
  run.isRightLoaded = true;
  // Also where whole turns were taken off the block's right ascensions: the differences of close pairs stay the same.
  const far = arena.loops.testAll(candidates.from, begin, end, cosines !== null);
  const { left, right, chords, doubtful } = arena.views;
  for (let i = 0; i < far; i++) {
    const c = doubtful[i]!;
    chords[c] = chordOf(run, left[c]!, right[c]!);
  }
}

/** As {@link testCandidates}, from where the positions are. */
function testFew(run: MatchRun, begin: number, end: number): void {
  const { slotRows } = run.grid;
  const { left, right, chords } = run.scratch.arena.views;
  for (let c = begin; c < end; c++) {
    const slot = right[c]!;
    if (slot >= 0) right[c] = slotRows[slot]!;
    chords[c] = slot < 0 ? -1 : chordOf(run, left[c]!, right[c]!);
  }
}

/** The squared chord between a left row and a right one. */
function chordOf({ left, right, cosines }: MatchRun, row: number, r: number): number {
  const [dec, dec2] = [left.dec[row]!, right.dec[r]!];
  const cos2 = cosines === null ? cosDec(dec2) : cosines[r]!;
  return chordSquaredBetween(left.ra[row]!, dec, cosDec(dec), right.ra[r]!, dec2, cos2);
}
