/** The nearest, or how many are near, of each row of a block, by distances on the flat map (flat.ts). */
import {
  cosineOf,
  FAR,
  halfSlopeOf,
  innerSquare,
  nextSquare,
  numbersFrom,
  outerSquare,
  squaresOf,
} from './flat';
import {
  COUNTS,
  DOUBT,
  DOUBTFUL,
  NONE,
  ROW,
  ROWS,
  RUN,
  RUNS,
  SEARCH,
  SLOTS,
  ZONE,
  ZONE_ERROR,
  ZONE_RADIUS,
} from './layout';
import { write } from './probe';
import { zoneTable } from './shape';

/**
 * The nearest slot of each row, first left row `from`, as an entry; DOUBT where another one may be as near, SEARCH for rows
 * to be searched, and NONE for those without a row in their window where it is smaller than the radius, `full` units, or
 * where `every` row has an entry. Returns how many.
 */
export function sieveOne(from: i32, count: i32, full: f32, every: bool): i32 {
  let length = 0;
  let run = RUNS;
  for (let row = 0; row < count; row++) {
    const place = ROWS + <usize>row * ROW;
    const zone = load<i32>(place, 8);
    if (zone === SEARCH) {
      write(length++, from + row, SEARCH);
      continue;
    }
    const d = v128.load_splat<i32>(place);
    const u = v128.load_splat<i32>(place, 4);
    const runsEnd = load<usize>(place, 12);
    const table = zoneTable + <usize>zone * ZONE;
    const cos = cosineOf(place, table);
    const halfSlope = halfSlopeOf(table);
    const error = load<f32>(table, ZONE_ERROR);
    const radius = load<f32>(table, ZONE_RADIUS);
    // The nearest of each lane, and what comes next.
    let first = FAR;
    let second = FAR;
    let nearest = i32x4.splat(NONE);
    for (; run < runsEnd; run += RUN) {
      const end = load<i32>(run, 4);
      const after = i32x4.splat(end);
      for (let slot = load<i32>(run); slot < end; slot += 4) {
        const squares = squaresOf(slot, after, d, u, cos, halfSlope);
        const nearer = f32x4.lt(squares, first);
        second = f32x4.pmin(second, f32x4.pmax(first, squares));
        first = f32x4.pmin(squares, first);
        nearest = v128.bitselect(numbersFrom(slot), nearest, nearer);
      }
    }
    let least = f32x4.pmin(first, v128.shuffle<i32>(first, first, 2, 3, 0, 1));
    least = f32x4.pmin(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
    const lanes = f32x4.eq(first, least);
    const mask = i32x4.bitmask(lanes);
    second = f32x4.pmin(second, v128.bitselect(FAR, first, lanes));
    second = f32x4.pmin(second, v128.shuffle<i32>(second, second, 2, 3, 0, 1));
    second = f32x4.pmin(second, v128.shuffle<i32>(second, second, 1, 0, 3, 2));
    v128.store(SLOTS, nearest);
    const square = f32x4.extract_lane(least, 0);
    const isNear = square <= outerSquare(radius, error);
    const inDoubt =
      <i32>(f32x4.extract_lane(second, 0) <= nextSquare(square, error)) |
      <i32>((mask & (mask - 1)) !== 0);
    const slot = load<i32>(SLOTS + ((<usize>ctz(mask)) << 2));
    write(length, from + row, select(select(DOUBT, slot, inDoubt), NONE, isNear));
    length += <i32>isNear | <i32>every | <i32>(radius < full);
  }
  return length;
}

/**
 * How many rows in its window are surely within `sure` units, as a chord, of each row of the block, in COUNTS; lists those that
 * have fewer than `wanted` where more may be, in the window or outside as it is smaller than the radius, `full` units; and
 * those to be searched. Returns how many.
 */
export function sieveCounts(count: i32, sure: f32, full: f32, wanted: i32): i32 {
  let listed = 0;
  let run = RUNS;
  for (let row = 0; row < count; row++) {
    const place = ROWS + <usize>row * ROW;
    const zone = max(0, load<i32>(place, 8));
    const isSearched = load<i32>(place, 8) === SEARCH;
    const d = v128.load_splat<i32>(place);
    const u = v128.load_splat<i32>(place, 4);
    const runsEnd = load<usize>(place, 12);
    const table = zoneTable + <usize>zone * ZONE;
    const cos = cosineOf(place, table);
    const halfSlope = halfSlopeOf(table);
    const error = load<f32>(table, ZONE_ERROR);
    const radius = load<f32>(table, ZONE_RADIUS);
    const inner = f32x4.splat(innerSquare(min(sure, radius), error));
    const outer = f32x4.splat(outerSquare(radius, error));
    let inside = i32x4.splat(0);
    let doubtful = i32x4.splat(0);
    for (; run < runsEnd; run += RUN) {
      const end = load<i32>(run, 4);
      const after = i32x4.splat(end);
      for (let slot = load<i32>(run); slot < end; slot += 4) {
        const squares = squaresOf(slot, after, d, u, cos, halfSlope);
        const isInside = f32x4.lt(squares, inner);
        inside = i32x4.sub(inside, isInside);
        doubtful = v128.or(doubtful, v128.andnot(f32x4.le(squares, outer), isInside));
      }
    }
    const sum = i32x4.add(inside, v128.shuffle<i32>(inside, inside, 2, 3, 0, 1));
    const number = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1);
    store<i32>(COUNTS + ((<usize>row) << 2), number);
    store<u16>(DOUBTFUL + ((<usize>listed) << 1), <u16>row);
    const isOpen = <i32>v128.any_true(doubtful) | <i32>(radius < full);
    listed += <i32>isSearched | (isOpen & <i32>(number < wanted));
  }
  return listed;
}
