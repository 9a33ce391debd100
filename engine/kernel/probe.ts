/**
 * The fast way: candidates of a block of left rows from the grid, in some tens of nanoseconds per row. It filters
 * by integers only, which keeps every true neighbour, and leaves the rows it is not made for to search.ts.
 *
 * Rows of HATS files follow a space-filling curve, which walks through the grid's zones diagonally: the processor
 * foresees nothing of it and waits for memory at every new line. Reading the block's part of each zone once in a
 * straight line, before, costs a fifth of that.
 */
import { CANDIDATES, loadBlock, loadRight } from './arena.ts';
import { MOST_ZONES, TREE_ROWS } from './grid.ts';
import type { MatchRun } from './run.ts';
import { chordSquaredBetween, cosDec } from './separation.ts';

/** In place of a right row: search this left row exhaustively. */
export const SEARCH = -1;

/** Entries that one row may write: every slot of its zones, and two that are not kept. */
const MOST_PER_ROW = MOST_ZONES * TREE_ROWS + 2;

/** Every how many left rows are looked at to find where the block lies. */
const AHEAD_STEP = 8;
/** Blocks spread over more cells per row than this are not worth reading ahead. */
const MOST_CELLS_PER_ROW = 8;

/**
 * Collects candidates of the left rows [from, to), at most a block, in row order, or of as many as there is room for:
 * `candidates.end` is the first row not looked at. Rows without candidates have no entry. In `views.right` there are
 * slots, or {@link SEARCH}, until {@link testCandidates} looks up the rows.
 */
export function findCandidates(run: MatchRun, from: number, to: number): void {
  const { grid, left, scratch } = run;
  const { arena, candidates } = scratch;
  candidates.length = 0;
  candidates.end = to;
  if (grid.rows === 0 || grid.unprobed) return;
  loadBlock(arena, left, from, to);
  arena.loops.readAhead(to - from, AHEAD_STEP, MOST_CELLS_PER_ROW);
  candidates.length = arena.loops.probe(from, to - from, CANDIDATES - MOST_PER_ROW);
  candidates.end = from + arena.loops.probed.value;
}

/**
 * Turns the slots of the candidates of a block, whose first row is left row `from`, into right rows and fills in their
 * squared chords; −1 for {@link SEARCH}.
 */
export function testCandidates(run: MatchRun, from: number): void {
  const { cosines, scratch } = run;
  const { arena, candidates } = scratch;
  const { chords, doubtful } = arena.views;
  if (!run.isRightLoaded) loadRight(arena, run.right);
  run.isRightLoaded = true;
  // Also where whole turns were taken off the block's right ascensions: the differences of close pairs stay the same.
  const far = arena.loops.testAll(from, candidates.length, cosines !== null);
  const { left, right } = arena.views;
  for (let i = 0; i < far; i++) {
    const c = doubtful[i]!;
    chords[c] = chordOf(run, left[c]!, right[c]!);
  }
}

/** The squared chord between a left row and a right one. */
export function chordOf({ left, right, cosines }: MatchRun, row: number, r: number): number {
  const [dec, dec2] = [left.dec[row]!, right.dec[r]!];
  const cos2 = cosines === null ? cosDec(dec2) : cosines[r]!;
  return chordSquaredBetween(left.ra[row]!, dec, cosDec(dec), right.ra[r]!, dec2, cos2);
}
