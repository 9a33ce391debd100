/**
 * The map on which the compiled loops measure first (assembly/flat.ts): declination upwards, right ascension times one
 * cosine to the east. With differences δ and α of two positions, true is
 *
 *     chord² = 4 sin²(δ/2) + 4 cos δ₁ cos δ₂ sin²(α/2)   (separation.ts)
 *
 * and x² (1 − x²/12) ≤ 4 sin²(x/2) ≤ x². So it differs from δ² + cos² α² by what cosines differ from the one for a zone, and by
 * twelfths of squares.
 */
import { UNITS_PER_DEGREE } from './fixed-point.ts';
import { cosDec } from './separation.ts';

const RADIANS = Math.PI / 180;

/** Degrees: what truncated coordinates may be further apart, rounded up. */
const TRUNCATED = 4 / UNITS_PER_DEGREE;

/** Single precision rounds some ten times, each by less than 6e-8 of a square; the rest is for the sums made of it. */
const ROUNDING = 3e-6;

/** Beyond this the sums that loops make of the error are no bounds any more. */
const MOST_ERROR = 0.5;

/**
 * The cosine for left rows between two declinations, degrees, and the rows around them whose distance on the map is up to
 * half as much again as `radius`; and the `error` ε of it: d² (1 − ε) ≤ chord² ≤ d² (1 + ε), where d is the distance on the map that exact
 * coordinates give. Infinity where that says nothing.
 */
export function flatMap(low: number, high: number, radius: number): { cos: number; error: number } {
  const around = 2.5 * radius + TRUNCATED;
  const south = Math.max(-90, low - around);
  const north = Math.min(90, high + around);
  const ends = [cosDec(south), cosDec(north)];
  const least = Math.min(...ends);
  const most = south <= 0 && north >= 0 ? 1 : Math.max(...ends);
  const cos = Math.sqrt(least * most);
  const reach = 1.5 * radius + TRUNCATED;
  const curvature = ((reach * RADIANS) ** 2 * (1 + 1 / (cos * cos))) / 12;
  const error = most / least - 1 + curvature + ROUNDING;
  return { cos, error: error <= MOST_ERROR ? error : Number.POSITIVE_INFINITY };
}
