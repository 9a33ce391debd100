/**
 * The fast way: candidates of consecutive left rows from the grid, in a few nanoseconds per row. It filters
 * by integers only, which keeps every true neighbour, and leaves the rows it is not made for to search.ts.
 */
import { raUnits } from './fixed-point.ts';
import { type Grid, MOST_ZONES, TREE_ROWS } from './grid.ts';
import { CANDIDATES, type Candidates, SLOT } from './scratch.ts';
import { chordSquaredBetween, cosDec } from './separation.ts';
import type { Positions } from './types.ts';

/** In place of a right row: search this left row exhaustively. */
export const SEARCH = -1;

/** Entries that one row may write: every slot of its zones, and two that are not kept. */
const MOST_PER_ROW = MOST_ZONES * TREE_ROWS + 2;

/**
 * Collects candidates of the left rows [from, to), in row order, or of as many as the buffer holds:
 * `out.end` is the first row not looked at. Rows without candidates have no entry. In `out.right` there are
 * slots, or {@link SEARCH}, until {@link testCandidates} looks up the rows.
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
      // Entries are always written, and kept by counting on: a branch would be guessed wrong half of the time.
      // The same goes for how many slots there are, which are mostly up to two.
      let at = first * SLOT;
      const stop = end * SLOT;
      outLeft[length] = row;
      outRight[length] = at;
      length += inWindow(slots, at, bottom, west, twiceTall, twiceWide) & isBelow(at, stop);
      at += SLOT;
      outLeft[length] = row;
      outRight[length] = at;
      length += inWindow(slots, at, bottom, west, twiceTall, twiceWide) & isBelow(at, stop);
      for (at += SLOT; at < stop; at += SLOT) {
        outLeft[length] = row;
        outRight[length] = at;
        length += inWindow(slots, at, bottom, west, twiceTall, twiceWide);
      }
    }
  }
  out.length = length;
  out.end = row;
}

/** 1 where a slot lies inside a window that begins at `bottom` and `west`, else 0. */
function inWindow(
  slots: Int32Array,
  at: number,
  bottom: number,
  west: number,
  twiceTall: number,
  twiceWide: number,
): number {
  const above = (slots[at]! - bottom) | 0;
  const east = (slots[at + 1]! - west) | 0;
  return ((above | east | (twiceTall - above) | (twiceWide - east)) >>> 31) ^ 1;
}

function isBelow(a: number, b: number): number {
  return (a - b) >>> 31;
}

/**
 * Turns the candidates' slots into right rows and fills in their squared chords; −1 for {@link SEARCH}.
 * `cosines`: of the right declinations, if known.
 */
export function testCandidates(
  candidates: Candidates,
  slots: Int32Array,
  left: Positions,
  right: Positions,
  cosines: Float64Array | null,
): void {
  const { left: leftRows, right: rightRows, chords, length } = candidates;
  const { ra, dec } = left;
  const { ra: ra2, dec: dec2 } = right;
  let row = -1;
  let rowRa = 0;
  let rowDec = 0;
  let cos = 1;
  for (let c = 0; c < length; c++) {
    const at = rightRows[c]!;
    if (at < 0) {
      chords[c] = -1;
      continue;
    }
    if (leftRows[c]! !== row) {
      row = leftRows[c]!;
      rowRa = ra[row]!;
      rowDec = dec[row]!;
      cos = cosDec(rowDec);
    }
    const r = slots[at + 2]!;
    const d = dec2[r]!;
    const cos2 = cosines === null ? cosDec(d) : cosines[r]!;
    rightRows[c] = r;
    chords[c] = chordSquaredBetween(rowRa, rowDec, cos, ra2[r]!, d, cos2);
  }
}
