/**
 * The fast way: candidates of a block of left rows from the grid, in some tens of nanoseconds per row. It filters
 * by integers only, which keeps every true neighbour, and leaves the rows it is not made for to search.ts.
 *
 * Rows of HATS files follow a space-filling curve, which walks through the grid's zones diagonally: the processor
 * foresees nothing of it and waits for memory at every new line. Reading the block's part of each zone once in a
 * straight line, before, costs a fifth of that.
 */
import { CANDIDATES, loadBlock, SLOT } from './arena.ts';
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
 * Turns the candidates' slots into right rows and fills in their squared chords; −1 for {@link SEARCH}.
 */
export function testCandidates({ grid, left, right, cosines, scratch }: MatchRun): void {
  const { left: leftRows, right: rightRows, chords } = scratch.arena.views;
  const { length } = scratch.candidates;
  const { slots } = grid;
  const { ra, dec } = left;
  const { ra: ra2, dec: dec2 } = right;
  let row = -1;
  let rowRa = 0;
  let rowDec = 0;
  let cos = 1;
  for (let c = 0; c < length; c++) {
    const slot = rightRows[c]!;
    if (slot < 0) {
      chords[c] = -1;
      continue;
    }
    if (leftRows[c]! !== row) {
      row = leftRows[c]!;
      rowRa = ra[row]!;
      rowDec = dec[row]!;
      cos = cosDec(rowDec);
    }
    const r = slots[SLOT * slot + 2]!;
    const d = dec2[r]!;
    const cos2 = cosines === null ? cosDec(d) : cosines[r]!;
    rightRows[c] = r;
    chords[c] = chordSquaredBetween(rowRa, rowDec, cos, ra2[r]!, d, cos2);
  }
}
