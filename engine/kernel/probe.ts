/**
 * The fast way: candidates of consecutive left rows from the grid, in a few nanoseconds per row. It filters
 * by integers only, which keeps every true neighbour, and leaves the rows it is not made for to search.ts.
 */
import { raUnits } from './fixed-point.ts';
import { type Grid, TREE_ROWS } from './grid.ts';
import { CANDIDATES, type Candidates, SLOT } from './scratch.ts';
import { chordSquaredBetween, cosDec } from './separation.ts';
import type { Positions } from './types.ts';

/** In place of a right row: search this left row exhaustively. */
export const SEARCH = -1;

/** A probe of one row crosses at most 8 zones of at most TREE_ROWS slots each, and may write one more. */
const MOST_PER_ROW = 8 * TREE_ROWS + 1;

/**
 * Collects candidates of the left rows [from, to), in row order, or of as many as the buffer holds:
 * `out.end` is the first row not looked at. Rows without candidates have no entry.
 */
export function probe(
  grid: Grid,
  left: Positions,
  from: number,
  to: number,
  out: Candidates,
): void {
  const { ra, dec } = left;
  const { left: outLeft, right: outRight } = out;
  const { refRa, decLow, raLow, zoneShift, cellShift, zones, cellsPerZone } = grid;
  const { slots, starts, tall, wide, seamLow, seamHigh } = grid;
  const twiceTall = 2 * tall;
  const quarterTall = (tall >> 2) + 1;
  const last = CANDIDATES - MOST_PER_ROW;
  let length = 0;
  let row = from;
  for (; row < to && length <= last; row++) {
    const d = (dec[row]! * (2 ** 32 / 360)) | 0;
    const height = (d >> 2) - decLow;
    let zone = (height - quarterTall) >> zoneShift;
    let lastZone = (height + quarterTall) >> zoneShift;
    if (zone < 0) zone = 0;
    if (lastZone >= zones) lastZone = zones - 1;
    if (zone > lastZone) continue;
    const half = wide[zone]!;
    const u = raUnits(ra[row]!, refRa);
    if (half < 0 || u < seamLow || u > seamHigh) {
      outLeft[length] = row;
      outRight[length++] = SEARCH;
      continue;
    }
    const quarter = (half >> 2) + 1;
    const along = (u >> 2) - raLow;
    let cell = (along - quarter) >> cellShift;
    let lastCell = (along + quarter) >> cellShift;
    if (cell < 0) cell = 0;
    if (lastCell >= cellsPerZone) lastCell = cellsPerZone - 1;
    if (cell > lastCell) continue;
    const bottom = (d - tall) | 0;
    const west = (u - half) | 0;
    const twiceWide = 2 * half;
    const begin = length;
    for (; zone <= lastZone; zone++) {
      const base = Math.imul(zone, cellsPerZone);
      const first = starts[base + cell]!;
      const end = starts[base + lastCell + 1]!;
      if (end - first > TREE_ROWS) {
        length = begin + 1;
        outLeft[begin] = row;
        outRight[begin] = SEARCH;
        break;
      }
      const stop = end * SLOT;
      for (let at = first * SLOT; at < stop; at += SLOT) {
        const above = (slots[at]! - bottom) | 0;
        const east = (slots[at + 1]! - west) | 0;
        // Written always and kept by counting on: a branch would be guessed wrong half of the time.
        outLeft[length] = row;
        outRight[length] = slots[at + 2]!;
        length += ((above | east | (twiceTall - above) | (twiceWide - east)) >>> 31) ^ 1;
      }
    }
  }
  out.length = length;
  out.end = row;
}

/** Fills in the squared chords of all candidates; −1 for {@link SEARCH}. */
export function testCandidates(candidates: Candidates, left: Positions, right: Positions): void {
  const { left: leftRows, right: rightRows, chords, length } = candidates;
  const { ra, dec } = left;
  const { ra: ra2, dec: dec2 } = right;
  let row = -1;
  let rowRa = 0;
  let rowDec = 0;
  let cos = 1;
  for (let c = 0; c < length; c++) {
    const r = rightRows[c]!;
    if (r < 0) {
      chords[c] = -1;
      continue;
    }
    if (leftRows[c]! !== row) {
      row = leftRows[c]!;
      rowRa = ra[row]!;
      rowDec = dec[row]!;
      cos = cosDec(rowDec);
    }
    chords[c] = chordSquaredBetween(rowRa, rowDec, cos, ra2[r]!, dec2[r]!);
  }
}
