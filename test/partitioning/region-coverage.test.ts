import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOrder, regionCoverage } from '../../partitioning/coverage.ts';
import { pixelCentre } from '../../partitioning/projection.ts';
import {
  degrade,
  fromPixels,
  fullSky,
  isEmpty,
  mocFromJson,
  rangesToText,
  skyFraction,
  subtract,
  toPixels,
} from '../../partitioning/ranges.ts';
import { checkRegion, type Region } from '../../partitioning/region.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import golden from '../fixtures/moc/regions.json' with { type: 'json' };
import { offset, somePixel, somePosition, someStar } from './random-sky.ts';
import { holds, type Position } from './rows-inside.ts';

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
