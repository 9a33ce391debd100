/**
 * Squared chords of candidates by their positions, bit for bit those of ../separation.ts: the same additions and
 * multiplications in the same order. Pairs too far apart for its power series are left to it.
 */
import { BLOCK_DEC, BLOCK_RA, CHORDS, DOUBTFUL, LEFT, RIGHT } from './layout';

const RADIANS_PER_DEGREE: f64 = Math.PI / 180.0;
/** Squares of half angles in radians up to which the series is good. */
const NEAR: f64 = 1.0 / 4096.0;
/** Bytes of a slot, and the row in it. */
const SLOT: usize = 12;
const ROW_IN_SLOT: usize = 8;

let slots: usize = 0;
let rightRa: usize = 0;
let rightDec: usize = 0;
let cosines: usize = 0;

/** Where the grid's slots are, and ra, dec and cosines of dec of the right rows. */
export function placeRight(slotsAt: usize, ra: usize, dec: usize, cosinesAt: usize): void {
  slots = slotsAt;
  rightRa = ra;
  rightDec = dec;
  cosines = cosinesAt;
}

/** Cosines of the declinations of the first `rows` right rows. */
export function fillCosines(rows: i32): void {
  for (let at: usize = 0, end = (<usize>rows) << 3; at < end; at += 8) {
    store<f64>(cosines + at, cosDec(load<f64>(rightDec + at)));
  }
}

/**
 * Turns the slots of `length` candidates of a block, whose first row is left row `from`, into right rows, and fills in
 * their squared chords; −1 for a search. Returns how many are left to others, which are listed.
 */
export function testAll(from: i32, length: i32, hasCosines: bool): i32 {
  let left = 0;
  let row = -1;
  let ra: f64 = 0;
  let dec: f64 = 0;
  let cos: f64 = 1;
  for (let c: usize = 0, end = <usize>length; c < end; c++) {
    const slot = load<i32>(RIGHT + (c << 2));
    if (slot < 0) {
      store<f64>(CHORDS + (c << 3), -1);
      continue;
    }
    const leftRow = load<i32>(LEFT + (c << 2));
    if (leftRow !== row) {
      row = leftRow;
      const at = (<usize>(row - from)) << 3;
      ra = load<f64>(BLOCK_RA + at);
      dec = load<f64>(BLOCK_DEC + at);
      cos = cosDec(dec);
    }
    const right = load<i32>(slots + <usize>slot * SLOT, ROW_IN_SLOT);
    store<i32>(RIGHT + (c << 2), right);
    const at = (<usize>right) << 3;
    const dec2 = load<f64>(rightDec + at);
    const up = halfSquared(dec - dec2);
    const east = halfSquared(ra - load<f64>(rightRa + at));
    const cos2 = hasCosines ? load<f64>(cosines + at) : cosDec(dec2);
    store<f64>(CHORDS + (c << 3), 4.0 * (sinSquared(up) + cos * cos2 * sinSquared(east)));
    store<u16>(DOUBTFUL + ((<usize>left) << 1), <u16>c);
    left += <i32>!(up < NEAR && east < NEAR);
  }
  return left;
}

/** Square of half an angle given in degrees, radians². */
function halfSquared(degrees: f64): f64 {
  const x = abs(0.5 * degrees) * RADIANS_PER_DEGREE;
  return x * x;
}

/** sin² of an angle by its square q < 1/4096. */
function sinSquared(q: f64): f64 {
  return q * (1.0 - q * (1.0 / 3.0 - q * (2.0 / 45.0 - q * (1.0 / 315.0))));
}

function cosDec(dec: f64): f64 {
  const size = abs(dec);
  return size <= 45.0
    ? cosSmall(size * RADIANS_PER_DEGREE)
    : sinSmall((90.0 - size) * RADIANS_PER_DEGREE);
}

/** As in partitioning/sine.ts. */
function sinSmall(x: f64): f64 {
  const q = x * x;
  const q2 = q * q;
  const low = -1.0 / 6.0 + q * (1.0 / 120.0) + q2 * (-1.0 / 5040.0 + q * (1.0 / 362880.0));
  const high =
    -1.0 / 39916800.0 +
    q * (1.0 / 6227020800.0) +
    q2 * (-1.0 / 1307674368000.0 + q * (1.0 / 355687428096000.0));
  return x + x * (q * (low + q2 * q2 * high));
}

/** As in partitioning/sine.ts. */
function cosSmall(x: f64): f64 {
  const q = x * x;
  const q2 = q * q;
  const low = 1.0 / 24.0 - q * (1.0 / 720.0) + q2 * (1.0 / 40320.0 - q * (1.0 / 3628800.0));
  const high = 1.0 / 479001600.0 - q * (1.0 / 87178291200.0) + q2 * (1.0 / 20922789888000.0);
  return 1.0 - (0.5 * q - q2 * (low + q2 * q2 * high));
}
