/** All candidates of rows of a block, for what needs them all; see ../probe.ts. */

import {
  CHORDS,
  COUNTS,
  LEFT,
  NONE,
  RIGHT,
  ROW,
  ROWS,
  RUN,
  RUNS,
  SEARCH,
  SLOT,
  ZONE,
  ZONE_RADIUS,
} from './layout';
import { slots, zoneTable } from './shape';

/** Units by which truncated coordinates may be further apart, rounded up. */
const PADDING: i32 = 5;

/** First row of the block that the last call did not look at. */
export let probed: i32 = 0;

/** Where the runs of a row begin. */
export function runsOf(row: i32): usize {
  return row === 0 ? RUNS : load<usize>(ROWS + <usize>(row - 1) * ROW, 12);
}

/** 1 where a slot lies inside a window that begins at `bottom` and `west`, else 0. */
function inWindow(at: usize, bottom: i32, west: i32, tall: i32, broad: i32): i32 {
  const above = load<i32>(at) - bottom;
  const east = load<i32>(at, 4) - west;
  return ((above | east | (tall - above) | (broad - east)) >>> 31) ^ 1;
}

/**
 * Slots in the windows of the block's rows [begin, end), whose first is left row `from`, as candidates from number `at`
 * on, or of as many rows as leave them below `most`; returns where they end.
 */
export function probe(from: i32, begin: i32, end: i32, at: i32, most: i32): i32 {
  const first = load<f32>(zoneTable, ZONE_RADIUS);
  let row = begin;
  let run = runsOf(begin);
  for (; row < end && at <= most; row++) {
    const place = ROWS + <usize>row * ROW;
    const zone = zoneTable + <usize>max(0, load<i32>(place, 8)) * ZONE;
    const radius = load<f32>(zone, ZONE_RADIUS);
    const runsEnd = load<usize>(place, 12);
    // What is told by a smaller window, in a crowded cell, only some need.
    if (load<i32>(place, 8) === SEARCH || radius < first) {
      write(at++, from + row, SEARCH);
      run = runsEnd;
      continue;
    }
    const half = load<i32>(zone);
    const tall = <i32>(radius * <f32>1.000001) + PADDING;
    const bottom = load<i32>(place) - tall;
    const west = load<i32>(place, 4) - half;
    for (; run < runsEnd; run += RUN) {
      const after = load<i32>(run, 4);
      for (let slot = load<i32>(run); slot < after; slot++) {
        // Always written, and kept by counting on: a branch would be guessed wrong half of the time.
        write(at, from + row, slot);
        at += inWindow(slots + <usize>slot * SLOT, bottom, west, 2 * tall, 2 * half);
      }
    }
  }
  probed = row;
  return at;
}

export function write(at: i32, left: i32, right: i32): void {
  store<i32>(LEFT + ((<usize>at) << 2), left);
  store<i32>(RIGHT + ((<usize>at) << 2), right);
}

/** Neighbours per row of the block, by the candidates' chords; returns how many candidates are searches. */
export function countBlock(from: i32, rows: i32, length: i32, above: f64, most: f64): i32 {
  memory.fill(COUNTS, 0, (<usize>rows) << 2);
  let searches = 0;
  for (let c: usize = 0, end = <usize>length; c < end; c++) {
    const chord = load<f64>(CHORDS + (c << 3));
    const at = COUNTS + ((<usize>(load<i32>(LEFT + (c << 2)) - from)) << 2);
    store<i32>(at, load<i32>(at) + <i32>(chord > above && chord <= most));
    searches += <i32>(load<i32>(RIGHT + (c << 2)) <= NONE);
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
