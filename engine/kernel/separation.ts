/**
 * The distance between two positions, as the squared chord between them. It is a function of the two
 * positions alone, made of additions and multiplications only: the same bits however a catalog is cut, on
 * every machine, and in both directions.
 *
 * The haversine form (Sinnott 1984, Sky & Telescope 68, 159) starts from differences of coordinates, which
 * are exact for close pairs. So a distance of 0.01″ is right to 1e-15 of itself, where the difference of two
 * unit vectors would leave 1e-9; and close pairs need two cosines instead of eight sines and cosines.
 */

import { cosSmall, sinSmall } from '../../partitioning/sine.ts';

/** Cosine of a declination in degrees, |dec| ≤ 90; right in every digit next to the poles too. */
export function cosDec(dec: number): number {
  const size = Math.abs(dec);
  return size <= 45 ? cosSmall(size * (Math.PI / 180)) : sinSmall((90 - size) * (Math.PI / 180));
}

/**
 * Squared chord, in [0, 4], between two positions in degrees, each with the {@link cosDec} of its declination;
 * any finite right ascension.
 */
export function chordSquaredBetween(
  ra: number,
  dec: number,
  cos: number,
  ra2: number,
  dec2: number,
  cos2: number,
): number {
  const difference = ra - ra2;
  const turn = difference >= -180 && difference <= 180 ? difference : shortestTurn(ra, ra2);
  const c2 = 4 * (sinHalfSquared(dec - dec2) + cos * cos2 * sinHalfSquared(turn));
  return c2 < 4 ? c2 : 4;
}

/** sin²(x/2) of x degrees, |x| ≤ 180. */
export function sinHalfSquared(degrees: number): number {
  const half = Math.abs(0.5 * degrees);
  const x = half * (Math.PI / 180);
  const q = x * x;
  // The power series; the first omitted term, 2q⁵/14175, is below 6e-19 of the sum.
  if (q < 1 / 4096) return q * (1 - q * (1 / 3 - q * (2 / 45 - q * (1 / 315))));
  const sine = half <= 45 ? sinSmall(x) : cosSmall((90 - half) * (Math.PI / 180));
  return sine * sine;
}

/** ra − ra2 in [-180, 180], exact where both are close to each other on the circle. */
function shortestTurn(ra: number, ra2: number): number {
  const a = signed(ra);
  const b = signed(ra2);
  const difference = a - b;
  if (difference > 180) return a - (b + 360);
  return difference < -180 ? a + 360 - b : difference;
}

/** The same right ascension in [-180, 180], exactly. */
function signed(ra: number): number {
  const rest = ra % 360;
  if (rest > 180) return rest - 360;
  return rest < -180 ? rest + 360 : rest;
}
