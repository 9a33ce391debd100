/** Boxes between two right ascensions and two declinations. */
import { classifyByBorder, type RowFilter, type Shape } from './shape.ts';
import { DEGREES_PER_RADIAN, RADIANS_PER_DEGREE, wrapRa } from './sphere.ts';
import { angleBetween, unitVector, type Vector } from './vector.ts';

/**
 * Degrees. Right ascension runs eastward from the first to the second value, over 0 when the first is the
 * greater; all of it when both are the same after wrapping. The border belongs to the box.
 */
export interface Box {
  readonly ra: readonly [from: number, to: number];
  readonly dec: readonly [from: number, to: number];
}

/** The rules about right ascension, applied once. `width` is above 0, and 360 for the full circle. */
export function raSpan({ ra }: Box): { west: number; east: number; width: number } {
  const west = wrapRa(ra[0]);
  const east = wrapRa(ra[1]);
  return { west, east, width: east > west ? east - west : east - west + 360 };
}

export function boxShape(box: Box): Shape {
  const { west: from, east: to, width } = raSpan(box);
  const [south, north] = box.dec;
  const sides = width === 360 ? [] : [from, to].map((ra) => meridian(ra, south, north));
  // A pole is a point, not a border: the parallel there has no length.
  const parallels = [south, north]
    .filter((dec) => Math.abs(dec) < 90)
    .map((dec) => ({ dec, west: unitVector(from, dec), east: unitVector(to, dec) }));
  return {
    classify(cap) {
      const between = wrapRa(cap.ra - from) <= width;
      let distance = Number.POSITIVE_INFINITY;
      for (const { dec, west, east } of parallels) {
        // Along a parallel the distance grows with the difference in right ascension.
        const away = between
          ? Math.abs(cap.dec - dec) * RADIANS_PER_DEGREE
          : Math.min(angleBetween(west, cap.centre), angleBetween(east, cap.centre));
        distance = Math.min(distance, away);
      }
      for (const side of sides) distance = Math.min(distance, distanceToMeridian(side, cap.centre));
      const inside = between && cap.dec >= south && cap.dec <= north;
      return classifyByBorder(distance, inside, cap);
    },
  };
}

/** A stretch of a meridian. */
function meridian(ra: number, south: number, north: number) {
  const [cos, sin] = unitVector(ra, 0);
  return { cos, sin, south, north, ends: [unitVector(ra, south), unitVector(ra, north)] as const };
}

function distanceToMeridian(side: ReturnType<typeof meridian>, p: Vector): number {
  const [x, y, z] = p;
  const foot = Math.atan2(z, x * side.cos + y * side.sin) * DEGREES_PER_RADIAN;
  if (foot >= side.south && foot <= side.north) {
    return Math.asin(Math.min(1, Math.abs(y * side.cos - x * side.sin)));
  }
  return Math.min(angleBetween(side.ends[0], p), angleBetween(side.ends[1], p));
}

/** Area in steradians and border in radians. */
export function boxSize(box: Box): { area: number; border: number } {
  const { width } = raSpan(box);
  const [south, north] = box.dec.map((dec) => dec * RADIANS_PER_DEGREE) as [number, number];
  const turn = width * RADIANS_PER_DEGREE;
  const sides = width === 360 ? 0 : 2 * (north - south);
  return {
    area: turn * (Math.sin(north) - Math.sin(south)),
    border: turn * (Math.cos(north) + Math.cos(south)) + sides,
  };
}

/** Keeps rows inside the box, border included, by comparing coordinates: at a pole, too, ra counts. */
export function boxFilter(box: Box, ra: Float64Array, dec: Float64Array): RowFilter {
  const { west: from, east: to } = raSpan(box);
  const [south, north] = box.dec;
  const whole = from === to;
  const overZero = from > to;
  return (rows, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const d = dec[row]!;
      // False for NaN, which wrapRa would take for 0.
      if (!(d >= south && d <= north && Math.abs(ra[row]!) < Number.POSITIVE_INFINITY)) continue;
      const a = wrapRa(ra[row]!);
      if (whole || (overZero ? a >= from || a <= to : a >= from && a <= to)) rows[kept++] = row;
    }
    return kept;
  };
}
