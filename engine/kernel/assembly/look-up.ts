/** The runs of slots around left rows: the part of each zone, here or in the grids of crowded cells, that their window crosses. */
import {
  BLOCK_DEC,
  BLOCK_RA,
  FINE,
  FINE_CELL_SHIFT,
  FINE_CELLS_PER_ZONE,
  FINE_HALF,
  FINE_RA,
  FINE_STARTS,
  FINE_TALL,
  FINE_ZONE,
  FINE_ZONE_SHIFT,
  FINE_ZONES,
  MOST_RUNS,
  ROW,
  ROWS,
  RUN,
  RUNS,
  SEARCH,
  SLOT,
  ZONE,
} from './layout';
import {
  boxTall,
  boxWide,
  cellShift,
  cellsPerZone,
  fine,
  fineAt,
  fineRows,
  gridDec,
  gridRa,
  mostInWindow,
  seamHigh,
  seamLow,
  slots,
  starts,
  windowTall,
  zoneShift,
  zones,
  zoneTable,
} from './shape';
import { decUnits, raUnits } from './units';

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
    let total = 0;
    for (let z = zone; z <= lastZone; z++, base += stride) {
      const first = load<i32>(base);
      const after = load<i32>(base + cells);
      store<i32>(run, first);
      store<i32>(run, after, 4);
      // Kept by counting on: a branch would be guessed wrong too often.
      run += <usize>(after > first) * RUN;
      total += after - first;
    }
    if (total > fineRows) run = lookCloser(row, run, total);
    store<usize>(row, run, 12);
  }
}

/** Where the runs of a row end, which has a crowded cell in its window. */
function lookCloser(row: usize, run: usize, total: i32): usize {
  const up = (load<i32>(row) >> 2) - gridDec;
  const along = (load<i32>(row, 4) >> 2) - gridRa;
  if (<u32>up <= boxTall && <u32>along <= boxWide) {
    const number = fineNumber((up >> zoneShift) * cellsPerZone + (along >> cellShift));
    const end = number > 0 ? lookUpFine(row, run, fine + <usize>number * FINE) : 0;
    if (end > 0) {
      memory.copy(load<usize>(row, 12), run, end - run);
      return load<usize>(row, 12) + (end - run);
    }
  }
  if (total <= mostInWindow) return run;
  store<i32>(row, SEARCH, 8);
  return load<usize>(row, 12);
}

/** The number of the grid of a cell; 0: none. */
function fineNumber(cell: i32): i32 {
  const at = starts + ((<usize>cell) << 2);
  const first = load<i32>(at);
  if (load<i32>(at, 4) - first <= fineRows) return 0;
  return load<i32>(fineAt + ((<usize>((first + fineRows - 1) / fineRows)) << 2));
}

// The window of a row in quarter units.
let south: i32 = 0;
let north: i32 = 0;
let west: i32 = 0;
let east: i32 = 0;

/**
 * Writes the runs of a row in a cell with a grid of its own, by the window of that, from `begin` on; returns their end, or 0 where
 * there are too many runs or slots.
 */
function lookUpFine(row: usize, begin: usize, grid: usize): usize {
  const quarterTall = (load<i32>(grid, FINE_TALL) >> 2) + 1;
  const quarter = (load<i32>(grid, FINE_HALF) >> 2) + 1;
  south = (load<i32>(row) >> 2) - quarterTall;
  north = (load<i32>(row) >> 2) + quarterTall;
  west = (load<i32>(row, 4) >> 2) - quarter;
  east = (load<i32>(row, 4) >> 2) + quarter;
  // Across the seam of right ascension, which half-widths of the whole grid do not tell of: to the search.
  if (west < -0x20000000 || east >= 0x20000000) return 0;
  let run = begin;
  const lastZone = min(zones - 1, (north - gridDec) >> zoneShift);
  const firstCell = max(0, (west - gridRa) >> cellShift);
  const lastCell = min(cellsPerZone - 1, (east - gridRa) >> cellShift);
  for (let zone = max(0, (south - gridDec) >> zoneShift); zone <= lastZone; zone++) {
    for (let cell = firstCell; cell <= lastCell; cell++) {
      const number = fineNumber(zone * cellsPerZone + cell);
      run =
        number > 0
          ? addFineRuns(fine + <usize>number * FINE, run, begin)
          : addRun(starts + ((<usize>(zone * cellsPerZone + cell)) << 2), 4, run, begin);
    }
  }
  let total = 0;
  for (let at = begin; at < run; at += RUN) total += load<i32>(at, 4) - load<i32>(at);
  if (total > mostInWindow || run === begin + MOST_RUNS * RUN) return 0;
  store<i32>(row, load<i32>(grid, FINE_ZONE), 8);
  return run;
}

/** Adds the part of a crowded cell that lies in the window. */
function addFineRuns(grid: usize, run: usize, begin: usize): usize {
  const low = load<i32>(grid);
  const first = load<i32>(grid, FINE_RA);
  const shift = load<i32>(grid, FINE_ZONE_SHIFT);
  const across = load<i32>(grid, FINE_CELL_SHIFT);
  const perZone = load<i32>(grid, FINE_CELLS_PER_ZONE);
  const lastZone = min(load<i32>(grid, FINE_ZONES) - 1, (north - low) >> shift);
  const cell = max(0, (west - first) >> across);
  const lastCell = min(perZone - 1, (east - first) >> across);
  const cells = (<usize>(lastCell + 1 - cell)) << 2;
  for (let zone = max(0, (south - low) >> shift); zone <= lastZone; zone++) {
    const base = load<usize>(grid, FINE_STARTS) + ((<usize>(zone * perZone + cell)) << 2);
    run = addRun(base, cells, run, begin);
  }
  return run;
}

/** Adds the slots of the cells whose starts stand at `base` and `cells` bytes behind, where there are some; no run after the last one. */
function addRun(base: usize, cells: usize, run: usize, begin: usize): usize {
  const first = load<i32>(base);
  const after = load<i32>(base + cells);
  store<i32>(run, first);
  store<i32>(run, after, 4);
  return min(begin + MOST_RUNS * RUN, run + <usize>(after > first) * RUN);
}
