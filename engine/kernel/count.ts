/** Neighbours per left row, counted without keeping them. */
import { SLOT } from './arena.ts';
import { UNITS_PER_DEGREE } from './fixed-point.ts';
import { chordOf, SEARCH, testCandidates } from './probe.ts';
import { forgetRow, type MatchRun } from './run.ts';
import { countWithin, searchNearest } from './search.ts';
import { cosDec } from './separation.ts';

const RADIANS_PER_UNIT = Math.PI / 180 / UNITS_PER_DEGREE;

/** More than a cosine can be wrong by: that of a declination of a few units less. */
const SPARE_COSINE = 4 * RADIANS_PER_UNIT;

/**
 * Says of the candidates in the scratch which are neighbours: their squared chords, or 0 for those that surely are, by
 * the units in their slots alone. Most are: neither the positions nor their cosines are looked up then.
 */
function testForCount(run: MatchRun, from: number): void {
  const { above, most } = run.search.limits;
  if (above >= 0) {
    testCandidates(run, from);
    return;
  }
  const { grid } = run;
  const { candidates, arena } = run.scratch;
  const { loops, views } = arena;
  // No less than the cosine of any row of the block.
  const cos = cosDec(loops.leastTilted.value) + SPARE_COSINE;
  // Squared units; the last digits are for the rounding of all this.
  const sure = (most * (1 - 1e-9)) / (RADIANS_PER_UNIT * RADIANS_PER_UNIT);
  const doubtful = loops.testSurely(from, candidates.length, cos, sure);
  for (let i = 0; i < doubtful; i++) {
    const c = views.doubtful[i]!;
    const r = grid.slots[SLOT * views.right[c]! + 2]!;
    views.chords[c] = chordOf(run, views.left[c]!, r);
  }
}

/**
 * Counts, in `views.counts`, how many neighbours the `rows` left rows from `from` have, by the candidates in the
 * scratch; for those that need a search at most as many as are wanted.
 */
export function countBlock(run: MatchRun, from: number, rows: number): void {
  const { wanted, searchGaps, scratch } = run;
  const { above, most } = run.search.limits;
  const { loops, views } = scratch.arena;
  const { length } = scratch.candidates;
  if (length > 0) testForCount(run, from);
  const searches = loops.countBlock(from, rows, length, above, most);
  const { left, right, counts } = views;
  for (let c = 0; searches > 0 && c < length; c++) {
    if (right[c]! === SEARCH) counts[left[c]! - from] = countBySearch(run, left[c]!);
  }
  for (let i = 0; searchGaps && i < rows; i++) {
    if (counts[i]! < wanted) counts[i] = countBySearch(run, from + i);
  }
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
