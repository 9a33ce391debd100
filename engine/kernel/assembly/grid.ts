/** Sorting the right rows into their grid (../grid.ts), and a crowded cell into one of its own (../fine.ts). */
import {
  FINE,
  FINE_CELL_SHIFT,
  FINE_CELLS_PER_ZONE,
  FINE_RA,
  FINE_STARTS,
  FINE_ZONE_SHIFT,
  FINE_ZONES,
  SLOT,
  UNITS,
} from './layout';
import {
  boxTall,
  boxWide,
  cellShift,
  cellsPerZone,
  fine,
  gridDec,
  gridRa,
  slotRows,
  slots,
  spare,
  starts,
  zoneShift,
  zones,
} from './shape';

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

/** Sorts the slots [begin, end) of a crowded cell into the grid with this number; returns the rows in its fullest cell. */
export function refine(begin: i32, end: i32, number: i32): i32 {
  const grid = fine + <usize>number * FINE;
  const low = load<i32>(grid);
  const west = load<i32>(grid, FINE_RA);
  const tall = load<i32>(grid, FINE_ZONE_SHIFT);
  const broad = load<i32>(grid, FINE_CELL_SHIFT);
  const perZone = load<i32>(grid, FINE_CELLS_PER_ZONE);
  const cellStarts = load<usize>(grid, FINE_STARTS);
  const cells = <usize>(load<i32>(grid, FINE_ZONES) * perZone);
  const rows = <usize>(end - begin);
  const from = slots + <usize>begin * SLOT;
  const fromRows = slotRows + ((<usize>begin) << 2);
  const spareRows = spare + rows * SLOT;
  memory.copy(spare, from, rows * SLOT);
  memory.copy(spareRows, fromRows, rows << 2);
  memory.fill(cellStarts, 0, (cells + 1) << 2);
  for (let i: usize = 0; i < rows; i++) {
    const at = spare + i * SLOT;
    const zone = ((load<i32>(at) >> 2) - low) >> tall;
    const cell = zone * perZone + (((load<i32>(at, 4) >> 2) - west) >> broad);
    const count = cellStarts + ((<usize>cell) << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
  let total = begin;
  let most = 0;
  for (let i: usize = 0; i <= cells; i++) {
    const count = load<i32>(cellStarts + (i << 2));
    most = max(most, count);
    total += count;
    store<i32>(cellStarts + (i << 2), total);
  }
  for (let i = <isize>rows - 1; i >= 0; i--) {
    const at = spare + <usize>i * SLOT;
    const zone = ((load<i32>(at) >> 2) - low) >> tall;
    const cell = zone * perZone + (((load<i32>(at, 4) >> 2) - west) >> broad);
    const count = cellStarts + ((<usize>cell) << 2);
    const slot = load<i32>(count) - 1;
    store<i32>(count, slot);
    store<i64>(slots + <usize>slot * SLOT, load<i64>(at));
    store<i32>(slotRows + ((<usize>slot) << 2), load<i32>(spareRows + ((<usize>i) << 2)));
  }
  return most;
}
