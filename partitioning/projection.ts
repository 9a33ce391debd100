/** From NESTED pixels to positions: centres, corners, boundaries and sizes. */
import { collectBits, facetCellOf, facetOf, wordsOf } from './facet.ts';
import type { Pixel } from './pixel.ts';
import { EDGE_STRETCH, type Position, positionAt } from './plane.ts';
import { angularDistance } from './sphere.ts';

/** Positions in degrees, one per row. */
export interface Positions {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
}

/** Corners of a pixel in the order south, east, north, west. */
export type Corners = readonly [Position, Position, Position, Position];

/** Points per edge at which {@link circumradius} measures. */
const CIRCUMRADIUS_STEPS = 32;

/** Centre of a pixel in degrees, order 0–29, ra in [0, 360). */
export function pixelCentre(order: number, pixel: bigint | number): Position {
  const { facet, x, y } = facetCellOf(order, pixel);
  const side = 2 ** order;
  return positionAt(facet, (x + 0.5) / side, (y + 0.5) / side);
}

/** Centres of many pixels of one order, 0–29; the numbers must exist at that order. */
export function pixelCentres(order: number, pixels: BigInt64Array): Positions {
  const words = wordsOf(pixels);
  const rows = pixels.length;
  const side = 2 ** order;
  const mask = side - 1;
  const ra = new Float64Array(rows);
  const dec = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    const low = words[2 * r]!;
    const high = words[2 * r + 1]!;
    const x = (collectBits(low) | (collectBits(high) << 16)) & mask;
    const y = (collectBits(low >>> 1) | (collectBits(high >>> 1) << 16)) & mask;
    const centre = positionAt(facetOf(order, low, high), (x + 0.5) / side, (y + 0.5) / side);
    ra[r] = centre.ra;
    dec[r] = centre.dec;
  }
  return { ra, dec };
}

/**
 * Corners of a pixel in degrees: south, east, north, west. A corner at a pole has the ra of the central
 * meridian of the base facet.
 */
export function pixelCorners(order: number, pixel: bigint | number): Corners {
  const { facet, x, y } = facetCellOf(order, pixel);
  const side = 2 ** order;
  const at = (i: number, j: number) => positionAt(facet, (x + i) / side, (y + j) / side);
  return [at(0, 0), at(1, 0), at(1, 1), at(0, 1)];
}

/**
 * 4·step points of a pixel's boundary in degrees, evenly spaced in the plane: from the south corner through
 * the east, north and west corners, each corner once.
 */
export function pixelBoundary(order: number, pixel: bigint | number, step: number): Positions {
  if (!Number.isInteger(step) || step < 1) {
    throw new RangeError(`a boundary needs a whole number of points per edge, not ${step}`);
  }
  const { facet, x, y } = facetCellOf(order, pixel);
  const side = 2 ** order;
  const ra = new Float64Array(4 * step);
  const dec = new Float64Array(4 * step);
  for (let k = 0; k < 4 * step; k++) {
    const { i, j } = boundaryPoint(k / step);
    const point = positionAt(facet, (x + i) / side, (y + j) / side);
    ra[k] = point.ra;
    dec[k] = point.dec;
  }
  return { ra, dec };
}

/** The point at t of the way around the unit square, one edge per unit: S at 0, E at 1, N at 2, W at 3. */
export function boundaryPoint(t: number): { i: number; j: number } {
  if (t <= 1) return { i: t, j: 0 };
  if (t <= 2) return { i: 1, j: t - 1 };
  if (t <= 3) return { i: 3 - t, j: 1 };
  return { i: 0, j: 4 - t };
}

/**
 * An upper bound of the angle in radians between the centre of a pixel and any of its points, at most 4 % above
 * the largest one. The furthest point lies on the boundary. Between two measured points of it, at angles d and e
 * from the centre, an arc of length w gets no further than (d + e + w)/2.
 */
export function circumradius(p: Pixel): number {
  const centre = pixelCentre(p.order, p.pixel);
  const { ra, dec } = pixelBoundary(p.order, p.pixel, CIRCUMRADIUS_STEPS);
  const points = ra.length;
  const arc = EDGE_STRETCH / (CIRCUMRADIUS_STEPS * 2 ** p.order);
  let previous = angularDistance(centre.ra, centre.dec, ra[points - 1]!, dec[points - 1]!);
  let furthest = 0;
  for (let k = 0; k < points; k++) {
    const distance = angularDistance(centre.ra, centre.dec, ra[k]!, dec[k]!);
    furthest = Math.max(furthest, 0.5 * (previous + distance + arc));
    previous = distance;
  }
  // The margin covers the rounding of the distances.
  return furthest * (1 + 1e-12) + 1e-15;
}
