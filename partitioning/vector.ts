/** Unit vectors one at a time, for planning; rows go through {@link unitVectors} in whole arrays. */
import { unitVectors } from './sphere.ts';

export type Vector = readonly [x: number, y: number, z: number];

/** Degrees in; the same bits as {@link unitVectors} gives a row. */
export function unitVector(ra: number, dec: number): Vector {
  const x = new Float64Array(1);
  const y = new Float64Array(1);
  const z = new Float64Array(1);
  unitVectors(Float64Array.of(ra), Float64Array.of(dec), 0, 1, x, y, z);
  return [x[0]!, y[0]!, z[0]!];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function plus(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function norm(a: Vector): number {
  return Math.hypot(a[0], a[1], a[2]);
}

/** A vector of the same direction and length 1; `a` must not be zero. */
export function normalised(a: Vector): Vector {
  const scale = 1 / norm(a);
  return [a[0] * scale, a[1] * scale, a[2] * scale];
}

/** Angle between unit vectors, radians; accurate from 0 to π, where acos and asin are not. */
export function angleBetween(a: Vector, b: Vector): number {
  return 2 * Math.atan2(norm(minus(a, b)), norm(plus(a, b)));
}

/**
 * Sine of the height of `p` above the great circle from `a` to `b`, positive on its left. Formed from
 * differences, which are exact for neighbours: the error stays near 1e-16 however short the edge is,
 * where the plain determinant a × b · p loses all digits.
 */
export function heightAbove(a: Vector, b: Vector, p: Vector): number {
  const edge = minus(b, a);
  return dot(a, cross(edge, minus(p, a))) / norm(cross(a, edge));
}

/** Distance in radians from `p` to the shorter great-circle arc from `a` to `b` (a ≠ ±b). */
export function distanceToArc(a: Vector, b: Vector, p: Vector): number {
  const normal = cross(a, minus(b, a));
  // Between the planes through the ends, upright on the arc, the foot point lies on the arc.
  const beside = dot(cross(normal, a), p) >= 0 && dot(cross(b, normal), p) >= 0;
  if (!beside) return Math.min(angleBetween(a, p), angleBetween(b, p));
  return Math.asin(Math.min(1, Math.abs(heightAbove(a, b, p))));
}
