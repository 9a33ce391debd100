import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capOf, radiusBound } from '../../partitioning/pixel-cap.ts';
import { pixelBoundary, pixelCentre } from '../../partitioning/projection.ts';
import { angularDistance } from '../../partitioning/sphere.ts';
import { somePixel } from './random-sky.ts';

/** Largest distance, in radians, of a pixel's centre from many points of its boundary. */
function measured(order: number, pixel: number): number {
  const centre = pixelCentre(order, pixel);
  const { ra, dec } = pixelBoundary(order, pixel, 24);
  let most = 0;
  for (let k = 0; k < ra.length; k++) {
    most = Math.max(most, angularDistance(centre.ra, centre.dec, ra[k]!, dec[k]!));
  }
  return most;
}

/** Whether a pixel has a pole for a corner, or is of order 0. */
function isExtreme(order: number, pixel: number): boolean {
  const { dec } = pixelBoundary(order, pixel, 1);
  return order === 0 || dec.some((d) => Math.abs(d) === 90);
}

test('the circle around every pixel of the first orders holds it, tightly away from the poles', () => {
  for (let order = 0; order <= 4; order++) {
    for (let pixel = 0; pixel < 12 * 4 ** order; pixel++) {
      const ratio = radiusBound({ order, pixel }) / measured(order, pixel);
      expect(ratio).toBeGreaterThan(1 - 1e-12);
      expect([order, pixel, ratio < (isExtreme(order, pixel) ? 1.32 : 1.22)]).toEqual([
        order,
        pixel,
        true,
      ]);
    }
  }
});

test('and around pixels of all orders', () => {
  fc.assert(
    fc.property(somePixel(24), (p) => {
      const most = measured(p.order, p.pixel);
      expect(capOf(p).radius).toBeGreaterThan(most);
      if (!isExtreme(p.order, p.pixel)) expect(radiusBound(p)).toBeLessThan(1.22 * most);
    }),
    { numRuns: 2000 },
  );
});
