/** Positions on the unit sphere: degrees in, unit vectors, chords and distances out. */
import { cosDegrees, cosSmall, sinDegrees, sinSmall } from './sine.ts';

export const RADIANS_PER_DEGREE = Math.PI / 180;
export const DEGREES_PER_RADIAN = 180 / Math.PI;
export const ARCSEC_PER_DEGREE = 3600;
export const ARCSEC_PER_RADIAN = (180 * 3600) / Math.PI;
export const RADIANS_PER_ARCSEC = Math.PI / (180 * 3600);

/** The same right ascension in [0, 360); any finite angle. */
export function wrapRa(ra: number): number {
  // `+ 0` turns −0 into 0.
  if (ra >= 0 && ra < 360) return ra + 0;
  const rest = ra % 360;
  // A tiny negative rest rounds up to 360 itself.
  const wrapped = rest < 0 ? rest + 360 : rest;
  return wrapped >= 360 ? 0 : wrapped + 0;
}

/**
 * Unit vectors of the rows [from, to) into the same rows of x, y, z; positions in degrees, any finite ra,
 * |dec| ≤ 90. Each vector is a function of that row's two numbers alone, right to about 1e-16.
 *
 * Angles are first reduced by whole right angles in degrees, which is exact: positions that differ by full
 * turns give the same bits, and ra = 90 or dec = ±90 give components that are exactly 0 and ±1.
 */
export function unitVectors(
  ra: Float64Array,
  dec: Float64Array,
  from: number,
  to: number,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
): void {
  for (let r = from; r < to; r++) {
    let a = ra[r]!;
    if (!(a > -360 && a < 720)) a %= 360;
    const quarters = ((a * (1 / 90) + 4.5) | 0) - 4;
    const p = (a - 90 * quarters) * RADIANS_PER_DEGREE;
    const sinP = sinSmall(p);
    const cosP = cosSmall(p);
    let cosRa = cosP;
    let sinRa = sinP;
    if ((quarters & 1) !== 0) {
      cosRa = -sinP;
      sinRa = cosP;
    }
    if ((quarters & 2) !== 0) {
      cosRa = -cosRa;
      sinRa = -sinRa;
    }
    const d = dec[r]!;
    let cosDec: number;
    let sinDec: number;
    if (d > 45) {
      const q = (90 - d) * RADIANS_PER_DEGREE;
      cosDec = sinSmall(q);
      sinDec = cosSmall(q);
    } else if (d < -45) {
      const q = (90 + d) * RADIANS_PER_DEGREE;
      cosDec = sinSmall(q);
      sinDec = -cosSmall(q);
    } else {
      const q = d * RADIANS_PER_DEGREE;
      cosDec = cosSmall(q);
      sinDec = sinSmall(q);
    }
    x[r] = cosDec * cosRa;
    y[r] = cosDec * sinRa;
    z[r] = sinDec;
  }
}

/** Squared length of the chord between two unit vectors, in [0, 4]. */
export function chordSquared(
  x1: number,
  y1: number,
  z1: number,
  x2: number,
  y2: number,
  z2: number,
): number {
  const dx = x1 - x2;
  const dy = y1 - y2;
  const dz = z1 - z2;
  return dx * dx + dy * dy + dz * dz;
}

/** The angle in arcseconds between two unit vectors whose chord, squared, is `c2`. */
export function arcsecFromChordSquared(c2: number): number {
  if (c2 < 1 / 1024) {
    // The power series of the arc sine; the first omitted term is below 2e-20 of the sum.
    const q = 0.25 * c2;
    const terms = q * (1 / 6 + q * (3 / 40 + q * (5 / 112 + q * (35 / 1152))));
    return (Math.sqrt(c2) + Math.sqrt(c2) * terms) * ARCSEC_PER_RADIAN;
  }
  const half = 0.5 * Math.sqrt(c2);
  return 2 * Math.asin(Math.min(1, half)) * ARCSEC_PER_RADIAN;
}

/** The squared chord of an angle in arcseconds; angles of 180° and more give 4. */
export function chordSquaredFromArcsec(arcsec: number): number {
  if (arcsec >= 180 * ARCSEC_PER_DEGREE) return 4;
  const chord = 2 * sinDegrees(arcsec / (2 * ARCSEC_PER_DEGREE));
  return chord * chord;
}

/**
 * Angle in radians between two positions in degrees; any finite ra. With h = sin²(d/2), the haversine
 * formula, and 1 − h computed by the same formula for the antipode, so that nothing cancels for tiny
 * angles or for angles near 180°.
 */
export function angularDistance(ra1: number, dec1: number, ra2: number, dec2: number): number {
  // Each ra is brought near 0 on its own, exactly, before the difference can round.
  const halfRa = 0.5 * (signedRa(ra1) - signedRa(ra2));
  const cosines = cosDegrees(dec1) * cosDegrees(dec2);
  const sinRa = sinDegrees(halfRa);
  const cosRa = cosDegrees(halfRa);
  const sinDifference = sinDegrees(0.5 * (dec1 - dec2));
  const sinSum = sinDegrees(0.5 * (dec1 + dec2));
  const near = sinDifference * sinDifference + cosines * sinRa * sinRa;
  const far = sinSum * sinSum + cosines * cosRa * cosRa;
  return 2 * Math.atan2(Math.sqrt(near), Math.sqrt(far));
}

/** {@link angularDistance} in degrees. */
export function haversineDegrees(ra1: number, dec1: number, ra2: number, dec2: number): number {
  return angularDistance(ra1, dec1, ra2, dec2) * DEGREES_PER_RADIAN;
}

/** The same right ascension in [-180, 180], exactly. */
function signedRa(ra: number): number {
  const rest = ra % 360;
  if (rest > 180) return rest - 360;
  return rest < -180 ? rest + 360 : rest;
}
