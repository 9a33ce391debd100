/**
 * Which rows surely lie inside a cone, or surely outside, told by one look-up per row: declination alone fixes how far
 * from the centre's meridian a cone reaches, and a table of that, narrowed to what holds in all of a bin of declination,
 * settles nearly all rows. The others are left for the exact formula.
 */
import { cosDegrees, sinDegrees } from './sine.ts';

/** Declinations are those of the rows; half widths in degrees of right ascension. */
export interface ConeTable {
  /** Declination where the first bin begins, degrees, and bins per degree. */
  readonly south: number;
  readonly scale: number;
  /** Half width that all declinations of a bin have; negative where there is none. One more entry, for no bin. */
  readonly inner: Float64Array;
  /** Half width that none of them exceeds. */
  readonly outer: Float64Array;
}

const BINS = 1024;
/** Rounding of positions and of this table, many times over: degrees, and a share of the width. */
const ROUNDING = 1e-9;
const ROUNDING_SHARE = 1e-6;
/** Half widths below this, degrees, and declinations beyond this lose too many digits to say that a row is inside. */
const LEAST_WIDTH = 1e-3;
const LAST_DEC = 89.99;

/**
 * The table of a cone of at most 90°.
 * hav(radius) = hav(Δdec) + cos(dec) cos(centre) hav(Δra), solved for Δra; as a function of dec it rises to where a
 * meridian touches the circle, at sin(dec) = sin(centre) / cos(radius), and falls.
 */
export function coneTable(centreDec: number, radius: number): ConeTable {
  const south = Math.max(-90, centreDec - radius);
  const north = Math.min(90, centreDec + radius);
  const limit = haversine(radius);
  const cosCentre = cosDegrees(centreDec);
  const widthAt = (dec: number) => {
    // At a pole the product is 0, of either sign.
    const product = Math.abs(cosCentre * cosDegrees(dec));
    const square = (limit - haversine(dec - centreDec)) / product;
    if (!(square > 0)) return 0;
    return square >= 1 ? 180 : (2 * Math.asin(Math.sqrt(square)) * 180) / Math.PI;
  };
  const touch = (Math.asin(sinDegrees(centreDec) / cosDegrees(radius)) * 180) / Math.PI;
  const inner = new Float64Array(BINS + 1).fill(-1);
  const outer = new Float64Array(BINS + 1).fill(360);
  for (let k = 0; k < BINS; k++) {
    const from = south + ((north - south) * k) / BINS;
    const to = south + ((north - south) * (k + 1)) / BINS;
    // Near a pole nothing is settled; at the cone's own ends there is nothing but rounding, divided by the cosines.
    if (from < -LAST_DEC || to > LAST_DEC) continue;
    const [a, b] = [widthAt(from), widthAt(to)];
    const least = Math.min(a, b);
    const isTouched = touch >= from - ROUNDING && touch <= to + ROUNDING;
    const most = Math.max(a, b, isTouched ? widthAt(touch) : 0);
    if (least >= LEAST_WIDTH && k > 0 && k < BINS - 1)
      inner[k] = least * (1 - ROUNDING_SHARE) - ROUNDING;
    outer[k] = most * (1 + ROUNDING_SHARE) + ROUNDING;
  }
  return { south, scale: BINS / (north - south), inner, outer };
}

/** sin²(a/2) of an angle in degrees. */
export function haversine(degrees: number): number {
  const sine = sinDegrees(degrees / 2);
  return sine * sine;
}
