/**
 * Angles as 32-bit integers, for the grid and its filter. A full turn is 2³² units of 0.3 mas, so that
 * differences of right ascension wrap by themselves. The filter only has to keep every true neighbour:
 * half-widths are rounded up and padded by what truncation can cost, and the exact test comes after it.
 */
import { cosDec } from './separation.ts';

export const UNITS_PER_DEGREE = 2 ** 32 / 360;

/** Half a turn. */
export const HALF_TURN = 2 ** 31;

/**
 * Units added to half-widths: truncating two coordinates costs less than 2; rounding of the coordinates and
 * of the exact test costs less than 1e-4.
 */
const PAD_UNITS = 3;

/** Windows at least this wide, in degrees, are taken as the whole circle. */
const WIDE_DEGREES = 89;

/** Units of a right ascension east of `refRa`, which lies in [0, 360), as a signed integer. */
export function raUnits(ra: number, refRa: number): number {
  let offset = ra - refRa;
  // Whole turns fall away with the upper bits; only of very large angles too many digits are lost before.
  if (offset > 1e6 || offset < -1e6) offset = (ra % 360) - refRa;
  return (offset * (2 ** 32 / 360)) | 0;
}

/** Units of a declination, a signed integer. */
export function decUnits(dec: number): number {
  return (dec * (2 ** 32 / 360)) | 0;
}

/**
 * Largest difference in declination, in units, of two positions `radius` degrees apart or less; Infinity
 * where that is no limit, or where the exact test loses the digits that the padding stands for.
 */
export function decHalfWidth(radius: number): number {
  return radius < WIDE_DEGREES
    ? Math.ceil(radius * UNITS_PER_DEGREE) + PAD_UNITS
    : Number.POSITIVE_INFINITY;
}

/**
 * Largest difference in right ascension, in units, between a position at declination `dec` and one within
 * `radius` degrees of it: asin(sin radius / cos dec), or Infinity where the circle reaches a pole.
 */
export function raHalfWidth(radius: number, dec: number): number {
  // 1e-9° outdoes every rounding in the positions; the relative 1e-9 those in this formula.
  const padded = radius + 1e-9;
  if (padded + Math.abs(dec) >= 90) return Number.POSITIVE_INFINITY;
  const sine = Math.sin(padded * (Math.PI / 180)) / cosDec(dec);
  const reach = Math.asin(Math.min(1, sine * (1 + 1e-9))) * (180 / Math.PI);
  if (reach >= WIDE_DEGREES) return Number.POSITIVE_INFINITY;
  return Math.ceil(reach * UNITS_PER_DEGREE) + PAD_UNITS;
}
