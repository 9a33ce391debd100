/** Positions as 32-bit units (../fixed-point.ts), and the box around them. */
import { BLOCK_DEC, BLOCK_RA, UNITS } from './layout';

const UNITS_PER_DEGREE: f64 = 4294967296.0 / 360.0;

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

export function decUnits(dec: f64): i32 {
  return truncated(dec * UNITS_PER_DEGREE);
}

export function raUnits(ra: f64): i32 {
  return truncated((ra - refRa) * UNITS_PER_DEGREE);
}

/** Of the block: the largest right ascension, as a size, degrees. */
export let mostTurned: f64 = 0;

export function lookOver(count: i32): void {
  let turned: f64 = 0;
  for (let i: usize = 0, end = (<usize>count) << 3; i < end; i += 8) {
    turned = max(turned, abs(load<f64>(BLOCK_RA + i)));
  }
  mostTurned = turned;
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
