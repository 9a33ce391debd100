/**
 * The HEALPix plane: equal-area projection of the sphere onto twelve unit squares, the base facets
 * (Górski et al. 2005, ApJ 622, 759; Calabretta & Roukema 2007, MNRAS 381, 865).
 *
 * Facets 0–3 touch the north pole, 4–7 lie on the equator, 8–11 touch the south pole. A point of a facet
 * is (x, y) in [0, 1]²: x grows from its south corner to the east, y to the west, so that its corners are
 * S (0, 0), E (1, 0), N (1, 1), W (0, 1). In the plane, `across` = x − y counts 45° of right ascension
 * from the facet's central meridian, and `up` = x + y its height above its south corner.
 */
import { sinSmall } from './sine.ts';
import { DEGREES_PER_RADIAN, RADIANS_PER_DEGREE, wrapRa } from './sphere.ts';

/** A position in degrees. */
export interface Position {
  readonly ra: number;
  readonly dec: number;
}

/** Facet and coordinates of consecutive rows, filled by {@link projectRows}. */
export interface PlaneRows {
  readonly facet: Uint8Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Rows that loops project at a time: the buffers stay in the fastest cache. */
export const BLOCK_ROWS = 512;

/** Latitude asin(2/3) in radians, where the equatorial zone meets the polar caps. */
const TRANSITION = Math.asin(2 / 3);
const SQRT_6 = Math.sqrt(6);
const QUARTER_TURN = Math.PI / 2;
/** π/2 less its double: what `Math.PI / 2` lacks. */
const QUARTER_TURN_REST = 6.123233995736766e-17;
const EIGHTHS_PER_RADIAN = 4 / Math.PI;

/*
 * How the projection stretches, per facet coordinate. With z = sin dec, e and n the steps to the east and to
 * the north in radians on the sky:
 *
 * Equatorial zone: d(across) = (4/π) e / cos dec and d(up) = (3/2) cos dec · n, so
 *   |dx|, |dy| ≤ ½ √((16/π²)/c + (9/4) c) · θ with c = cos² dec in [5/9, 1]; that is convex in c, and larger
 *   at c = 5/9 than at 1: L = ½ √(144/(5π²) + 5/4) = 1.0208.
 *   Along an edge d(across) = ±d(up): θ² = (π²/16 · c + 4/(9c)) dx² ≤ (5π²/144 + 4/5) dx² = 1.143 dx².
 * Polar cap, colatitude p, σ = √6 sin(p/2), C = cos(p/2), t = across/σ in [-1, 1], s the step away from
 *   the pole: dσ = (√6/2) C s, d(up) = ∓dσ, d(across) = (4/π)(√6/2)/C · e + t dσ, so
 *   |dx|, |dy| ≤ ½ √((24/π²)/C² + (3/2)(1 + |t|)² C²) · θ with C² in [5/6, 1] and |t| ≤ 1; that grows with
 *   C², up to the pole: L = ½ √(24/π² + 6) = 1.4519.
 *   Along an edge: θ² = (2/(3C²) + (1 ± t)² C² π²/24) dx² ≤ (2/3 + π²/6) dx² = 2.312 dx², again at the pole.
 */

/** Largest change of x or y per radian of the sky inside the equatorial zone. */
export const EQUATORIAL_STRETCH = 0.5 * Math.sqrt(144 / (5 * Math.PI ** 2) + 5 / 4);

/** Largest change of x or y per radian of the sky anywhere. */
export const POLAR_STRETCH = 0.5 * Math.sqrt(24 / Math.PI ** 2 + 6);

/** Largest length on the sky, in radians, of a line of constant x or y per unit of the other. */
export const EDGE_STRETCH = Math.sqrt(2 / 3 + Math.PI ** 2 / 6);

export function createPlaneRows(rows = BLOCK_ROWS): PlaneRows {
  return { facet: new Uint8Array(rows), x: new Float64Array(rows), y: new Float64Array(rows) };
}

/**
 * Projects the rows [from, to), at most as many as `out` holds, to `out` from its first element on. Degrees;
 * any finite ra; |dec| ≤ 90. Coordinates are right to about 3e-16, and may leave [0, 1] by as much.
 *
 * Equatorial zone: up ∝ 3/2 sin(dec). Polar caps: both coordinates shrink with σ = √(3(1 − |sin dec|)), which
 * loses all its digits near the pole and is therefore computed as √6 sin((90° − |dec|)/2). Degrees become
 * radians in the same steps and roundings as in cdshealpix, with which HATS catalogs are indexed, so that both
 * give the same index also where ra lies on a cell's edge to the last digit. Their sines differ in the last
 * digit once in fifty times: of positions put within a rounding of an edge on purpose, one in 40,000 falls
 * on the other side; of 90 million random ones, one did.
 */
export function projectRows(
  ra: Float64Array,
  dec: Float64Array,
  from: number,
  to: number,
  out: PlaneRows,
): void {
  const { facet, x, y } = out;
  for (let r = from, o = 0; r < to; r++, o++) {
    let degrees = ra[r]!;
    if (!(degrees >= 0 && degrees < 360)) degrees = wrapRa(degrees);
    const eighths = degrees * RADIANS_PER_DEGREE * EIGHTHS_PER_RADIAN;
    const odd = eighths | 0 | 1;
    const quarter = (odd & 7) >> 1;
    let across = eighths - odd;
    let up: number;
    let f: number;
    const latitude = dec[r]! * RADIANS_PER_DEGREE;
    if (latitude > TRANSITION) {
      const half = QUARTER_TURN - (0.5 * latitude + 0.5 * QUARTER_TURN) + QUARTER_TURN_REST;
      const sigma = SQRT_6 * sinSmall(half);
      across *= sigma;
      up = 2 - sigma;
      f = quarter;
    } else if (latitude < -TRANSITION) {
      const half = QUARTER_TURN - (0.5 * QUARTER_TURN - 0.5 * latitude) + QUARTER_TURN_REST;
      const sigma = SQRT_6 * sinSmall(half);
      across *= sigma;
      up = sigma;
      f = quarter + 8;
    } else {
      // The two diagonals of this quarter of the zone cut it into parts of four facets.
      up = 1.5 * sinSmall(latitude);
      if (across > up) {
        if (across >= -up) {
          across -= 1;
          up += 1;
          f = 4 + ((quarter + 1) & 3);
        } else {
          up += 2;
          f = 8 + quarter;
        }
      } else if (across >= -up) {
        f = quarter;
      } else {
        across += 1;
        up += 1;
        f = 4 + quarter;
      }
    }
    facet[o] = f;
    x[o] = 0.5 * (up + across);
    y[o] = 0.5 * (up - across);
  }
}

/**
 * The position of a point of a facet, the inverse of {@link projectRows}; ra in [0, 360). At a pole ra is that
 * of the facet's central meridian. Exact to the last bits near the poles too.
 */
export function positionAt(facet: number, x: number, y: number): Position {
  const up = x + y;
  const across = x - y;
  const zone = facet >> 2;
  const column = zone === 1 ? 2 * (facet & 3) : 2 * (facet & 3) + 1;
  // Height above the equator in [-2, 2]; beyond ±1 lie the polar caps.
  const height = up - zone;
  const sigma = 2 - Math.abs(height);
  if (sigma >= 1) {
    const ra = wrapRa(45 * (column + across));
    return { ra, dec: Math.asin(height / 1.5) * DEGREES_PER_RADIAN };
  }
  const part = sigma > 0 ? Math.max(-1, Math.min(1, across / sigma)) : 0;
  const colatitude = 2 * Math.asin(sigma / SQRT_6) * DEGREES_PER_RADIAN;
  return { ra: wrapRa(45 * (column + part)), dec: Math.sign(height) * (90 - colatitude) };
}
