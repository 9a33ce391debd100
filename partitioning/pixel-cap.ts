/** A circle around a pixel, found fast: searches for a coverage ask for thousands. */
import { facetCellOf } from './facet.ts';
import type { Pixel } from './pixel.ts';
import { pixelCentre } from './projection.ts';
import type { Cap } from './shape.ts';
import { unitVector } from './vector.ts';

/** Added to a pixel's radius (radians): far more than the rounding of indexes and of distances. */
const SLACK = 1e-12;

/** The circle around a pixel's centre that holds all of it. */
export function capOf(p: Pixel): Cap {
  const { ra, dec } = pixelCentre(p.order, p.pixel);
  return { pixel: p, ra, dec, centre: unitVector(ra, dec), radius: radiusBound(p) + SLACK };
}

/**
 * An upper bound of the angle in radians between the centre of a pixel and its points: tight from order 9 on,
 * at most 22 % too large before, and 31 % for the pixels at a pole. (`circumradius` is within 4 % everywhere,
 * and takes 100 times as long.)
 *
 * The straight line in the plane from the centre to a point has u = |dx + dy| and v = |dx − dy| with
 * u + v ≤ 1/side. Its length on the sky follows from the derivatives in plane.ts. In the equatorial zone, with
 * c = cos² dec, θ² ≤ π²c/16 v² + 4/(9c) u². In a polar cap, with C² = 1 − σ²/6 and t = (x − y)/σ,
 * θ² ≤ 2/(3C²) u² + π²C²/24 (v + |t| u)². Both are convex in u and v, so largest where one of them is 0; of
 * c, C² and t the worst values in the pixel are taken. A pixel in both zones gets the larger bound.
 */
export function radiusBound(p: Pixel): number {
  const { facet, x, y } = facetCellOf(p.order, p.pixel);
  const side = 2 ** p.order;
  // By symmetry as in the northern hemisphere: σ falls from 1 at the edge of the cap to 0 at the pole.
  const south = facet >= 8;
  const x0 = south ? 1 - (x + 1) / side : x / side;
  const y0 = south ? 1 - (y + 1) / side : y / side;
  const x1 = x0 + 1 / side;
  const y1 = y0 + 1 / side;
  const equatorial = facet >= 4 && facet < 8;
  let square = 0;
  if (equatorial || x0 + y0 < 1) {
    // z = 2/3 of the height above the equator, cut off at the edge of the cap.
    const base = equatorial ? 1 : 0;
    square = equatorialSquare(x0 + y0 - base, Math.min(1, x1 + y1 - base));
  }
  if (!equatorial && x1 + y1 > 1) square = Math.max(square, polarSquare(x0, y0, x1, y1));
  return Math.sqrt(square) / side;
}

/** The bound of θ² for u + v = 1 between two heights, in units of the zone's, [−1, 1]. */
function equatorialSquare(low: number, high: number): number {
  const farthest = (4 / 9) * Math.max(low * low, high * high);
  const nearest = low < 0 && high > 0 ? 0 : (4 / 9) * Math.min(low * low, high * high);
  return Math.max((Math.PI ** 2 / 16) * (1 - nearest), 4 / (9 * (1 - farthest)));
}

/** The same in the northern cap. */
function polarSquare(x0: number, y0: number, x1: number, y1: number): number {
  const inner = 2 - x1 - y1;
  const outer = Math.min(1, 2 - x0 - y0);
  // |x − y|/σ grows towards the east and west corners; beyond the cap's edge they only say too much.
  const east = Math.abs(x1 - y0) / (2 - x1 - y0);
  const west = Math.abs(x0 - y1) / (2 - x0 - y1);
  const t = Math.min(1, Math.max(east, west));
  const most = 1 - (inner * inner) / 6;
  const least = 1 - (outer * outer) / 6;
  const across = (Math.PI ** 2 / 24) * most;
  return Math.max(2 / (3 * least) + across * t * t, across);
}
