/** What the search for a coverage asks of a region's geometry. */
import type { Pixel } from './pixel.ts';
import type { Vector } from './vector.ts';

/** A pixel and a circle on the sky that holds all of it. */
export interface Cap {
  readonly pixel: Pixel;
  /** Centre, degrees. */
  readonly ra: number;
  readonly dec: number;
  /** Centre, unit vector. */
  readonly centre: Vector;
  /** Radius in radians, rounding included. */
  readonly radius: number;
}

export type Containment = 'inside' | 'outside' | 'mixed';

/** A region that pixels can be compared with. */
export interface Shape {
  /** `inside` and `outside` are certain for the whole pixel; `mixed` may be anything. */
  classify(cap: Cap): Containment;
}

/**
 * The rows out of `rows[0..count)` that lie inside a region, moved to the front of `rows` in their order;
 * gives their number. Filters run one after the other over the same array.
 */
export type RowFilter = (rows: Int32Array, count: number) => number;

/** Compares a cap with a region by how far its centre is from the region's border and on which side. */
export function classifyByBorder(distance: number, inside: boolean, cap: Cap): Containment {
  if (distance <= cap.radius) return 'mixed';
  return inside ? 'inside' : 'outside';
}
