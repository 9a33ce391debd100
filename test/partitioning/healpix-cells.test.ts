import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nestedOf } from '../../partitioning/facet.ts';
import { hashPosition, hashPositions } from '../../partitioning/healpix.ts';
import { EDGE_STRETCH, positionAt } from '../../partitioning/plane.ts';
import {
  circumradius,
  pixelBoundary,
  pixelCentre,
  pixelCentres,
  pixelCorners,
} from '../../partitioning/projection.ts';
import {
  nestedToRing,
  nestedToRingPixel,
  ringToNested,
  ringToNestedPixel,
} from '../../partitioning/ring.ts';
import { angularDistance } from '../../partitioning/sphere.ts';
import {
  type CellsFixture,
  checksum,
  oddPixels,
  type Pair,
  readFixture,
  seededNumbers,
} from './healpix-fixture.ts';

const { cells, ringChecksums } = readFixture<CellsFixture>('cells.json');
const orders = Array.from({ length: 30 }, (_, order) => order);

/** Radians: the libraries round differently by some 1e-16, and use less exact formulas near the poles. */
const ROUNDING = 2e-15;

function expectNear(found: { ra: number; dec: number }, [ra, dec]: Pair, cell: string): void {
  expect(angularDistance(found.ra, found.dec, ra, dec), cell).toBeLessThan(ROUNDING);
  expect(found.ra).toBeGreaterThanOrEqual(0);
  expect(found.ra).toBeLessThan(360);
}

describe('cells of all orders, as healpy and cdshealpix have them', () => {
  test('centres, corners and boundaries', () => {
    expect(new Set(cells.map((cell) => cell.order)).size).toBe(30);
    for (const { order, pixel, centre, corners, boundary } of cells) {
      const name = `${order}/${pixel}`;
      expectNear(pixelCentre(order, BigInt(pixel)), centre, name);
      pixelCorners(order, BigInt(pixel)).forEach((corner, k) => {
        expectNear(corner, corners[k]!, `${name} corner ${k}`);
      });
      const { ra, dec } = pixelBoundary(order, BigInt(pixel), 3);
      expect(ra.length).toBe(12);
      boundary.forEach((pair, k) => {
        expectNear({ ra: ra[k]!, dec: dec[k]! }, pair, `${name} boundary ${k}`);
      });
    }
  });

  test('RING numbers', () => {
    for (const { order, pixel, ring } of cells) {
      expect(nestedToRingPixel(order, BigInt(pixel))).toBe(BigInt(ring));
      expect(ringToNestedPixel(order, BigInt(ring))).toBe(BigInt(pixel));
    }
  });

  test('RING numbers of whole maps, and back', () => {
    ringChecksums.forEach((expected, order) => {
      const nested = Int32Array.from({ length: 12 * 4 ** order }, (_, k) => k);
      const ring = nestedToRing(order, nested);
      expect(checksum(BigInt64Array.from(ring, BigInt)), `order ${order}`).toBe(expected);
      expect(ringToNested(order, ring)).toEqual(nested);
    });
    expect(ringChecksums.length).toBe(9);
  });
});

test('a centre hashes to its own pixel at every order', () => {
  const random = seededNumbers(11);
  for (const order of orders) {
    const pixels = BigInt64Array.from(oddPixels(order, 500, random));
    const { ra, dec } = pixelCentres(order, pixels);
    expect(hashPositions(ra, dec, order)).toEqual(pixels);
    expect(pixelCentre(order, pixels[7]!)).toEqual({ ra: ra[7], dec: dec[7] });
  }
});

test('a point of a facet projects and comes back, down to the poles', () => {
  const shares = fc.oneof(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.double({ min: 0, max: 40, noNaN: true }).map((e) => 1 - 2 ** -e),
    fc.double({ min: 1, max: 40, noNaN: true }).map((e) => 2 ** -e),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 11 }), shares, shares, (facet, x, y) => {
      const { ra, dec } = positionAt(facet, x, y);
      // The cell of order 20 that holds the point: its edges are 1e-6 wide, its inside is settled.
      const side = 2 ** 20;
      const cell = [Math.floor(x * side), Math.floor(y * side)] as const;
      const inside = [x * side - cell[0], y * side - cell[1]];
      fc.pre(inside.every((part) => part > 1e-8 && part < 1 - 1e-8));
      expect(hashPosition(ra, dec, 20)).toBe(nestedOf(20, facet, ...cell));
    }),
    { numRuns: 2000 },
  );
});

test('RING numbers there and back at all orders', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 29 }),
      fc.bigInt({ min: 0n, max: 12n * 4n ** 29n - 1n }),
      (order, wide) => {
        const pixel = wide >> BigInt(2 * (29 - order));
        expect(nestedToRingPixel(order, ringToNestedPixel(order, pixel))).toBe(pixel);
        // Where rings begin and end, at both rims of the caps and at the poles.
        const side = 2n ** BigInt(order);
        for (const edge of [2n * side * (side - 1n), 2n * side * (side + 1n), 12n * side * side]) {
          for (const ring of [edge - 1n, edge, 12n * side * side - edge]) {
            if (ring < 0n || ring >= 12n * side * side) continue;
            expect(nestedToRingPixel(order, ringToNestedPixel(order, ring))).toBe(ring);
          }
        }
      },
    ),
  );
});

describe('circumradius', () => {
  test('bounds the distance of every point, closely', () => {
    const random = seededNumbers(12);
    for (let order = 0; order <= 24; order++) {
      for (const pixel of oddPixels(order, 10, random)) {
        const centre = pixelCentre(order, pixel);
        const bound = circumradius({ order, pixel: Number(pixel) });
        const { ra, dec } = pixelBoundary(order, pixel, 61);
        let furthest = 0;
        for (let k = 0; k < ra.length; k++) {
          furthest = Math.max(furthest, angularDistance(centre.ra, centre.dec, ra[k]!, dec[k]!));
        }
        expect(furthest, `${order}/${pixel}`).toBeLessThanOrEqual(bound);
        expect(bound, `${order}/${pixel}`).toBeLessThan(1.04 * furthest + 1e-14);
      }
    }
  }, 20_000);

  test('lines of constant x or y are no longer than their stretch allows', () => {
    const random = seededNumbers(13);
    let longest = 0;
    for (let k = 0; k < 100_000; k++) {
      const facet = Math.floor(random() * 12);
      const x = random();
      const y = k % 2 === 0 ? random() : 1 - random() * 1e-3;
      const step = 1e-5 * (1 - x);
      const a = positionAt(facet, x, y);
      const b = positionAt(facet, x + step, y);
      longest = Math.max(longest, angularDistance(a.ra, a.dec, b.ra, b.dec) / step);
    }
    expect(longest).toBeLessThan(EDGE_STRETCH * (1 + 1e-6));
    expect(longest).toBeGreaterThan(EDGE_STRETCH * 0.98);
  });
});

test('refuses cells that do not exist', () => {
  expect(() => pixelCentre(3, 12 * 64)).toThrow(RangeError);
  expect(() => pixelCentre(30, 0)).toThrow(RangeError);
  expect(() => pixelCorners(0, -1n)).toThrow(RangeError);
  expect(() => pixelBoundary(0, 0, 0)).toThrow(RangeError);
  expect(() => ringToNestedPixel(2, 192n)).toThrow(RangeError);
  expect(() => nestedToRing(14, new Int32Array(1))).toThrow(RangeError);
});
