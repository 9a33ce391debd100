/** Entries with their exact chords turned into the answer of a block, in place; see ../entries.ts. */
import { times } from './cosine';
import {
  CHORDS,
  DOUBT,
  DOUBTFUL,
  LEFT,
  NONE,
  RIGHT,
  ROW,
  ROWS,
  SEARCH,
  ZONE,
  ZONE_RADIUS,
} from './layout';
import { write } from './probe';
import { zoneTable } from './shape';

/** Entries of {@link answer} that others have to settle: SEARCH or DOUBT. */
export let unsettled: i32 = 0;

/**
 * Keeps of the first `length` entries those with a squared chord of `most` at most, and puts several of one row in order.
 * Rows whose window is smaller than the radius, `full` units, become one entry SEARCH where they have fewer than `wanted` or
 * some of them may be outside; rows with none an entry NONE, where `every` row has one. Returns how many entries there are.
 *
 * @param from the first left row of the block
 */
export function answer(
  from: i32,
  length: i32,
  wanted: i32,
  most: f64,
  full: f32,
  every: bool,
): i32 {
  let out = 0;
  let others = 0;
  for (let c = 0; c < length; ) {
    const row = load<i32>(LEFT + ((<usize>c) << 2));
    const right = load<i32>(RIGHT + ((<usize>c) << 2));
    let end = c + 1;
    if (wanted > 1) while (end < length && load<i32>(LEFT + ((<usize>end) << 2)) === row) end++;
    let found = 0;
    let kind = right;
    if (right >= 0) {
      const inOrder = wanted === 1 || order(c, end);
      while (c + found < end && load<f64>(CHORDS + ((<usize>(c + found)) << 3)) <= most) found++;
      kind = inOrder ? NONE : DOUBT;
    }
    if (kind === NONE) {
      const radius = radiusOf(row - from);
      const last = CHORDS + ((<usize>(c + found - 1)) << 3);
      if (radius < full && (found < wanted || load<f64>(last) > sureChord(radius))) kind = SEARCH;
    }
    if (kind === NONE && found > 0) {
      move(c, out, found);
      out += found;
    } else if (kind !== NONE || every) {
      write(out, row, kind);
      store<f64>(CHORDS + ((<usize>out) << 3), Number.NaN);
      others += <i32>(kind !== NONE);
      out++;
    }
    c = end;
  }
  unsettled = others;
  return out;
}

/** The radius of the window of a row of the block, units. */
function radiusOf(row: i32): f32 {
  return load<f32>(zoneTable + <usize>load<i32>(ROWS + <usize>row * ROW, 8) * ZONE, ZONE_RADIUS);
}

/** A squared chord that reaches no further than so many units: 4 sin²(x/2) ≥ x² (1 − x²/12), less what rounding costs. */
function sureChord(units: f32): f64 {
  const x = <f64>units * RADIANS_PER_UNIT;
  return x * x * (1.0 - (x * x) / 12.0) * (1.0 - 1e-6);
}

/** Sorts the entries [from, to) by their chords, which they nearly are; false where two are equal. */
function order(from: i32, to: i32): bool {
  for (let i = from + 1; i < to; i++) {
    const chord = load<f64>(CHORDS + ((<usize>i) << 3));
    const right = load<i32>(RIGHT + ((<usize>i) << 2));
    let hole = i;
    for (; hole > from; hole--) {
      const before = load<f64>(CHORDS + ((<usize>(hole - 1)) << 3));
      if (before < chord) break;
      if (before === chord) return false;
      store<f64>(CHORDS + ((<usize>hole) << 3), before);
      store<i32>(RIGHT + ((<usize>hole) << 2), load<i32>(RIGHT + ((<usize>(hole - 1)) << 2)));
    }
    store<f64>(CHORDS + ((<usize>hole) << 3), chord);
    store<i32>(RIGHT + ((<usize>hole) << 2), right);
  }
  return true;
}

function move(from: i32, to: i32, count: i32): void {
  if (from === to) return;
  for (let i = 0; i < count; i++) {
    const c = <usize>(from + i);
    write(to + i, load<i32>(LEFT + (c << 2)), load<i32>(RIGHT + (c << 2)));
    store<f64>(CHORDS + ((<usize>(to + i)) << 3), load<f64>(CHORDS + (c << 3)));
  }
}

const RADIANS_PER_UNIT: f64 = Math.PI / 2147483648.0;
const ARCSEC_PER_RADIAN: f64 = (180.0 * 3600.0) / Math.PI;

/**
 * Turns the squared chords of entries into distances in arcsec, bit for bit those of partitioning/sphere.ts. Those too far for
 * its power series are left to it, and listed; returns how many.
 */
export function toArcsec(length: i32): i32 {
  let far = 0;
  for (let c: usize = 0, end = <usize>length; c < end; c += 2) {
    const chords = v128.load(CHORDS + (c << 3));
    const q = times(chords, 0.25);
    let terms = f64x2.add(f64x2.splat(5.0 / 112.0), times(q, 35.0 / 1152.0));
    terms = f64x2.add(f64x2.splat(3.0 / 40.0), f64x2.mul(q, terms));
    terms = f64x2.add(f64x2.splat(1.0 / 6.0), f64x2.mul(q, terms));
    terms = f64x2.mul(q, terms);
    const root = f64x2.sqrt(chords);
    const near = times(f64x2.add(root, f64x2.mul(root, terms)), ARCSEC_PER_RADIAN);
    const isFar = f64x2.ge(chords, f64x2.splat(1.0 / 1024.0));
    v128.store(CHORDS + (c << 3), v128.bitselect(chords, near, isFar));
    const mask = i64x2.bitmask(isFar);
    store<u16>(DOUBTFUL + ((<usize>far) << 1), <u16>c);
    far += mask & 1;
    store<u16>(DOUBTFUL + ((<usize>far) << 1), <u16>(c + 1));
    far += (mask >> 1) & <i32>(c + 1 < end);
  }
  return far;
}
