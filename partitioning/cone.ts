/** Circles on the sky. */
import { classifyByBorder, type RowFilter, type Shape } from './shape.ts';
import { cosDegrees, sinDegrees } from './sine.ts';
import { RADIANS_PER_ARCSEC, wrapRa } from './sphere.ts';
import { angleBetween, unitVector } from './vector.ts';

/** Centre in degrees, radius in arcseconds, 0 < radius ≤ 180°; the border belongs to it. */
export interface Cone {
  readonly ra: number;
  readonly dec: number;
  readonly radiusArcsec: number;
}

export function coneShape({ ra, dec, radiusArcsec }: Cone): Shape {
  const centre = unitVector(ra, dec);
  const radius = radiusArcsec * RADIANS_PER_ARCSEC;
  return {
    classify(cap) {
      const distance = angleBetween(centre, cap.centre);
      return classifyByBorder(Math.abs(distance - radius), distance <= radius, cap);
    },
  };
}

/** Area in steradians and border in radians. */
export function coneSize({ radiusArcsec }: Cone): { area: number; border: number } {
  const radius = radiusArcsec * RADIANS_PER_ARCSEC;
  return { area: 4 * Math.PI * Math.sin(radius / 2) ** 2, border: 2 * Math.PI * Math.sin(radius) };
}

/**
 * Keeps rows whose great-circle distance from the centre is at most the radius, by the haversine formula:
 * hav(d) = hav(Δdec) + cos(dec₁) cos(dec₂) hav(Δra), where hav(a) = sin²(a/2).
 */
export function coneFilter(cone: Cone, ra: Float64Array, dec: Float64Array): RowFilter {
  // hav is flat at 180°, so beyond 90° the distance from the opposite point is compared instead.
  const wide = cone.radiusArcsec > 90 * 3600;
  const centreRa = wrapRa(wide ? cone.ra + 180 : cone.ra);
  const centreDec = wide ? -cone.dec : cone.dec;
  const radius = wide ? 180 - cone.radiusArcsec / 3600 : cone.radiusArcsec / 3600;
  const limit = haversine(radius);
  const cosCentre = cosDegrees(centreDec);
  // Rows further off in declination alone need no trigonometry; the slack only lets a few more through.
  const band = radius * (1 + 1e-12) + 1e-12;
  return (rows, count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const a = ra[row]!;
      const d = dec[row]!;
      const climb = Math.abs(d - centreDec);
      // False for NaN, which wrapRa would take for 0.
      if (!(Math.abs(a) < Number.POSITIVE_INFINITY && climb <= 180)) continue;
      let inside = wide;
      if (climb <= band) {
        const turn = Math.abs(wrapRa(a) - centreRa);
        const hav = haversine(climb) + cosCentre * cosDegrees(d) * haversine(turn);
        inside = wide ? hav >= limit : hav <= limit;
      }
      if (inside) rows[kept++] = row;
    }
    return kept;
  };
}

/** sin²(a/2) of an angle in degrees. */
function haversine(degrees: number): number {
  const sine = sinDegrees(degrees / 2);
  return sine * sine;
}
