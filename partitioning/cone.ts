/** Circles on the sky. */
import { type ConeTable, coneTable, haversine } from './cone-table.ts';
import { inBlocks } from './in-blocks.ts';
import { classifyByBorder, type RowFilter, type Shape } from './shape.ts';
import { cosDegrees } from './sine.ts';
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
  const isInside = (a: number, d: number) => {
    const climb = Math.abs(d - centreDec);
    // False for NaN, which wrapRa would take for 0.
    if (!(Math.abs(a) < Number.POSITIVE_INFINITY && climb <= 180)) return false;
    if (climb > band) return wide;
    const turn = Math.abs(wrapRa(a) - centreRa);
    const hav = haversine(climb) + cosCentre * cosDegrees(d) * haversine(turn);
    return wide ? hav >= limit : hav <= limit;
  };
  return (rows, count) => {
    if (!wide && count >= LEAST_ROWS) {
      const table = coneTable(centreDec, radius);
      return keepSettled(table, { centreRa, ra, dec, isInside }, rows, count);
    }
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (isInside(ra[row]!, dec[row]!)) rows[kept++] = row;
    }
    return kept;
  };
}

/** Below so many rows making a table costs more than testing them. */
const LEAST_ROWS = 4096;

interface ConeTest {
  readonly centreRa: number;
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  /** The exact test. */
  readonly isInside: (ra: number, dec: number) => boolean;
}

/** The same rows as by the exact test alone, which is asked about the doubtful ones. */
function keepSettled(table: ConeTable, test: ConeTest, rows: Int32Array, count: number): number {
  let kept = 0;
  inBlocks(count, (from, to) => {
    kept = keepBlock(table, test, rows, from, to, kept);
  });
  return kept;
}

function keepBlock(
  { south, scale, inner, outer }: ConeTable,
  { centreRa, ra, dec, isInside }: ConeTest,
  rows: Int32Array,
  from: number,
  to: number,
  keptBefore: number,
): number {
  const none = inner.length - 1;
  let kept = keptBefore;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const d = dec[row]!;
    const a = ra[row]!;
    let turn = Math.abs(a - centreRa);
    if (turn > 180) turn = 360 - turn;
    const place = (d - south) * scale;
    const bin = place >= 0 && place < none ? place | 0 : none;
    // Of right ascensions more than a turn away, and of none at all, the table says nothing.
    const isKnown = turn >= 0;
    if (isKnown && turn > outer[bin]!) continue;
    if ((isKnown && turn <= inner[bin]!) || isInside(a, d)) rows[kept++] = row;
  }
  return kept;
}
