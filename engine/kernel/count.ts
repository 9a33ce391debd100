/** Neighbours per left row, counted without keeping them. */
import { decUnits, raUnits, UNITS_PER_DEGREE } from './fixed-point.ts';
import { SEARCH, testCandidates } from './probe.ts';
import { forgetRow, type MatchRun } from './run.ts';
import { countWithin, searchNearest } from './search.ts';
import { chordSquaredBetween, cosDec } from './separation.ts';

const RADIANS_PER_UNIT = Math.PI / 180 / UNITS_PER_DEGREE;

/** Declinations so many units apart (5′) have nearly the same cosine. */
const NEARLY_ALIKE = 2 ** 20;

/** Units by which two truncated coordinates may be nearer to each other than the true ones, rounded up. */
const TRUNCATED = 3;

/**
 * Says of the candidates in the scratch which are neighbours: their squared chords, or 0 for those that surely are, by
 * the units in their slots alone. Most are: neither the positions nor their cosines are looked up then.
 */
export function testForCount(run: MatchRun): void {
  const { grid, left, right, cosines, scratch } = run;
  const { above, most } = run.search.limits;
  if (above >= 0) {
    testCandidates(scratch.candidates, grid.slots, left, right, cosines);
    return;
  }
  const { slots, refRa } = grid;
  const { left: leftRows, right: rightRows, chords, length } = scratch.candidates;
  // Squared units; the last digits are for the rounding of all this.
  const sure = (most * (1 - 1e-9)) / (RADIANS_PER_UNIT * RADIANS_PER_UNIT);
  let row = -1;
  let d = 0;
  let u = 0;
  // No less than the cosine of a left row: that of one before it, and what it can have grown by since.
  let cos = 1;
  let cosAt = Number.POSITIVE_INFINITY;
  for (let c = 0; c < length; c++) {
    const at = rightRows[c]!;
    if (at < 0) {
      chords[c] = -1;
      continue;
    }
    if (leftRows[c]! !== row) {
      row = leftRows[c]!;
      d = decUnits(left.dec[row]!);
      u = raUnits(left.ra[row]!, refRa);
      if (!(Math.abs(d - cosAt) < NEARLY_ALIKE)) {
        cosAt = d;
        cos = cosDec(left.dec[row]!) + (NEARLY_ALIKE + TRUNCATED) * RADIANS_PER_UNIT;
      }
    }
    const up = Math.abs(slots[at]! - d) + TRUNCATED;
    const east = Math.abs((slots[at + 1]! - u) | 0) + TRUNCATED;
    // chord² ≤ δ² + cos δ₁ cos δ₂ α², as sin x ≤ x; and cos δ₂ ≤ cos δ₁ + |δ₁ − δ₂|.
    const bound = up * up + cos * (cos + up * RADIANS_PER_UNIT) * (east * east);
    if (bound <= sure) {
      chords[c] = 0;
      continue;
    }
    const r = slots[at + 2]!;
    const [dec, dec2] = [left.dec[row]!, right.dec[r]!];
    const cos2 = cosines === null ? cosDec(dec2) : cosines[r]!;
    chords[c] = chordSquaredBetween(left.ra[row]!, dec, cosDec(dec), right.ra[r]!, dec2, cos2);
  }
}

/**
 * Writes how many neighbours the left rows from `from` to the end of the candidates in the scratch have, at
 * most `wanted` each, into `counts`, which begins with the first of these rows.
 */
export function countNeighbours(run: MatchRun, from: number, counts: Uint32Array): void {
  const { wanted, searchGaps } = run;
  const { above, most } = run.search.limits;
  const { left, right, chords, length, end } = run.scratch.candidates;
  const rows = end - from;
  counts.fill(0, 0, rows);
  for (let c = 0; c < length; c++) {
    const chord = chords[c]!;
    if (chord > above && chord <= most) counts[left[c]! - from]!++;
  }
  for (let c = 0; c < length; c++) {
    if (right[c]! === SEARCH) counts[left[c]! - from] = countBySearch(run, left[c]!);
  }
  if (wanted === Number.POSITIVE_INFINITY && !searchGaps) return;
  for (let i = 0; i < rows; i++) {
    const count = counts[i]!;
    if (count > wanted) counts[i] = wanted;
    else if (searchGaps && count < wanted) counts[i] = countBySearch(run, from + i);
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
