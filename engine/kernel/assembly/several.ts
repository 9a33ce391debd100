/** The several nearest of each row of a block, by distances on the flat map (flat.ts). */
import { nextSquare, numbersFrom, outerSquare, squaresOf } from './flat';
import { zoneTable } from './grid';
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
} from './layout';
import { write } from './probe';

/** Candidates that are put in order here, at most: every one is compared with all. */
const MOST_IN_ORDER = 128;

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
export function sieveSeveral(from: i32, count: i32, wanted: i32, radius: f32, every: bool): i32 {
  let length = 0;
  let run = RUNS;
  for (let row = 0; row < count; row++) {
    const place = ROWS + <usize>row * ROW;
    const runsEnd = load<usize>(place, 12);
    if (load<i32>(place, 8) === SEARCH) {
      write(length++, from + row, SEARCH);
      continue;
    }
    const near = pack(place, run, runsEnd, radius);
    run = runsEnd;
    if (near === 0) {
      write(length, from + row, NONE);
      length += <i32>every;
      continue;
    }
    const error = load<f32>(zoneTable + <usize>load<i32>(place, 8) * ZONE, 8);
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

/** Writes squared distance and slot of those rows of the runs that may be within `radius`; returns how many. */
function pack(place: usize, run: usize, runsEnd: usize, radius: f32): i32 {
  const d = v128.load_splat<i32>(place);
  const u = v128.load_splat<i32>(place, 4);
  const table = zoneTable + <usize>load<i32>(place, 8) * ZONE;
  const cos = v128.load_splat<f32>(table, 4);
  const outer = f32x4.splat(outerSquare(radius, load<f32>(table, 8)));
  let bytes: usize = 0;
  for (; run < runsEnd; run += RUN) {
    const end = load<i32>(run, 4);
    const after = i32x4.splat(end);
    for (let slot = load<i32>(run); slot < end; slot += 4) {
      const squares = squaresOf(slot, after, d, u, cos);
      const mask = i32x4.bitmask(f32x4.le(squares, outer));
      const order = v128.load(PACKED + ((<usize>mask) << 4));
      v128.store(SQUARES + bytes, i8x16.swizzle(squares, order));
      v128.store(SLOTS + bytes, i8x16.swizzle(numbersFrom(slot), order));
      bytes += (<usize>popcnt(mask)) << 2;
    }
  }
  // They are compared four by four.
  v128.store(SQUARES + bytes, f32x4.splat(Infinity));
  return <i32>(bytes >> 2);
}

/**
 * Writes the `wanted` nearest of `near` slots to RIGHT from number `at` on, in order; returns how many, 0 where it is in
 * doubt which they are. Those that may be in another order among themselves are not in doubt (settle.ts).
 *
 * The place of each is the number of nearer ones: a sort would have the processor guess at every comparison.
 */
function putInOrder(at: i32, near: i32, wanted: i32, error: f32): i32 {
  const end = SQUARES + ((<usize>near) << 2);
  const places = min(wanted, near);
  let kept = 0;
  let sum = 0;
  for (let i = SQUARES; i < end; i += 4) {
    const both = v128.load_splat<f32>(i);
    let nearer = i32x4.splat(0);
    for (let j = SQUARES; j < end; j += 16) {
      nearer = i32x4.sub(nearer, f32x4.lt(v128.load(j), both));
    }
    nearer = i32x4.add(nearer, v128.shuffle<i32>(nearer, nearer, 2, 3, 0, 1));
    const number = i32x4.extract_lane(nearer, 0) + i32x4.extract_lane(nearer, 1);
    // Places behind the first one that is not wanted are written over it, and not read.
    const place = min(number, wanted);
    const isNext = <i32>(number <= wanted);
    store<f32>(PLACED + ((<usize>select(place, wanted + 1, isNext)) << 2), load<f32>(i));
    store<i32>(RIGHT + ((<usize>(at + place)) << 2), load<i32>(i + (SLOTS - SQUARES)));
    const isWanted = <i32>(number < wanted);
    kept += isWanted;
    sum += number & -isWanted;
  }
  // Where two are equally far away a place is taken twice and the next one left out.
  if (kept !== places || sum !== (places * (places - 1)) >> 1) return 0;
  if (near > wanted) {
    const last = load<f32>(PLACED + ((<usize>(wanted - 1)) << 2));
    if (load<f32>(PLACED + ((<usize>wanted) << 2)) <= nextSquare(last, error)) return 0;
  }
  return places;
}
