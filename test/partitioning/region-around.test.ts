import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minWidthRadians, ringOrderFor } from '../../partitioning/border.ts';
import {
  coverageAmongPartitions,
  dilate,
  pixelCoverageWithin,
} from '../../partitioning/coverage.ts';
import { indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { circumradius, pixelBoundary, pixelCentre } from '../../partitioning/projection.ts';
import {
  containsIndex,
  emptyRanges,
  fromPixels,
  fullSky,
  isEmpty,
  skyFraction,
  subtract,
} from '../../partitioning/ranges.ts';
import { ARCSEC_PER_RADIAN, angularDistance } from '../../partitioning/sphere.ts';
import { offset, somePixel, somePosition } from './random-sky.ts';
import { holds, type Position } from './rows-inside.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const direction = fc.double({ min: 0, max: 360, noNaN: true });

/** A point of a pixel: on its border where `inwards` is 0, at its centre where it is 1. */
function pointOf(p: Pixel, around: number, inwards: number): Position {
  const { ra, dec } = pixelBoundary(p.order, p.pixel, 16);
  const at = Math.floor(around * 63.999);
  const centre = pixelCentre(p.order, p.pixel);
  if (inwards === 0) return [ra[at]!, dec[at]!];
  const turn = ((((centre.ra - ra[at]!) % 360) + 540) % 360) - 180;
  return [ra[at]! + inwards * turn, dec[at]! + inwards * (centre.dec - dec[at]!)];
}

describe('the sky around', () => {
  const reach = fc.oneof(
    fc.integer({ min: -3, max: 6 }).map((power) => 0.7 * 10 ** power),
    fc.double({ min: 0.1, max: 5, noNaN: true }),
    // As wide as the cells of some order, to the last digit.
    fc
      .tuple(fc.integer({ min: 2, max: 26 }), fc.constantFrom(1, 1 - 1e-12, 0.9))
      .map(([order, share]) => share * minWidthRadians(order) * ARCSEC_PER_RADIAN),
  );
  const share = fc.oneof(fc.constant(1), unit);
  const places = fc.array(fc.tuple(unit, fc.constantFrom(0, 0, 0.2), direction, share), {
    minLength: 1,
    maxLength: 10,
  });

  test('a pixel holds all points in reach of its points', () => {
    fc.assert(
      fc.property(
        somePixel(24),
        reach,
        fc.option(fc.integer({ min: 0, max: 6 })),
        places,
        (p, r, deeper, near) => {
          const finest = deeper === null ? undefined : p.order + deeper;
          const set = pixelCoverageWithin(p, r, finest);
          for (const [around, inwards, way, share] of near) {
            const point = pointOf(p, around, inwards);
            const angle = Math.min(180, (share * r) / 3600);
            expect(holds(set, offset(point, way, angle))).toBe(true);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a pixel is surrounded as the narrowest cells need it', () => {
    fc.assert(
      fc.property(somePixel(18), fc.integer({ min: 0, max: 6 }), places, (p, deeper, near) => {
        const r = minWidthRadians(p.order + deeper) * ARCSEC_PER_RADIAN * (1 - 1e-9);
        const set = pixelCoverageWithin(p, r);
        for (const [around, , way] of near) {
          const point = pointOf(p, around, 0);
          for (let k = 0; k < 8; k++) {
            expect(holds(set, offset(point, way + 45 * k, r / 3600))).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a pixel holds nothing far from it', () => {
    fc.assert(
      fc.property(somePixel(10), reach, fc.array(somePosition), places, (p, r, far, near) => {
        const set = pixelCoverageWithin(p, r);
        const centre = pixelCentre(p.order, p.pixel);
        const size = circumradius(p) * ARCSEC_PER_RADIAN;
        // One cell of the ring, or of the circle's border, beyond the reach.
        const most =
          size +
          1.3 * r +
          (r > size / 3 ? 2 * size : 3600 * 60 * 2 ** -Math.min(p.order + 8, ringOrderFor(r)) * 3);
        const around = near.map(([, , way, share]) =>
          offset([centre.ra, centre.dec], way, Math.min(180, (share * 3 * most) / 3600)),
        );
        for (const [ra, dec] of [...around, ...far]) {
          const apart = angularDistance(centre.ra, centre.dec, ra, dec) * ARCSEC_PER_RADIAN;
          if (apart > most) expect(holds(set, [ra, dec])).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a coverage holds all points in reach of its points', () => {
    const pixels = fc.array(somePixel(12), { minLength: 1, maxLength: 8 });
    const order = fc.option(fc.integer({ min: 0, max: 14 }), { nil: undefined });
    fc.assert(
      fc.property(pixels, reach, order, places, (some, r, at, near) => {
        const set = dilate(fromPixels(some), r, at);
        expect(isEmpty(subtract(fromPixels(some), set))).toBe(true);
        for (const p of some) {
          for (const [around, inwards, way, share] of near) {
            const point = pointOf(p, around, inwards);
            expect(holds(set, offset(point, way, Math.min(180, (share * r) / 3600)))).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a region, as far as partitions are told apart by it, holds all points in reach of its points', () => {
    const deepest = fc.integer({ min: 0, max: 12 });
    const width = fc.integer({ min: 0, max: 6 }).map((power) => 0.7 * 10 ** power);
    fc.assert(
      fc.property(somePosition, width, reach, deepest, places, ([ra, dec], size, r, at, near) => {
        const radiusArcsec = Math.min(size, 179 * 3600);
        const set = coverageAmongPartitions({ kind: 'cone', ra, dec, radiusArcsec }, r, at);
        for (const [around, , way, share] of near) {
          const point = offset([ra, dec], 360 * around, (radiusArcsec * (1 - 1e-9)) / 3600);
          expect(holds(set, offset(point, way, Math.min(180, (share * r) / 3600)))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a small region touches the partition that it lies in, and no other', () => {
    const { ra, dec } = pixelCentre(6, 1234);
    const region = { kind: 'cone', ra, dec, radiusArcsec: 600 } as const;
    const set = coverageAmongPartitions(region, 10, 6);
    expect(isEmpty(subtract(set, fromPixels([{ order: 6, pixel: 1234 }])))).toBe(true);
  });

  test('a coverage grows by about a cell, not more', () => {
    const p = { order: 6, pixel: 1234 };
    const grown = dilate(fromPixels([p]), 10);
    // Cells of the finest order at least 10″ wide: 13, of which 516 lie around the pixel's 16,384.
    expect(skyFraction(grown) * 12 * 4 ** 13).toBe(16_384 + 516);
    expect(dilate(emptyRanges, 10)).toEqual(emptyRanges);
    expect(dilate(fullSky, 1e6)).toEqual(fullSky);
    expect(dilate(fromPixels([p]), 648_000)).toEqual(fullSky);
  });

  test('many small pieces are grown without asking for the moon', () => {
    const scattered = Array.from({ length: 3000 }, (_, i) => ({ order: 9, pixel: 7 + i * 1009 }));
    const grown = dilate(fromPixels(scattered), 0.01);
    for (const p of scattered.slice(0, 200)) {
      const { start } = indexRange(p);
      expect(containsIndex(grown, start)).toBe(true);
      expect(holds(grown, offset(pointOf(p, 0.9, 0), 77, 0.01 / 3600))).toBe(true);
    }
    expect(skyFraction(grown)).toBeLessThan(2.5 * skyFraction(fromPixels(scattered)));
  });

  test.each([-1, Number.NaN])('refuses a reach of %d', (arcsec) => {
    expect(() => pixelCoverageWithin({ order: 1, pixel: 1 }, arcsec)).toThrow(RangeError);
    expect(() => dilate(fullSky, arcsec)).toThrow(RangeError);
  });
});
