/**
 * Distances on the flat map around a left row, four right rows at a time: how far away a row is, but for what truncated
 * coordinates and the map itself can cost (../flat-map.ts). That tells
 * the nearest of the candidates nearly always, so that the exact chords of the others need not be computed.
 */

import { SLOT, ZONE_CENTRE, ZONE_COSINE, ZONE_SLOPE } from './layout';
import { slots } from './shape';

/** Units by which a distance of truncated coordinates may differ from the true one: 2 √(1 + c²), rounded up, where
 * the cosine c of the map is hardly above 1. */
export const TRUNCATED: f32 = 3;

/** Right rows beyond the end of a run are infinitely far away. */
export const FAR: v128 = f32x4.splat(<f32>Number.POSITIVE_INFINITY);

/** The cosine for left row and right rows of one declination. */
export function cosineOf(row: usize, zone: usize): v128 {
  const above = <f32>(load<i32>(row) - load<i32>(zone, ZONE_CENTRE));
  return f32x4.splat(load<f32>(zone, ZONE_COSINE) + load<f32>(zone, ZONE_SLOPE) * above);
}

/** Half of the slope of the cosine: what right rows further up change it by. */
export function halfSlopeOf(zone: usize): v128 {
  return f32x4.splat(<f32>0.5 * load<f32>(zone, ZONE_SLOPE));
}

/** Squared distances, in units, of the four slots from `slot` on; `after` is the end of their run. */
export function squaresOf(
  slot: i32,
  after: v128,
  d: v128,
  u: v128,
  cos: v128,
  halfSlope: v128,
): v128 {
  const at = slots + <usize>slot * SLOT;
  const two = v128.load(at);
  const more = v128.load(at, 16);
  const up = f32x4.convert_i32x4_s(i32x4.sub(v128.shuffle<i32>(two, more, 0, 2, 4, 6), d));
  const along = f32x4.convert_i32x4_s(i32x4.sub(v128.shuffle<i32>(two, more, 1, 3, 5, 7), u));
  const east = f32x4.mul(along, f32x4.add(cos, f32x4.mul(halfSlope, up)));
  const squares = f32x4.add(f32x4.mul(up, up), f32x4.mul(east, east));
  return v128.bitselect(squares, FAR, i32x4.lt_s(numbersFrom(slot), after));
}

/** Four numbers in a row. */
export function numbersFrom(slot: i32): v128 {
  return i32x4.add(i32x4.splat(slot), i32x4(0, 1, 2, 3));
}

/** The square of a distance of `units`, up to which a row may be within `radius` units. */
export function outerSquare(radius: f32, error: f32): f32 {
  const distance = radius * (1 + error) + TRUNCATED;
  return min(f32.MAX_VALUE, distance * distance);
}

/** The square of a distance below which a row surely is within `radius` units. */
export function innerSquare(radius: f32, error: f32): f32 {
  const distance = max<f32>(0, radius * (1 - error) - TRUNCATED);
  return distance * distance;
}

/** Rows further away than this square are surely further than one with square `nearer`. */
export function nextSquare(nearer: f32, error: f32): f32 {
  const distance = (sqrt(nearer) + TRUNCATED) * (1 + <f32>1.5 * error) + TRUNCATED;
  return min(f32.MAX_VALUE, distance * distance);
}
