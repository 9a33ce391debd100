/** Neighbours per left row, counted without keeping them. */
import { SEARCH } from './probe.ts';
import { forgetRow, type MatchRun } from './run.ts';
import { countWithin, searchNearest } from './search.ts';

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
