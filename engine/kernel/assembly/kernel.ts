/**
 * The loops over all rows of a crossmatch, in AssemblyScript: TypeScript that becomes WebAssembly. All threads of a
 * process share one compiled copy, where each would spend half a second on warming up JavaScript; what the loops mean
 * stands where they are called from (grid.ts, probe.ts, count.ts, neighbours.ts). Compiled by `npm run loops` into ../compiled.ts.
 *
 * Memory is laid out by ../arena.ts and layout.ts; what no unit is said of is in 32-bit units (../fixed-point.ts).
 */

import { BLOCK_DEC, BLOCK_RA, CHORDS, COUNTS, DOUBTFUL, LEFT, RIGHT, UNITS } from './layout';

export { fillCosines, placeRight, testAll } from './chords';
export { nearest } from './few';

/** Bytes of a slot: units of dec, units of ra, row. */
const SLOT: usize = 12;
/** In place of a slot: search this left row exhaustively. */
const SEARCH: i32 = -1;
const UNITS_PER_DEGREE: f64 = 4294967296.0 / 360.0;
/** Units by which two truncated coordinates may be nearer to each other than the true ones, rounded up. */
const TRUNCATED: i32 = 3;
const RADIANS_PER_UNIT: f64 = Math.PI / 180.0 / UNITS_PER_DEGREE;

let refRa: f64 = 0;
export let decLow: i32 = 0;
export let decHigh: i32 = 0;
export let raLow: i32 = 0;
export let raHigh: i32 = 0;

/** Begins a box around units of right ascension counted from `ref`. */
export function beginBox(ref: f64): void {
  refRa = ref;
  decLow = 0x7fffffff;
  decHigh = -0x80000000;
  raLow = 0x7fffffff;
  raHigh = -0x80000000;
}

/** As JavaScript's `| 0` has it: whole turns fall away with the upper bits. */
function truncated(value: f64): i32 {
  return <i32>(<i64>value);
}

function decUnits(dec: f64): i32 {
  return truncated(dec * UNITS_PER_DEGREE);
}

function raUnits(ra: f64): i32 {
  return truncated((ra - refRa) * UNITS_PER_DEGREE);
}

/** Of the block: the largest right ascension, and the smallest distance from the equator, as sizes, degrees. */
export let mostTurned: f64 = 0;
export let leastTilted: f64 = 0;

export function lookOver(count: i32): void {
  let turned: f64 = 0;
  let tilted: f64 = 90;
  for (let i: usize = 0, end = (<usize>count) << 3; i < end; i += 8) {
    turned = max(turned, abs(load<f64>(BLOCK_RA + i)));
    tilted = min(tilted, abs(load<f64>(BLOCK_DEC + i)));
  }
  mostTurned = turned;
  leastTilted = tilted;
}

function extend(d: i32, u: i32): void {
  if (d < decLow) decLow = d;
  if (d > decHigh) decHigh = d;
  if (u < raLow) raLow = u;
  if (u > raHigh) raHigh = u;
}

/** Writes the units of the block's rows, which begin with row `first`, and extends the box. */
export function quantise(first: i32, count: i32): void {
  let out = UNITS + ((<usize>first) << 3);
  for (let i: usize = 0, end = (<usize>count) << 3; i < end; i += 8, out += 8) {
    const d = decUnits(load<f64>(BLOCK_DEC + i));
    const u = raUnits(load<f64>(BLOCK_RA + i));
    store<i32>(out, d);
    store<i32>(out, u, 4);
    extend(d, u);
  }
}

/** Extends the box by the block's rows. */
export function extendBox(count: i32): void {
  for (let i: usize = 0, end = (<usize>count) << 3; i < end; i += 8) {
    extend(decUnits(load<f64>(BLOCK_DEC + i)), raUnits(load<f64>(BLOCK_RA + i)));
  }
}

let slots: usize = 0;
let starts: usize = 0;
let wide: usize = 0;
let gridDec: i32 = 0;
let gridRa: i32 = 0;
let boxTall: u32 = 0;
let boxWide: u32 = 0;
let zoneShift: i32 = 0;
let cellShift: i32 = 0;
let zones: i32 = 0;
let cellsPerZone: i32 = 0;

let windowTall: i32 = 0;
let seamLow: i32 = 0;
let seamHigh: i32 = 0;
let treeRows: i32 = 0;

/** Takes the grid's place, its shape in quarter units and the first window, but for its width, from the first words. */
export function shape(): void {
  slots = load<usize>(0);
  starts = load<usize>(0, 4);
  wide = load<usize>(0, 8);
  gridDec = load<i32>(0, 12);
  gridRa = load<i32>(0, 16);
  boxTall = load<u32>(0, 20);
  boxWide = load<u32>(0, 24);
  zoneShift = load<i32>(0, 28);
  cellShift = load<i32>(0, 32);
  zones = load<i32>(0, 36);
  cellsPerZone = load<i32>(0, 40);
  windowTall = load<i32>(0, 44);
  seamLow = load<i32>(0, 48);
  seamHigh = load<i32>(0, 52);
  treeRows = load<i32>(0, 56);
}

/** Rows in the fullest cell. */
export let mostInCell: i32 = 0;

/** Sorts the units of `rows` rows into the grid; returns how many lie in it. */
export function sortIntoGrid(rows: i32): i32 {
  const cells = zones * cellsPerZone;
  memory.fill(starts, 0, (<usize>cells + 1) << 2);
  const end = UNITS + ((<usize>rows) << 3);
  for (let at = UNITS; at < end; at += 8) {
    const d = (load<i32>(at) >> 2) - gridDec;
    const u = (load<i32>(at, 4) >> 2) - gridRa;
    // One comparison for both ends: what is below turns into a large unsigned number.
    if (<u32>d > boxTall || <u32>u > boxWide) continue;
    const cell = starts + ((<usize>((d >> zoneShift) * cellsPerZone + (u >> cellShift))) << 2);
    store<i32>(cell, load<i32>(cell) + 1);
  }
  const total = accumulate(cells);
  // From the last row to the first: rows of a cell keep their order. The cells' ends turn into their starts.
  for (let i = rows - 1; i >= 0; i--) {
    const at = UNITS + ((<usize>i) << 3);
    const dec = load<i32>(at);
    const ra = load<i32>(at, 4);
    const d = (dec >> 2) - gridDec;
    const u = (ra >> 2) - gridRa;
    if (<u32>d > boxTall || <u32>u > boxWide) continue;
    const cell = starts + ((<usize>((d >> zoneShift) * cellsPerZone + (u >> cellShift))) << 2);
    const slot = load<i32>(cell) - 1;
    store<i32>(cell, slot);
    const out = slots + <usize>slot * SLOT;
    store<i32>(out, dec);
    store<i32>(out, ra, 4);
    store<i32>(out, i, 8);
  }
  return total;
}

/** Turns the numbers of rows in the cells into their ends. */
function accumulate(cells: i32): i32 {
  let total = 0;
  let most = 0;
  const end = starts + ((<usize>cells) << 2);
  for (let at = starts; at <= end; at += 4) {
    const count = load<i32>(at);
    if (count > most) most = count;
    total += count;
    store<i32>(at, total);
  }
  mostInCell = most;
  return total;
}

/** The first cell from `from` on with more than `rows` rows; the number of cells where there is none. */
export function nextCrowded(from: i32, rows: i32): i32 {
  const cells = zones * cellsPerZone;
  let start = load<i32>(starts + ((<usize>from) << 2));
  for (let cell = from; cell < cells; cell++) {
    const end = load<i32>(starts + ((<usize>cell) << 2), 4);
    if (end - start > rows) return cell;
    start = end;
  }
  return cells;
}

/** Reads once, in straight lines, what the left rows of the block will need of the slots. */
export function readAhead(count: i32, step: i32, mostCellsPerRow: i32): i32 {
  let south = 0x7fffffff;
  let north = -0x80000000;
  let west = 0x7fffffff;
  let east = -0x80000000;
  for (let i = 0; i < count; i += step) {
    const d = decUnits(load<f64>(BLOCK_DEC + ((<usize>i) << 3))) >> 2;
    const u = raUnits(load<f64>(BLOCK_RA + ((<usize>i) << 3))) >> 2;
    south = min(south, d);
    north = max(north, d);
    west = min(west, u);
    east = max(east, u);
  }
  const firstZone = max(0, (south - gridDec) >> zoneShift);
  const lastZone = min(zones - 1, (north - gridDec) >> zoneShift);
  const first = max(0, (west - gridRa) >> cellShift);
  const last = min(cellsPerZone - 1, (east - gridRa) >> cellShift);
  if (firstZone > lastZone || first > last) return 0;
  const cells = <i64>(lastZone - firstZone + 1) * <i64>(last - first + 1);
  if (cells > <i64>mostCellsPerRow * <i64>count) return 0;
  let sum = 0;
  for (let zone = firstZone; zone <= lastZone; zone++) {
    const base = starts + ((<usize>(zone * cellsPerZone)) << 2);
    const end = slots + <usize>load<i32>(base + ((<usize>last) << 2), 4) * SLOT;
    let at = slots + <usize>load<i32>(base + ((<usize>first) << 2)) * SLOT;
    // A cache line of 64 bytes at a time.
    for (; at < end; at += 64) sum ^= load<i32>(at);
  }
  return sum;
}

/** First row of the block that {@link probe} did not look at. */
export let probed: i32 = 0;

/** 1 where a slot lies inside a window that begins at `bottom` and `west`, else 0. */
function inWindow(at: usize, bottom: i32, west: i32, tall: i32, broad: i32): i32 {
  const above = load<i32>(at) - bottom;
  const east = load<i32>(at, 4) - west;
  return ((above | east | (tall - above) | (broad - east)) >>> 31) ^ 1;
}

/**
 * Candidates of the block's rows, whose first is left row `from`, or of as many as `most` entries hold, less what the
 * last row may write; returns how many. See probe.ts.
 */
export function probe(from: i32, count: i32, most: i32): i32 {
  const twiceTall = 2 * windowTall;
  const quarterTall = (windowTall >> 2) + 1;
  let length = 0;
  let row = 0;
  for (; row < count && length <= most; row++) {
    const d = decUnits(load<f64>(BLOCK_DEC + ((<usize>row) << 3)));
    const height = (d >> 2) - gridDec;
    let zone = max(0, (height - quarterTall) >> zoneShift);
    const lastZone = min(zones - 1, (height + quarterTall) >> zoneShift);
    if (zone > lastZone) continue;
    const half = load<i32>(wide + ((<usize>zone) << 2));
    const u = raUnits(load<f64>(BLOCK_RA + ((<usize>row) << 3)));
    if (half < 0 || u < seamLow || u > seamHigh) {
      write(length++, from + row, SEARCH);
      continue;
    }
    const quarter = (half >> 2) + 1;
    const along = (u >> 2) - gridRa;
    const cell = max(0, (along - quarter) >> cellShift);
    const lastCell = min(cellsPerZone - 1, (along + quarter) >> cellShift);
    if (cell > lastCell) continue;
    const bottom = d - windowTall;
    const west = u - half;
    const twiceWide = 2 * half;
    const begin = length;
    for (; zone <= lastZone; zone++) {
      const base = starts + ((<usize>(zone * cellsPerZone)) << 2);
      const first = load<i32>(base + ((<usize>cell) << 2));
      const end = load<i32>(base + ((<usize>lastCell) << 2), 4);
      if (end - first > treeRows) {
        length = begin + 1;
        write(begin, from + row, SEARCH);
        break;
      }
      // Entries are always written, and kept by counting on: a branch would be guessed wrong half of the time.
      // The same goes for how many slots there are, which are mostly up to two.
      write(length, from + row, first);
      let at = slots + <usize>first * SLOT;
      length += inWindow(at, bottom, west, twiceTall, twiceWide) & ((first - end) >>> 31);
      write(length, from + row, first + 1);
      at += SLOT;
      length += inWindow(at, bottom, west, twiceTall, twiceWide) & ((first + 1 - end) >>> 31);
      for (let slot = first + 2; slot < end; slot++) {
        at += SLOT;
        write(length, from + row, slot);
        length += inWindow(at, bottom, west, twiceTall, twiceWide);
      }
    }
  }
  probed = row;
  return length;
}

function write(at: i32, left: i32, right: i32): void {
  store<i32>(LEFT + ((<usize>at) << 2), left);
  store<i32>(RIGHT + ((<usize>at) << 2), right);
}

/**
 * Squared chords of `length` candidates as far as their units tell: 0 for a neighbour, −1 for a search. Returns how
 * many they leave in doubt, which are listed. See count.ts.
 */
export function testSurely(from: i32, length: i32, cos: f64, sure: f64): i32 {
  let left = 0;
  for (let c: usize = 0, end = <usize>length; c < end; c++) {
    const slot = load<i32>(RIGHT + (c << 2));
    if (slot < 0) {
      store<f64>(CHORDS + (c << 3), -1);
      continue;
    }
    const row = (<usize>(load<i32>(LEFT + (c << 2)) - from)) << 3;
    const at = slots + <usize>slot * SLOT;
    const d = decUnits(load<f64>(BLOCK_DEC + row));
    const u = raUnits(load<f64>(BLOCK_RA + row));
    const up = <f64>(abs(load<i32>(at) - d) + TRUNCATED);
    const east = <f64>(abs(load<i32>(at, 4) - u) + TRUNCATED);
    // chord² ≤ δ² + cos δ₁ cos δ₂ α², as sin x ≤ x; and cos δ₂ ≤ cos δ₁ + |δ₁ − δ₂|.
    const bound = up * up + cos * (cos + up * RADIANS_PER_UNIT) * (east * east);
    store<f64>(CHORDS + (c << 3), 0);
    store<u16>(DOUBTFUL + ((<usize>left) << 1), <u16>c);
    left += <i32>!(bound <= sure);
  }
  return left;
}

/** Neighbours per row of the block, by the candidates' chords; returns how many candidates are searches. */
export function countBlock(from: i32, rows: i32, length: i32, above: f64, most: f64): i32 {
  memory.fill(COUNTS, 0, (<usize>rows) << 2);
  let searches = 0;
  for (let c: usize = 0, end = <usize>length; c < end; c++) {
    const chord = load<f64>(CHORDS + (c << 3));
    const at = COUNTS + ((<usize>(load<i32>(LEFT + (c << 2)) - from)) << 2);
    store<i32>(at, load<i32>(at) + <i32>(chord > above && chord <= most));
    searches += <i32>(load<i32>(RIGHT + (c << 2)) === SEARCH);
  }
  return searches;
}

/** Sum of the block's COUNTS, each at least `least` and at most `most`. */
export function sumCounts(rows: i32, least: i32, most: i32): f64 {
  let sum: i64 = 0;
  for (let at = COUNTS, end = COUNTS + ((<usize>rows) << 2); at < end; at += 4) {
    sum += <i64>max(least, min(most, load<i32>(at)));
  }
  return <f64>sum;
}
