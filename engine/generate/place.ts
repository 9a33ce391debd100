/** Pixels as squares of a HEALPix facet, and small steps on the sky. */
import { collectBits, facetOf } from '../../partitioning/facet.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import { type Position, positionAt } from '../../partitioning/plane.ts';
import { cosDegrees, sinDegrees } from '../../partitioning/sine.ts';
import { angularDistance, DEGREES_PER_RADIAN, wrapRa } from '../../partitioning/sphere.ts';

/**
 * A pixel within its facet: lower corner and side in units of the facet's side. The plane keeps areas, so
 * a uniform point of the square is a uniform point of the pixel's sky.
 */
export interface Square {
  readonly facet: number;
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

export function squareOf({ order, pixel }: Pixel): Square {
  // Even bits of the number are x, odd bits y; thousands of pixels are looked at, so without BigInt.
  const low = pixel | 0;
  const high = Math.floor(pixel / 2 ** 32);
  const mask = 2 ** order - 1;
  const side = 2 ** -order;
  return {
    facet: facetOf(order, low, high),
    x: ((collectBits(low) | (collectBits(high) << 16)) & mask) * side,
    y: ((collectBits(low >>> 1) | (collectBits(high >>> 1) << 16)) & mask) * side,
    side,
  };
}

/** Centre of a pixel, degrees. */
export function centreOf(pixel: Pixel): Position {
  const { facet, x, y, side } = squareOf(pixel);
  return positionAt(facet, x + side / 2, y + side / 2);
}

/** Length on the sky of a pixel's side if pixels were square, radians. */
export function sideRadians(order: number): number {
  return Math.sqrt(Math.PI / 3) * 2 ** -order;
}

/**
 * No point of a pixel is farther than this from its centre, radians. The largest distance of a corner,
 * times 2^order, grows from 0.841 at order 0 to 1.06897 at order 24 (measured with healpy's max_pixrad).
 */
export function pixelRadius(order: number): number {
  return 1.08 * 2 ** -order;
}

/** Angle from a position to the centre of a pixel, radians. */
export function distanceToCentre(from: Position, pixel: Pixel): number {
  const centre = centreOf(pixel);
  return angularDistance(from.ra, from.dec, centre.ra, centre.dec);
}

/**
 * The position (degrees) that lies (east, north) radians from another on its tangent plane; right at the
 * poles too. For steps of arcseconds the angle is the step's length to 1e-10.
 */
export function stepOnSky(ra: number, dec: number, east: number, north: number): Position {
  const sin = sinDegrees(dec);
  const cos = cosDegrees(dec);
  const along = cos - north * sin;
  const flat = Math.sqrt(along * along + east * east);
  return {
    ra: wrapRa(ra + Math.atan2(east, along) * DEGREES_PER_RADIAN),
    dec: Math.atan2(sin + north * cos, flat) * DEGREES_PER_RADIAN,
  };
}
