/**
 * Output rows where the nearest, or up to 64 of them, are wanted: entries that the compiled loops make of a whole block.
 *
 * They tell the nearest candidates by distances on a flat map in single precision (assembly/flat.ts), whose errors are known, and
 * compute exact chords of these alone. Rows where that leaves a doubt, such as those of right rows at one place, are looked at
 * one by one.
 */
import { arcsecFromChordSquared } from '../../partitioning/sphere.ts';
import { BLOCK_ROWS, NEAREST_OF } from './arena.ts';
import { neighboursOf } from './neighbours.ts';
import { append, type Output, reserve } from './output.ts';
import { BLOCK_CANDIDATES, lookUp, NONE, rowCandidates, SEARCH, testCandidates } from './probe.ts';
import { type MatchRun, searchRow } from './run.ts';

/** Up to so many entries are copied one by one: views of typed arrays would cost more. */
const FEW = 100;

/** Whether {@link emitEntries} is made for this: otherwise distances have a lower end, or all neighbours are wanted. */
export function hasEntries({ wanted, search, grid }: MatchRun): boolean {
  return wanted <= NEAREST_OF && search.limits.above < 0 && !grid.unprobed && grid.rows > 0;
}

/**
 * Appends the output of a block of left rows from `from` on, for which the output has room; returns the first row that is
 * not done.
 */
export function emitEntries(run: MatchRun, from: number, output: Output): number {
  const { wanted, keepUnmatched, fullUnits } = run;
  const { arena } = run.scratch;
  const { loops, views } = arena;
  const room = Math.floor((output.most - output.length) / wanted);
  const most = Math.min(BLOCK_ROWS, Math.floor(BLOCK_CANDIDATES / wanted), room);
  const to = Math.min(run.left.length, from + most);
  lookUp(run, from, to);
  const sieved =
    wanted === 1
      ? loops.sieveOne(from, to - from, fullUnits, keepUnmatched)
      : loops.sieveSeveral(from, to - from, wanted, fullUnits, keepUnmatched);
  testCandidates(run, 0, sieved);
  const { limits } = run.search;
  const length = loops.answer(from, sieved, wanted, limits.most, fullUnits, keepUnmatched);
  const unsettled = loops.unsettled.value;
  reserve(output, length + unsettled * (wanted - 1));
  const far = loops.toArcsec(length);
  for (const c of views.doubtful.subarray(0, far)) {
    views.chords[c] = arcsecFromChordSquared(views.chords[c]!);
  }
  appendEntries(run, length, unsettled, output);
  return to;
}

/** Appends entries, and in place of those that are no answer what a look at their rows says. */
function appendEntries(run: MatchRun, length: number, unsettled: number, output: Output): void {
  const { left, right } = run.scratch.arena.views;
  let from = 0;
  for (let rest = unsettled; rest > 0; rest--) {
    let at = from;
    while (right[at]! >= NONE) at++;
    copyEntries(run, from, at, output);
    from = at + 1;
    const row = left[at]!;
    const found =
      right[at]! === SEARCH
        ? searchRow(run, row)
        : neighboursOf(run, row, BLOCK_CANDIDATES, rowCandidates(run, row));
    const { chords, rows } = run.scratch;
    for (let i = 0; i < found; i++) append(output, row, rows[i]!, chords[i]!);
    if (found === 0 && run.keepUnmatched) append(output, row, NONE, Number.NaN);
  }
  copyEntries(run, from, length, output);
}

/** Appends the entries [from, to), which have distances in place of chords. */
function copyEntries({ scratch }: MatchRun, from: number, to: number, output: Output): void {
  const { left, right, chords } = scratch.arena.views;
  const at = output.length;
  output.length += to - from;
  if (to - from > FEW) {
    output.left.set(left.subarray(from, to), at);
    output.right.set(right.subarray(from, to), at);
    output.distArcsec.set(chords.subarray(from, to), at);
    return;
  }
  for (let i = 0; i < to - from; i++) {
    output.left[at + i] = left[from + i]!;
    output.right[at + i] = right[from + i]!;
    output.distArcsec[at + i] = chords[from + i]!;
  }
}
