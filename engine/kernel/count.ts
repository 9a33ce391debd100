/** Neighbours per left row, counted without keeping them. */
import { BLOCK_CANDIDATES, findCandidates, lookUp, rowCandidates, SEARCH } from './probe.ts';
import { forgetRow, type MatchRun } from './run.ts';
import { countWithin, searchNearest } from './search.ts';

/**
 * Counts, in `views.counts`, how many neighbours the left rows [from, to) have, at most a block, or as many of them as there
 * is room for; for those that need a search at most as many as are wanted. Returns the first row not looked at.
 */
export function countBlock(run: MatchRun, from: number, to: number): number {
  if (run.search.limits.above < 0) {
    countSurely(run, from, to);
    return to;
  }
  findCandidates(run, from, to);
  const { wanted, searchGaps, scratch } = run;
  const { above, most } = run.search.limits;
  const { loops, views } = scratch.arena;
  const { length, end } = scratch.candidates;
  const searches = loops.countBlock(from, end - from, length, above, most);
  const { left, right, counts } = views;
  for (let c = 0; searches > 0 && c < length; c++) {
    if (right[c]! === SEARCH) counts[left[c]! - from] = countBySearch(run, left[c]!);
  }
  for (let i = 0; searchGaps && i < end - from; i++) {
    if (counts[i]! < wanted) counts[i] = countBySearch(run, from + i);
  }
  return end;
}

/** Where distances have no lower end: most neighbours surely are, by the units in their slots alone (assembly/sieve.ts). */
function countSurely(run: MatchRun, from: number, to: number): void {
  const { grid, searchGaps } = run;
  const { loops, views } = run.scratch.arena;
  const { counts, doubtful } = views;
  if (!lookUp(run, from, to)) {
    counts.fill(0, 0, to - from);
    for (let row = from; grid.rows > 0 && row < to; row++) {
      counts[row - from] = countBySearch(run, row);
    }
    return;
  }
  const wanted = Math.min(run.wanted, 0x7fffffff);
  const listed = loops.sieveCounts(to - from, run.chordUnits, run.fullUnits, wanted);
  for (const i of doubtful.slice(0, listed)) {
    counts[i] = searchGaps ? countBySearch(run, from + i) : countExactly(run, from + i);
  }
}

function countExactly(run: MatchRun, row: number): number {
  const end = rowCandidates(run, row);
  const { right, chords } = run.scratch.arena.views;
  if (right[BLOCK_CANDIDATES]! === SEARCH) return countBySearch(run, row);
  const { most } = run.search.limits;
  let count = 0;
  for (let c = BLOCK_CANDIDATES; c < end; c++) if (chords[c]! <= most) count++;
  return count;
}

function countBySearch(run: MatchRun, row: number): number {
  const ra = run.left.ra[row]!;
  const dec = run.left.dec[row]!;
  const { search, wanted, counted } = run;
  if (ra === counted.ra && dec === counted.dec) return counted.count;
  forgetRow(run);
  if (wanted === Number.POSITIVE_INFINITY) countWithin(search, ra, dec);
  else searchNearest(search, ra, dec, wanted);
  counted.ra = ra;
  counted.dec = dec;
  counted.count = search.found;
  return search.found;
}
