/** The nearest of a few candidates, in order. */
import { CHORDS, NEAREST_CHORDS, NEAREST_ROWS, RIGHT, SOME_CHORDS, SOME_ROWS } from './layout';

/**
 * Writes those of the candidates [from, to) of a row, at most 64, with above < chord ≤ most to NEAREST, the nearest first,
 * at most `wanted`; returns how many. −1 where two of them are equally far away.
 *
 * The place of each is the number of nearer ones: a sort would have the processor guess at every comparison.
 */
export function nearest(from: i32, to: i32, wanted: i32, above: f64, most: f64): i32 {
  let some: usize = 0;
  for (let c = <usize>from; c < <usize>to; c++) {
    const chord = load<f64>(CHORDS + (c << 3));
    store<f64>(SOME_CHORDS + (some << 3), chord);
    store<i32>(SOME_ROWS + (some << 2), load<i32>(RIGHT + (c << 2)));
    some += <usize>(chord > above && chord <= most);
  }
  // They are compared two by two.
  store<f64>(SOME_CHORDS + (some << 3), f64.MAX_VALUE);
  const end = SOME_CHORDS + (some << 3);
  for (let i: usize = 0; i < some; i++) {
    const chord = load<f64>(SOME_CHORDS + (i << 3));
    const both = f64x2.splat(chord);
    let nearer = i64x2.splat(0);
    let equal = i64x2.splat(0);
    for (let at = SOME_CHORDS; at < end; at += 16) {
      const two = v128.load(at);
      nearer = i64x2.sub(nearer, f64x2.lt(two, both));
      equal = i64x2.sub(equal, f64x2.eq(two, both));
    }
    const place = <i32>(i64x2.extract_lane(nearer, 0) + i64x2.extract_lane(nearer, 1));
    if (place >= wanted) continue;
    if (i64x2.extract_lane(equal, 0) + i64x2.extract_lane(equal, 1) !== 1) return -1;
    store<f64>(NEAREST_CHORDS + ((<usize>place) << 3), chord);
    store<i32>(NEAREST_ROWS + ((<usize>place) << 2), load<i32>(SOME_ROWS + (i << 2)));
  }
  return min(wanted, <i32>some);
}
