/** Output rows where one neighbour is wanted: at most one per left row. */
import { type Output, reserve } from './output.ts';
import { SEARCH } from './probe.ts';
import { forgetRow, type MatchRun, searchRow } from './run.ts';
import { keep } from './scratch.ts';
import { settleTies } from './ties.ts';

/**
 * Appends the output of the left rows from `from` to the end of the candidates in the scratch, for which the
 * output has room.
 */
export function emitNearest(run: MatchRun, from: number, output: Output): void {
  const { keepUnmatched, searchGaps, sureChord } = run;
  const { above, most } = run.search.limits;
  const { left: leftRows, right: rightRows, chords } = run.scratch.arena.views;
  const { length, end } = run.scratch.candidates;
  reserve(output, end - from);
  const { left, right, chords: outChords } = output;
  const visitGaps = keepUnmatched || searchGaps;
  let row = from;
  for (let c = 0; c < length; ) {
    const group = leftRows[c]!;
    if (visitGaps) emitGap(run, row, group, output);
    row = group + 1;
    const begin = c;
    let best = most;
    let nearest = -1;
    let tied = false;
    do {
      const chord = chords[c]!;
      if (chord > above && chord <= best) {
        tied = chord === best && nearest >= 0;
        best = chord;
        nearest = rightRows[c]!;
      }
    } while (++c < length && leftRows[c]! === group);
    if (best > sureChord || (nearest < 0 && (searchGaps || rightRows[begin]! === SEARCH))) {
      emitSearched(run, group, output);
      continue;
    }
    if (tied) nearest = firstOfTied(run, begin, c, best);
    if (nearest < 0 && !keepUnmatched) continue;
    const at = output.length++;
    left[at] = group;
    right[at] = nearest;
    outChords[at] = nearest < 0 ? Number.NaN : best;
  }
  if (visitGaps) emitGap(run, row, end, output);
}

/** The rows [from, to) have no candidates. */
function emitGap(run: MatchRun, from: number, to: number, output: Output): void {
  if (run.searchGaps) {
    for (let row = from; row < to; row++) emitSearched(run, row, output);
    return;
  }
  const { left, right, chords } = output;
  let at = output.length;
  for (let row = from; row < to; row++) {
    left[at] = row;
    right[at] = -1;
    chords[at++] = Number.NaN;
  }
  output.length = at;
}

function emitSearched(run: MatchRun, row: number, output: Output): void {
  const found = searchRow(run, row);
  if (found === 0 && !run.keepUnmatched) return;
  const at = output.length++;
  output.left[at] = row;
  output.right[at] = found === 0 ? -1 : run.scratch.rows[0]!;
  output.chords[at] = found === 0 ? Number.NaN : run.scratch.chords[0]!;
}

/** Which of the candidates [from, to) with this squared chord comes first. */
function firstOfTied(run: MatchRun, from: number, to: number, chord: number): number {
  const { scratch } = run;
  const { right, chords } = scratch.arena.views;
  forgetRow(run);
  let found = 0;
  for (let c = from; c < to; c++) {
    if (chords[c]! !== chord) continue;
    found = keep(scratch, found, chord, right[c]!);
  }
  settleTies(run.ties, scratch.chords, scratch.rows, found, 1);
  return scratch.rows[0]!;
}
