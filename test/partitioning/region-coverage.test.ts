import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ringOrderFor } from '../../partitioning/border.ts';
import {
  coverageOrder,
  dilate,
  pixelCoverageWithin,
  regionCoverage,
} from '../../partitioning/coverage.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { INDEX_ORDER, indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { circumradius, pixelBoundary, pixelCentre } from '../../partitioning/projection.ts';
import {
  containsIndex,
  degrade,
  emptyRanges,
  fromPixels,
  fullSky,
  isEmpty,
  mocFromJson,
  type RangeSet,
  rangesToText,
  skyFraction,
  subtract,
  toPixels,
} from '../../partitioning/ranges.ts';
import { checkRegion, type Region } from '../../partitioning/region.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { ARCSEC_PER_RADIAN, angularDistance } from '../../partitioning/sphere.ts';
import golden from '../fixtures/moc/regions.json' with { type: 'json' };
import { offset, somePixel, somePosition, someStar } from './random-sky.ts';

type Position = readonly [ra: number, dec: number];

function holds(set: RangeSet, [ra, dec]: Position): boolean {
  return containsIndex(set, hashPosition(ra, dec, INDEX_ORDER));
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const direction = fc.double({ min: 0, max: 360, noNaN: true });

describe('against MOCPy', () => {
  test.each(golden)('$name', ({ region, order, inner, outer }) => {
    const coverage = regionCoverage(checkRegion(region as unknown as Region), order);
    expect(toPixels(subtract(mocFromJson(inner), coverage))).toEqual([]);
    expect(toPixels(subtract(coverage, mocFromJson(outer)))).toEqual([]);
    expect(degrade(coverage, order)).toEqual(coverage);
  });
});

const someCone = fc.record({
  kind: fc.constant('cone' as const),
  at: somePosition,
  radiusArcsec: fc.constantFrom(0.01, 1, 60, 3600, 36_000, 200_000, 324_000, 500_000, 648_000),
});
const someBox = fc
  .tuple(somePosition, fc.double({ min: 1e-6, max: 360, noNaN: true }), unit)
  .map(([[ra, dec], width, rise]): Region => {
    const south = Math.min(dec, 89.9);
    const north = Math.min(90, south + Math.max(1e-6, rise * rise * (90 - south)));
    return { kind: 'box', ra: [ra, ra + width], dec: [south, north] };
  });
const someSimple: fc.Arbitrary<Region> = fc.oneof(
  someCone.map(
    ({ kind, at: [ra, dec], radiusArcsec }): Region => ({ kind, ra, dec, radiusArcsec }),
  ),
  someBox,
  someStar.map(({ vertices }): Region => ({ kind: 'polygon', vertices })),
  fc
    .array(somePixel(5), { minLength: 1, maxLength: 6 })
    .map((pixels): Region => ({ kind: 'moc', ranges: rangesToText(fromPixels(pixels)) })),
);
const someRegion: fc.Arbitrary<Region> = fc.oneof(
  { weight: 4, arbitrary: someSimple },
  {
    weight: 1,
    arbitrary: fc
      .array(someSimple, { minLength: 1, maxLength: 3 })
      .map((regions): Region => ({ kind: 'and', regions })),
  },
);

/** Places where a region has rows or nearly so: its corners, its centre, and some way off them. */
function anchors(region: Region): Position[] {
  switch (region.kind) {
    case 'cone':
      return [0, 0.3, 0.999999, 1, 1.000001].flatMap((share) =>
        [0, 45, 160, 270].map((way) =>
          offset([region.ra, region.dec], way, (share * region.radiusArcsec) / 3600),
        ),
      );
    case 'box': {
      const [[west, east], [south, north]] = [region.ra, region.dec];
      return [0, 1e-9, 0.3, 0.8, 1].flatMap((t) => [
        [west + t * (east - west), south] as const,
        [west + t * (east - west), north] as const,
        [west, south + t * (north - south)] as const,
        [east, south + t * (north - south)] as const,
        [west + 0.37 * (east - west), south + t * (north - south)] as const,
      ]);
    }
    case 'polygon':
      return [...region.vertices];
    case 'moc':
      return mocAnchors(region.ranges);
    case 'and':
      return region.regions.flatMap(anchors);
    default:
      return [];
  }
}

function mocAnchors(ranges: readonly string[]): Position[] {
  return ranges.map((text) => {
    const last = 12n * 4n ** 29n - 1n;
    const { ra, dec } = pixelCentre(29, BigInt(text) > last ? last : BigInt(text));
    return [ra, dec];
  });
}

describe('a coverage of a region', () => {
  test('misses no row of it, at any order', () => {
    const step = fc.tuple(
      direction,
      fc.integer({ min: -9, max: 1 }).map((power) => 10 ** power),
    );
    fc.assert(
      fc.property(
        someRegion,
        fc.integer({ min: -3, max: 0 }),
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.array(somePosition, { maxLength: 5 }),
        (region, finer, steps, far) => {
          const order = Math.max(0, Math.min(24, coverageOrder(checkRegion(region)) + finer));
          const coverage = regionCoverage(region, order);
          const near = anchors(region).flatMap((p) => [
            p,
            ...steps.map(([way, distance]) => offset(p, way, distance)),
          ]);
          const positions = [...near, ...far];
          const rows = regionRows(
            region,
            Float64Array.from(positions, ([ra]) => ra),
            Float64Array.from(positions, ([, dec]) => dec),
          );
          for (const row of rows)
            expect([row, holds(coverage, positions[row]!)]).toEqual([row, true]);
          expect(degrade(coverage, order)).toEqual(coverage);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('gets tighter with the order', () => {
    const region: Region = { kind: 'cone', ra: 33, dec: 66, radiusArcsec: 18_000 };
    const exact = Math.sin((2.5 * Math.PI) / 180) ** 2;
    const excess = [4, 6, 8].map((order) => skyFraction(regionCoverage(region, order)) / exact - 1);
    expect(excess.every((share) => share > 0)).toBe(true);
    expect(excess[1]!).toBeLessThan(excess[0]! / 2);
    expect(excess[2]!).toBeLessThan(excess[1]! / 2);
    expect(excess[2]!).toBeLessThan(0.12);
  });

  test('of the whole sky, by any means, is the whole sky', () => {
    const whole: Region[] = [
      { kind: 'cone', ra: 5, dec: -8, radiusArcsec: 648_000 },
      { kind: 'box', ra: [0, 360], dec: [-90, 90] },
      { kind: 'moc', ranges: rangesToText(fullSky) },
      { kind: 'orders', min: 0, max: 3 },
    ];
    for (const region of [...whole, { kind: 'and', regions: whole } satisfies Region]) {
      expect(regionCoverage(region, 3)).toEqual(fullSky);
    }
  });

  test('of parts that are apart is empty', () => {
    const apart: Region = {
      kind: 'and',
      regions: [
        { kind: 'cone', ra: 10, dec: 10, radiusArcsec: 3600 },
        { kind: 'box', ra: [50, 60], dec: [-20, 0] },
      ],
    };
    expect(isEmpty(regionCoverage(apart, 9))).toBe(true);
  });

  test('a box that leaves out a sliver of right ascension is not a sliver', () => {
    const box: Region = { kind: 'box', ra: [1e-20, 0], dec: [-1, 1] };
    expect(holds(regionCoverage(box, 6), [180, 0])).toBe(true);
  });
});

describe('the order chosen for a region', () => {
  test.each<[string, Region, number, number]>([
    ['a degree', { kind: 'cone', ra: 1, dec: 2, radiusArcsec: 3600 }, 100, 10_000],
    ['an arcsecond', { kind: 'cone', ra: 1, dec: 2, radiusArcsec: 1 }, 100, 10_000],
    ['half the sky', { kind: 'cone', ra: 1, dec: 2, radiusArcsec: 324_000 }, 100, 10_000],
    ['a long strip', { kind: 'box', ra: [0, 360], dec: [0, 1e-3] }, 100, 10_000],
    ['a milliarcsecond', { kind: 'cone', ra: 1, dec: 2, radiusArcsec: 1e-3 }, 1, 20],
    [
      'a small part of a large one',
      {
        kind: 'and',
        regions: [
          { kind: 'box', ra: [0, 90], dec: [-30, 30] },
          { kind: 'pixels', pixels: [{ order: 24, pixel: 12345 }] },
          { kind: 'cone', ra: 45, dec: 0, radiusArcsec: 36_000 },
          { kind: 'orders', min: 0, max: 9 },
        ],
      },
      0,
      10_000,
    ],
  ])('%s', (_, region, least, most) => {
    const order = coverageOrder(region);
    const size = skyFraction(degrade(regionCoverage(region, order), order)) * 12 * 4 ** order;
    expect(size).toBeGreaterThanOrEqual(least);
    expect(size).toBeLessThanOrEqual(most);
  });

  test('is the exact one for a MOC', () => {
    for (const pixel of [
      { order: 0, pixel: 3 },
      { order: 7, pixel: 5 },
      { order: 24, pixel: 9 },
    ]) {
      expect(coverageOrder({ kind: 'pixels', pixels: [pixel] })).toBe(pixel.order);
    }
    const single: Region = { kind: 'moc', ranges: ['4', '5'] };
    expect(coverageOrder(single)).toBe(29);
    expect(rangesToText(regionCoverage(single, 29))).toEqual(['4', '5']);
  });
});

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
  );
  const places = fc.array(fc.tuple(unit, fc.constantFrom(0, 0, 0.2), direction, unit), {
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
    expect(skyFraction(grown)).toBeLessThan(1.3 * skyFraction(fromPixels(scattered)));
  });

  test.each([-1, Number.NaN])('refuses a reach of %d', (arcsec) => {
    expect(() => pixelCoverageWithin({ order: 1, pixel: 1 }, arcsec)).toThrow(RangeError);
    expect(() => dilate(fullSky, arcsec)).toThrow(RangeError);
  });
});
