/**
 * Squared chords of candidates by their positions, two at a time, bit for bit those of ../separation.ts: the same additions
 * and multiplications in the same order. Pairs too far apart for its power series are left to it.
 */
import { cosDec, minus, times } from './cosine';
import { BLOCK_DEC, BLOCK_RA, CHORDS, DOUBTFUL, LEFT, RIGHT } from './layout';
import { slotRows } from './shape';

const RADIANS_PER_DEGREE: f64 = Math.PI / 180.0;
/** Squares of half angles in radians up to which the series is good. */
const NEAR: f64 = 1.0 / 4096.0;

let rightRa: usize = 0;
let rightDec: usize = 0;
let cosines: usize = 0;

/** Where ra, dec and cosines of dec of the right rows are. */
export function placeRight(ra: usize, dec: usize, cosinesAt: usize): void {
  rightRa = ra;
  rightDec = dec;
  cosines = cosinesAt;
}

/** Cosines of the declinations of the first `rows` right rows, and of one more where they are odd. */
export function fillCosines(rows: i32): void {
  for (let at: usize = 0, end = (<usize>rows) << 3; at < end; at += 16) {
    v128.store(cosines + at, cosDec(v128.load(rightDec + at)));
  }
}

/**
 * Turns the slots of the candidates [begin, end), whose left rows are of the block that begins with row `from`, into right
 * rows, and fills in their squared chords; −1 for what is no slot. Returns how many are left to others, which are listed.
 */
export function testAll(from: i32, begin: i32, end: i32, hasCosines: bool): i32 {
  let left = 0;
  let row1 = -1;
  let row2 = -1;
  let ra = f64x2.splat(0);
  let dec = f64x2.splat(0);
  let cos = f64x2.splat(1);
  for (let c = begin; c < end; c += 2) {
    // The last one may be both.
    const other = min(c + 1, end - 1);
    const slot1 = numberAt(RIGHT, c);
    const slot2 = numberAt(RIGHT, other);
    const left1 = numberAt(LEFT, c);
    const left2 = numberAt(LEFT, other);
    if (left1 !== row1 || left2 !== row2) {
      row1 = left1;
      row2 = left2;
      ra = twoOf(BLOCK_RA, row1 - from, row2 - from);
      dec = twoOf(BLOCK_DEC, row1 - from, row2 - from);
      cos = cosDec(dec);
    }
    const right1 = numberAt(slotRows, max(0, slot1));
    const right2 = numberAt(slotRows, max(0, slot2));
    store<i32>(RIGHT + ((<usize>c) << 2), select(right1, slot1, slot1 >= 0));
    store<i32>(RIGHT + ((<usize>other) << 2), select(right2, slot2, slot2 >= 0));
    const dec2 = twoOf(rightDec, right1, right2);
    const up = halfSquared(f64x2.sub(dec, dec2));
    const east = halfSquared(f64x2.sub(ra, twoOf(rightRa, right1, right2)));
    const cos2 = hasCosines ? twoOf(cosines, right1, right2) : cosDec(dec2);
    const around = f64x2.mul(f64x2.mul(cos, cos2), sinSquared(east));
    const chords = times(f64x2.add(sinSquared(up), around), 4.0);
    const near = v128.and(f64x2.lt(up, f64x2.splat(NEAR)), f64x2.lt(east, f64x2.splat(NEAR)));
    left = settle(left, c, slot1, f64x2.extract_lane(chords, 0), i64x2.extract_lane(near, 0));
    if (other > c) {
      left = settle(left, other, slot2, f64x2.extract_lane(chords, 1), i64x2.extract_lane(near, 1));
    }
  }
  return left;
}

/** Stores the chord of a candidate, and lists it where it is none of the series. */
function settle(left: i32, c: i32, slot: i32, chord: f64, near: i64): i32 {
  store<f64>(CHORDS + ((<usize>c) << 3), select(chord, -1, slot >= 0));
  store<u16>(DOUBTFUL + ((<usize>left) << 1), <u16>c);
  return left + (<i32>(slot >= 0) & <i32>(near === 0));
}

function numberAt(list: usize, at: i32): i32 {
  return load<i32>(list + ((<usize>at) << 2));
}

/** Two numbers of an array of doubles. */
function twoOf(list: usize, first: i32, second: i32): v128 {
  const both = f64x2.splat(load<f64>(list + ((<usize>first) << 3)));
  return f64x2.replace_lane(both, 1, load<f64>(list + ((<usize>second) << 3)));
}

/** Squares of half of two angles given in degrees, radians². */
function halfSquared(degrees: v128): v128 {
  const x = times(f64x2.abs(times(degrees, 0.5)), RADIANS_PER_DEGREE);
  return f64x2.mul(x, x);
}

/** sin² of angles by their squares q < 1/4096. */
function sinSquared(q: v128): v128 {
  const inner = minus(2.0 / 45.0, times(q, 1.0 / 315.0));
  const middle = minus(1.0 / 3.0, f64x2.mul(q, inner));
  return f64x2.mul(q, minus(1.0, f64x2.mul(q, middle)));
}
