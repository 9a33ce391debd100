/** How many rows of a catalog lie before each place of the NESTED curve, after the true sky's density. */
import type { ConeCover } from './cone.ts';
import { SKY_DENSITY_BASE64 } from './sky-density.ts';

/** Order of the density table. */
export const DENSITY_ORDER = 5;
const PIXELS = 12 * 4 ** DENSITY_ORDER;

/** Gaia DR3 sources of each order-5 pixel, in hundreds. */
export function skyDensity(): Float64Array {
  const bytes = Buffer.from(SKY_DENSITY_BASE64, 'base64');
  return Float64Array.from({ length: PIXELS }, (_, i) => bytes.readUInt16LE(2 * i));
}

/**
 * Running row counts (real numbers) before each order-5 pixel and, last, after all: exactly `rows`. The rows
 * between two entries are the difference of their floors, so any cut of the sky adds up exactly.
 * `coverage` is the share of each pixel that the catalog covers.
 */
export function runningRows(rows: number, coverage: Float64Array): Float64Array {
  const weights = skyDensity().map((sources, i) => sources * coverage[i]!);
  const before = new Float64Array(PIXELS + 1);
  for (let i = 0; i < PIXELS; i++) before[i + 1] = before[i]! + weights[i]!;
  const total = before[PIXELS]!;
  // At the end x/x is exactly 1, also in the empty pixels that follow the last row.
  return before.map((sum) => rows * (sum / total));
}

/** Share of each order-5 pixel inside the cone; all of it without one. */
export function skyCoverage(cone: ConeCover | undefined): Float64Array {
  if (cone === undefined) return new Float64Array(PIXELS).fill(1);
  return Float64Array.from({ length: PIXELS }, (_, i) =>
    cone.coverage({ order: DENSITY_ORDER, pixel: i }),
  );
}
