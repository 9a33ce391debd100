/**
 * The map on which the compiled loops measure first (assembly/flat.ts): declination upwards, right ascension times the cosine
 * half-way between the two declinations to the east. With differences δ and α of two positions, true is
 *
 *     chord² = 4 sin²(δ/2) + 4 cos δ₁ cos δ₂ sin²(α/2)   (separation.ts)
 *
 * and cos δ₁ cos δ₂ = cos² ((δ₁ + δ₂)/2) − sin² (δ/2), and x² (1 − x²/12) ≤ 4 sin²(x/2) ≤ x². So on the map distances are right but for
 * squares of small angles. Its cosines come from a straight line for a whole zone, which is right but for such squares too.
 */
import { UNITS_PER_DEGREE } from './fixed-point.ts';
import { cosDec } from './separation.ts';

const RADIANS = Math.PI / 180;

/** Degrees: what truncated coordinates may be further apart, rounded up. */
const TRUNCATED = 4 / UNITS_PER_DEGREE;

/** Degrees: what the window of a row is padded by, and its units. */
const PADDED = 12 / UNITS_PER_DEGREE;

/** Single precision rounds some fifteen times, each by less than 6e-8 of a square; the rest is for the sums made of it. */
const ROUNDING = 3e-6;

/** Beyond this the sums that loops make of the error are no bounds any more. */
const MOST_ERROR = 0.5;

export interface FlatMap {
  /** Declination, degrees, its cosine, and the slope of the cosine, radians⁻¹. */
  readonly centre: number;
  readonly cos: number;
  readonly slope: number;
  readonly error: number;
}

/**
 * The map for left rows between two declinations, degrees, and the rows around them whose distance on it is up to half as much again
 * as `radius`; and the `error` ε of it: d² (1 − ε) ≤ chord² ≤ d² (1 + ε), where d is the distance on the map that exact
 * coordinates give. Infinity where that says nothing.
 */
export function flatMap(low: number, high: number, radius: number): FlatMap {
  const centre = Math.max(-90, Math.min(90, (low + high) / 2));
  const reach = (1.5 * radius + TRUNCATED) * RADIANS;
  // Left rows stand up to a radius beyond the zone where their window begins, and rows around them half as much again.
  const around = 2.5 * radius + PADDED;
  const south = Math.max(-90, low - around);
  const north = Math.min(90, high + around);
  const least = Math.min(cosDec(south), cosDec(north));
  const line = (Math.max(north - centre, centre - south) * RADIANS) ** 2 / (2 * least);
  const cosines = 2.5 * line + reach ** 2 / (4 * least * least);
  const truncated = (2 * TRUNCATED * RADIANS) / least;
  const curvature = (reach ** 2 * (1 + 4 / (least * least))) / 12;
  const error = cosines + truncated + curvature + ROUNDING;
  return {
    ...{ centre, cos: cosDec(centre), slope: -Math.sin(centre * RADIANS) },
    error: error <= MOST_ERROR && line <= MOST_ERROR ? error : Number.POSITIVE_INFINITY,
  };
}
