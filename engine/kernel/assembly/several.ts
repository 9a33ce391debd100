/** The several nearest of each row of a block, by distances on the flat map (flat.ts). */
import { cosineOf, halfSlopeOf, nextSquare, numbersFrom, outerSquare, squaresOf } from './flat';
import {
  DOUBT,
  LEFT,
  NONE,
  PACKED,
  PLACED,
  RIGHT,
  ROW,
  ROWS,
  RUN,
  RUNS,
  SEARCH,
  SLOTS,
  SQUARES,
  ZONE,
  ZONE_ERROR,
  ZONE_RADIUS,
} from './layout';
import { write } from './probe';
import { zoneTable } from './shape';

/** Candidates that are put in order here, at most, a power of two: every one is compared with all. */
const MOST_IN_ORDER = 128;
/** What numbers in their last bits may change squares by. */
const NUMBERED: f32 = 3e-5;

/** Writes to PACKED for each of 16 masks of lanes the bytes of the lanes in it, one after the other. */
export function preparePacking(): void {
  for (let mask = 0; mask < 16; mask++) {
    let at = PACKED + ((<usize>mask) << 4);
    for (let lane = 0; lane < 4; lane++) {
      if ((mask & (1 << lane)) === 0) continue;
      store<u32>(at, 0x03020100 + 0x04040404 * lane);
      at += 4;
    }
  }
}

/**
 * The `wanted` nearest slots of each row, at most 64, as entries in order, nearest first; as sieveOne (sieve.ts) has them
 * otherwise.
 */
export function sieveSeveral(from: i32, count: i32, wanted: i32, full: f32, every: bool): i32 {
  let length = 0;
  let run = RUNS;
  for (let row = 0; row < count; row++) {
    const place = ROWS + <usize>row * ROW;
    const runsEnd = load<usize>(place, 12);
    if (load<i32>(place, 8) === SEARCH) {
      write(length++, from + row, SEARCH);
      continue;
    }
    const table = zoneTable + <usize>load<i32>(place, 8) * ZONE;
    const near = pack(place, table, run, runsEnd);
    run = runsEnd;
    if (near === 0) {
      write(length, from + row, NONE);
      length += <i32>every | <i32>(load<f32>(table, ZONE_RADIUS) < full);
      continue;
    }
    const error = load<f32>(table, ZONE_ERROR);
    const kept = near <= MOST_IN_ORDER ? putInOrder(length, near, wanted, error) : 0;
    if (kept === 0) {
      write(length++, from + row, DOUBT);
      continue;
    }
    for (let i = 0; i < kept; i++) store<i32>(LEFT + ((<usize>(length + i)) << 2), from + row);
    length += kept;
  }
  return length;
}

/** Writes squared distance and slot of those rows of the runs that may be in the window; returns how many. */
function pack(place: usize, table: usize, run: usize, runsEnd: usize): i32 {
  const d = v128.load_splat<i32>(place);
  const u = v128.load_splat<i32>(place, 4);
  const cos = cosineOf(place, table);
  const halfSlope = halfSlopeOf(table);
  const outer = f32x4.splat(
    outerSquare(load<f32>(table, ZONE_RADIUS), load<f32>(table, ZONE_ERROR)),
  );
  let bytes: usize = 0;
  for (; run < runsEnd; run += RUN) {
    const end = load<i32>(run, 4);
    const after = i32x4.splat(end);
    for (let slot = load<i32>(run); slot < end; slot += 4) {
      const squares = squaresOf(slot, after, d, u, cos, halfSlope);
      const mask = i32x4.bitmask(f32x4.le(squares, outer));
      const order = v128.load(PACKED + ((<usize>mask) << 4));
      v128.store(SQUARES + bytes, i8x16.swizzle(squares, order));
      v128.store(SLOTS + bytes, i8x16.swizzle(numbersFrom(slot), order));
      bytes += (<usize>popcnt(mask)) << 2;
    }
  }
  return <i32>(bytes >> 2);
}

/**
 * Writes the `wanted` nearest of `near` slots to RIGHT from number `at` on, in order; returns how many, 0 where it is in
 * doubt which they are. Those that may be in another order among themselves are not in doubt (answer.ts).
 *
 * The place of each is the number of nearer ones: a sort would have the processor guess at every comparison. The last bits of
 * a square are the number of its slot, so that no two are equal and one is put in place with the other.
 */
function putInOrder(at: i32, near: i32, wanted: i32, error: f32): i32 {
  const end = SQUARES + ((<usize>near) << 2);
  number(end);
  const behind = wanted + 1;
  for (let i = SQUARES; i < end; i += 32) {
    const some = v128.load(i);
    const more = v128.load(i, 16);
    let before = i32x4.splat(0);
    let before2 = i32x4.splat(0);
    for (let j = SQUARES; j < end; j += 4) {
      const one = v128.load_splat<i32>(j);
      before = i32x4.sub(before, i32x4.lt_s(one, some));
      before2 = i32x4.sub(before2, i32x4.lt_s(one, more));
    }
    place(some, i32x4.min_s(before, i32x4.splat(behind)));
    place(more, i32x4.min_s(before2, i32x4.splat(behind)));
  }
  const places = min(wanted, near);
  if (near > wanted) {
    const last = load<f32>(placeAt(wanted - 1));
    const next = load<f32>(placeAt(wanted));
    if (next <= nextSquare(last, error + NUMBERED)) return 0;
  }
  for (let p: usize = 0; p < <usize>places; p++) {
    const slot = load<i32>(PLACED + (p << 2)) & (MOST_IN_ORDER - 1);
    store<i32>(RIGHT + ((<usize>at + p) << 2), load<i32>(SLOTS + ((<usize>slot) << 2)));
  }
  return places;
}

/** Puts numbers into the last bits of the squares before `end`. */
function number(end: usize): void {
  const mask = i32x4.splat(-MOST_IN_ORDER);
  let numbers = numbersFrom(0);
  for (let i = SQUARES; i < end; i += 16) {
    v128.store(i, v128.or(v128.and(v128.load(i), mask), numbers));
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
  // What they are compared with beyond the end comes behind all.
  v128.store(end, i32x4.splat(0x7fffffff));
  v128.store(end, i32x4.splat(0x7fffffff), 16);
}

/** Stores each of four squares at its place. */
function place(squares: v128, places: v128): void {
  v128.store_lane<i32>(placeAt(i32x4.extract_lane(places, 0)), squares, 0);
  v128.store_lane<i32>(placeAt(i32x4.extract_lane(places, 1)), squares, 1);
  v128.store_lane<i32>(placeAt(i32x4.extract_lane(places, 2)), squares, 2);
  v128.store_lane<i32>(placeAt(i32x4.extract_lane(places, 3)), squares, 3);
}

function placeAt(number: i32): usize {
  return PLACED + ((<usize>number) << 2);
}
