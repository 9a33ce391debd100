import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DIRECTIONS,
  externalRing,
  innerRing,
  NO_NEIGHBOUR,
  neighbours,
} from '../../partitioning/neighbours.ts';
import { containsPixel } from '../../partitioning/pixel.ts';
import {
  type CellsFixture,
  checksum,
  oddPixels,
  type RingsFixture,
  readFixture,
  seededNumbers,
} from './healpix-fixture.ts';
import { somePixel } from './random-sky.ts';

const { cells } = readFixture<CellsFixture>('cells.json');
const { rings } = readFixture<RingsFixture>('rings.json');

test('neighbours of cells of all orders, as healpy and cdshealpix have them', () => {
  for (const cell of cells) {
    const found = neighbours(cell.order, BigInt(cell.pixel));
    expect(Array.from(found, String), `${cell.order}/${cell.pixel}`).toEqual(cell.neighbours);
  }
});

test('external rings as cdshealpix has them', () => {
  expect(rings.length).toBeGreaterThan(900);
  for (const [order, pixel, fineOrder, count, expected] of rings) {
    const ring = externalRing({ order, pixel: Number(pixel) }, fineOrder);
    expect(ring.length, `${order}/${pixel} at ${fineOrder}`).toBe(count);
    expect(checksum(ring), `${order}/${pixel} at ${fineOrder}`).toBe(expected);
  }
});

test('the rings of the HATS margin tests', () => {
  const ring = externalRing({ order: 2, pixel: 2 }, 4);
  expect(Array.from(ring, Number)).toEqual([
    10, 11, 14, 15, 26, 48, 50, 56, 58, 128, 129, 132, 133, 144, 1119, 1141, 1143, 1149, 1151, 1237,
  ]);
  expect(externalRing({ order: 2, pixel: 5 }, 4).length).toBe(19);
  expect(externalRing({ order: 1, pixel: 35 }, 3).length).toBe(20);
});

test('a neighbour of a cell has that cell as its neighbour', () => {
  const random = seededNumbers(21);
  for (let order = 0; order < 30; order++) {
    for (const pixel of oddPixels(order, 30, random)) {
      const around = neighbours(order, pixel).filter((n) => n !== NO_NEIGHBOUR);
      expect(new Set(around).size).toBe(around.length);
      for (const n of around) expect(neighbours(order, n)).toContain(pixel);
    }
  }
});

test('24 cells of an order have seven neighbours, all others eight; at order 0 all have six', () => {
  for (let order = 0; order <= 4; order++) {
    const missing = new Map<number, number>();
    for (let pixel = 0; pixel < 12 * 4 ** order; pixel++) {
      const lacks = neighbours(order, BigInt(pixel)).filter((n) => n === NO_NEIGHBOUR).length;
      missing.set(lacks, (missing.get(lacks) ?? 0) + 1);
    }
    if (order === 0) expect([...missing]).toEqual([[2, 12]]);
    else
      expect(missing).toEqual(
        new Map([
          [1, 24],
          [0, 12 * 4 ** order - 24],
        ]),
      );
  }
  expect(DIRECTIONS.length).toBe(8);
});

test('rings against their definition, cell by cell', () => {
  fc.assert(
    fc.property(somePixel(5), fc.integer({ min: 0, max: 4 }), (p, finer) => {
      const fine = p.order + finer;
      const cellsInside = Array.from({ length: 4 ** finer }, (_, k) => p.pixel * 4 ** finer + k);
      const inner = new Set<number>();
      const outer = new Set<number>();
      for (const cell of cellsInside) {
        for (const n of neighbours(fine, BigInt(cell))) {
          if (n === NO_NEIGHBOUR || containsPixel(p, { order: fine, pixel: Number(n) })) continue;
          outer.add(Number(n));
          inner.add(cell);
        }
      }
      const sorted = (set: Set<number>) => [...set].sort((a, b) => a - b);
      expect(Array.from(externalRing(p, fine), Number)).toEqual(sorted(outer));
      expect(Array.from(innerRing(p, fine), Number)).toEqual(sorted(inner));
    }),
    { numRuns: 300 },
  );
});

test('a ring at order 29 around a small pixel', () => {
  const ring = externalRing({ order: 24, pixel: 12 * 4 ** 24 - 1 }, 29);
  expect(ring.length).toBe(4 * 32 + 4);
  for (let k = 1; k < ring.length; k++) expect(ring[k]! > ring[k - 1]!).toBe(true);
});

test('refuses rings of cells coarser than the pixel', () => {
  expect(() => externalRing({ order: 3, pixel: 1 }, 2)).toThrow(RangeError);
  expect(() => innerRing({ order: 3, pixel: 1 }, 30)).toThrow(RangeError);
  expect(() => neighbours(3, 768n)).toThrow(RangeError);
});
