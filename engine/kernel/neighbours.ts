/** Output rows where several neighbours are wanted, or all. */
import { NEAREST_OF } from './arena.ts';
import { sortByChord } from './heap.ts';
import { append, type Output, reserve } from './output.ts';
import { NONE, SEARCH } from './probe.ts';
import { forgetRow, type MatchRun, searchRow } from './run.ts';
import { keep } from './scratch.ts';
import { settleTies } from './ties.ts';

/** How far a run of blocks has come. */
export interface Progress {
  /** First left row that is not done. */
  row: number;
  /** Output rows of it that are done; above 0 only where it has more of them than a block holds. */
  done: number;
}

/**
 * Appends the output of the left rows from `progress.row` to the end of the candidates in the scratch, until
 * the output is full, and moves `progress` on.
 */
export function emitNeighbours(run: MatchRun, progress: Progress, output: Output): void {
  const { keepUnmatched, searchGaps } = run;
  const { left: leftRows } = run.scratch.arena.views;
  const { length, end } = run.scratch.candidates;
  let c = 0;
  while (progress.row < end) {
    const { row } = progress;
    const begin = c;
    while (c < length && leftRows[c]! === row) c++;
    if (c > begin && progress.done === 0 && emitFew(run, row, begin, c, output)) {
      progress.row++;
      continue;
    }
    if (c > begin || searchGaps) {
      const found = neighboursOf(run, row, begin, c);
      if (found > 0) {
        if (!emitFound(run, progress, found, output)) return;
        continue;
      }
    } else if (!keepUnmatched) {
      progress.row = c < length ? leftRows[c]! : end;
      continue;
    }
    if (keepUnmatched) {
      if (output.length === output.most) return;
      reserve(output, 1);
      append(output, row, NONE, Number.NaN);
    }
    progress.row++;
  }
}

/**
 * Appends the neighbours of a row by its candidates [from, to), in order; false, and nothing appended, where there are none
 * or more than the candidates has to be looked at: rows further away, ties, how much the output holds.
 */
function emitFew(run: MatchRun, row: number, from: number, to: number, output: Output): boolean {
  const { wanted, searchGaps } = run;
  const { loops, views } = run.scratch.arena;
  const { above, most } = run.search.limits;
  if (to - from > NEAREST_OF || output.most - output.length < to - from) return false;
  if (views.right[from]! === SEARCH) return false;
  const found = loops.nearest(from, to, Math.min(wanted, NEAREST_OF), above, most);
  const { nearestChords, nearestRows } = views;
  if (found <= 0) return false;
  if (searchGaps && (found < wanted || nearestChords[wanted - 1]! > run.sureChord)) return false;
  reserve(output, found);
  for (let i = 0; i < found; i++) append(output, row, nearestRows[i]!, nearestChords[i]!);
  return true;
}

/** Appends the neighbours in the scratch; false when the output is full and the row not done. */
function emitFound(run: MatchRun, progress: Progress, found: number, output: Output): boolean {
  const room = output.most - output.length;
  const rest = found - progress.done;
  if (rest > room && output.length > 0) return false;
  const count = Math.min(rest, room);
  reserve(output, count);
  const { chords, rows } = run.scratch;
  const { row, done } = progress;
  // A row has few of them: views and copies of typed arrays would cost more.
  for (let i = done; i < done + count; i++) append(output, row, rows[i]!, chords[i]!);
  if (count < rest) {
    progress.done += count;
    return false;
  }
  progress.row++;
  progress.done = 0;
  return true;
}

/** Neighbours of one left row, in order, from its candidates [from, to) or by search; returns how many. */
export function neighboursOf(run: MatchRun, row: number, from: number, to: number): number {
  const { scratch, wanted } = run;
  const { right, chords } = scratch.arena.views;
  const { above, most } = run.search.limits;
  if (from === to || right[from]! === SEARCH) return searchRow(run, row);
  forgetRow(run);
  let found = 0;
  for (let c = from; c < to; c++) {
    const chord = chords[c]!;
    if (chord > above && chord <= most) found = keep(scratch, found, chord, right[c]!);
  }
  sortByChord(scratch.chords, scratch.rows, found);
  if (run.searchGaps && (found < wanted || scratch.chords[wanted - 1]! > run.sureChord)) {
    return searchRow(run, row);
  }
  return settleTies(run.ties, scratch.chords, scratch.rows, found, wanted);
}
