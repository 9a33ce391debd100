/** The grid of the right rows (../grid.ts): sorting them into it, and the runs of its slots around left rows. */
import { BLOCK_DEC, BLOCK_RA, ROW, ROWS, RUN, RUNS, SEARCH, SLOT, UNITS, ZONE } from './layout';
import { decUnits, raUnits } from './units';

export let slots: usize = 0;
export let slotRows: usize = 0;
export let zoneTable: usize = 0;
let starts: usize = 0;
let gridDec: i32 = 0;
let gridRa: i32 = 0;
let boxTall: u32 = 0;
let boxWide: u32 = 0;
let zoneShift: i32 = 0;
let cellShift: i32 = 0;
let zones: i32 = 0;
let cellsPerZone: i32 = 0;

export let windowTall: i32 = 0;
let seamLow: i32 = 0;
let seamHigh: i32 = 0;
let treeRows: i32 = 0;

/** Takes the grid's place, its shape in quarter units and the first window, but for its width, from the first words. */
export function shape(): void {
  slots = load<usize>(0);
  slotRows = load<usize>(0, 4);
  starts = load<usize>(0, 8);
  zoneTable = load<usize>(0, 12);
  gridDec = load<i32>(0, 16);
  gridRa = load<i32>(0, 20);
  boxTall = load<u32>(0, 24);
  boxWide = load<u32>(0, 28);
  zoneShift = load<i32>(0, 32);
  cellShift = load<i32>(0, 36);
  zones = load<i32>(0, 40);
  cellsPerZone = load<i32>(0, 44);
  windowTall = load<i32>(0, 48);
  seamLow = load<i32>(0, 52);
  seamHigh = load<i32>(0, 56);
  treeRows = load<i32>(0, 60);
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
    const both = load<i64>(UNITS + ((<usize>i) << 3));
    const d = (<i32>both >> 2) - gridDec;
    const u = (<i32>(both >> 32) >> 2) - gridRa;
    if (<u32>d > boxTall || <u32>u > boxWide) continue;
    const cell = starts + ((<usize>((d >> zoneShift) * cellsPerZone + (u >> cellShift))) << 2);
    const slot = load<i32>(cell) - 1;
    store<i32>(cell, slot);
    store<i64>(slots + <usize>slot * SLOT, both);
    store<i32>(slotRows + ((<usize>slot) << 2), i);
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

/**
 * Writes where each of the block's rows is to ROWS, and to RUNS the runs of slots that its first window crosses, one for
 * each zone with rows there. Rows whose zone is {@link SEARCH} have none, nor have those that are far from all slots.
 */
export function lookUp(count: i32): void {
  const quarterTall = (windowTall >> 2) + 1;
  const stride = (<usize>cellsPerZone) << 2;
  let run = RUNS;
  let row = ROWS;
  for (let i: usize = 0, end = (<usize>count) << 3; i < end; i += 8, row += ROW) {
    const d = decUnits(load<f64>(BLOCK_DEC + i));
    const u = raUnits(load<f64>(BLOCK_RA + i));
    store<i32>(row, d);
    store<i32>(row, u, 4);
    store<i32>(row, 0, 8);
    store<usize>(row, run, 12);
    const height = (d >> 2) - gridDec;
    const zone = max(0, (height - quarterTall) >> zoneShift);
    const lastZone = min(zones - 1, (height + quarterTall) >> zoneShift);
    if (zone > lastZone) continue;
    store<i32>(row, zone, 8);
    const half = load<i32>(zoneTable + <usize>zone * ZONE);
    if (half < 0 || u < seamLow || u > seamHigh) {
      store<i32>(row, SEARCH, 8);
      continue;
    }
    const quarter = (half >> 2) + 1;
    const along = (u >> 2) - gridRa;
    const cell = max(0, (along - quarter) >> cellShift);
    const lastCell = min(cellsPerZone - 1, (along + quarter) >> cellShift);
    if (cell > lastCell) continue;
    const cells = (<usize>(lastCell + 1 - cell)) << 2;
    let base = starts + (<usize>zone * <usize>cellsPerZone + <usize>cell) * 4;
    let most = 0;
    for (let z = zone; z <= lastZone; z++, base += stride) {
      const first = load<i32>(base);
      const after = load<i32>(base + cells);
      store<i32>(run, first);
      store<i32>(run, after, 4);
      // Kept by counting on: a branch would be guessed wrong too often.
      run += <usize>(after > first) * RUN;
      most = max(most, after - first);
    }
    if (most > treeRows) {
      store<i32>(row, SEARCH, 8);
      run = load<usize>(row, 12);
    }
    store<usize>(row, run, 12);
  }
}
