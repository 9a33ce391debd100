import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cellOfIndex,
  hashPosition,
  hashPositions,
  hashToInt32,
  indexAtOrder,
  indexToInt32,
  pixelAt,
} from '../../partitioning/healpix.ts';
import { cosSmall, sinSmall } from '../../partitioning/sine.ts';
import {
  checksum,
  type PositionsFixture,
  readFixture,
  streamPositions,
} from './healpix-fixture.ts';
import { somePosition } from './random-sky.ts';

const { stream, points } = readFixture<PositionsFixture>('positions.json');
const orders = Array.from({ length: 30 }, (_, order) => order);
const someIndex = fc.bigInt({ min: 0n, max: 12n * 4n ** 29n - 1n });
const someOrder = fc.integer({ min: 0, max: 29 });

describe('a million positions, as healpy and cdshealpix number them', () => {
  let ra: Float64Array;
  let dec: Float64Array;
  const unsettled = new Set(stream.unsettled);
  beforeAll(() => {
    ({ ra, dec } = streamPositions(stream.seed, stream.count));
  });

  test('at every order', () => {
    const out = new BigInt64Array(stream.count);
    for (const order of orders) {
      hashPositions(ra, dec, order, out);
      expect(checksum(out, unsettled), `order ${order}`).toBe(stream.checksums[order]);
    }
  });

  test('as 32-bit numbers, from positions and from the index', () => {
    const index = hashPositions(ra, dec, 29);
    for (const order of [0, 1, 8, 12, 13]) {
      const expected = Int32Array.from(hashPositions(ra, dec, order), Number);
      expect(hashToInt32(ra, dec, order)).toEqual(expected);
      expect(indexToInt32(index, 29, order)).toEqual(expected);
    }
  });
});

test.each([
  [5, 5, 1370628467894962607n],
  [308.5, -69.5, 3187422220182231470n],
  [336.5, -33.5, 3300600436121843711n],
  [307.5, -25.5, 3424180623569024089n],
  [348.0771583625243, -29.339060520221707, 1188997068234845449n],
])('the index that HATS samples store for (%d, %d)', (ra, dec, index) => {
  expect(hashPosition(ra, dec, 29)).toBe(index);
});

test.each([
  [3, 0, 45, 7.11477952e-8],
  [3, 12, 45, 19.4712207],
  [4, 1231, 0, 14.4775123],
  [1, 11, 225, 41.810315],
])('order %d pixel %d holds (%d, %d)', (order, pixel, ra, dec) => {
  expect(pixelAt(ra, dec, order)).toEqual({ order, pixel });
});

test('poles, RA 0 and 360, where the caps begin, corners and edges of cells of all orders', () => {
  expect(points.length).toBeGreaterThan(3000);
  const ra = Float64Array.from(points, (point) => point[0]);
  const dec = Float64Array.from(points, (point) => point[1]);
  const index = points.map((point) => BigInt(point[2]));
  for (const order of orders) {
    const expected = index.map((i) => i >> BigInt(2 * (29 - order)));
    const wrong: string[] = [];
    hashPositions(ra, dec, order).forEach((found, k) => {
      if (found !== expected[k]) wrong.push(`(${ra[k]}, ${dec[k]}): ${found}, not ${expected[k]}`);
    });
    expect(wrong, `order ${order}`).toEqual([]);
  }
});

test('full turns of ra change nothing where they are exact', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -360 * 2 ** 20, max: 360 * 2 ** 20 }),
      fc.integer({ min: -1000, max: 1000 }),
      fc.double({ min: -90, max: 90, noNaN: true }),
      (part, turns, dec) => {
        const ra = part / 2 ** 20;
        expect(hashPosition(ra + 360 * turns, dec, 29)).toBe(hashPosition(ra, dec, 29));
      },
    ),
  );
});

test('rows do not depend on their neighbours or on where the arrays lie', () => {
  fc.assert(
    fc.property(
      fc.array(somePosition, { minLength: 1, maxLength: 40 }),
      someOrder,
      (rows, order) => {
        const ra = Float64Array.from(rows, (row) => row[0]);
        const dec = Float64Array.from(rows, (row) => row[1]);
        const room = new BigInt64Array(rows.length + 5).fill(-7n);
        const found = hashPositions(ra, dec, order, room.subarray(3));
        expect(found.buffer).toBe(room.buffer);
        rows.forEach(([a, d], k) => {
          expect(room[k + 3]).toBe(hashPosition(a, d, order));
        });
        expect([room[0], room[2], room[rows.length + 3]]).toEqual([-7n, -7n, -7n]);
      },
    ),
  );
});

describe('from order to order', () => {
  test('indexAtOrder is a shift of 64-bit numbers, also in place', () => {
    fc.assert(
      fc.property(
        fc.array(someIndex, { maxLength: 20 }),
        someOrder,
        someOrder,
        (index, from, to) => {
          const at = BigInt64Array.from(index, (i) => i >> BigInt(2 * (29 - from)));
          const expected = at.map((i) =>
            to < from ? i >> BigInt(2 * (from - to)) : i << BigInt(2 * (to - from)),
          );
          expect(indexAtOrder(at, from, to)).toEqual(expected);
          expect(indexAtOrder(at, from, to, at)).toBe(at);
          expect(at).toEqual(expected);
        },
      ),
    );
  });

  test('indexToInt32 and cellOfIndex name the containing pixel', () => {
    fc.assert(
      fc.property(someIndex, someOrder, fc.integer({ min: 0, max: 24 }), (index, from, to) => {
        fc.pre(to <= from);
        const at = index >> BigInt(2 * (29 - from));
        const pixel = Number(at >> BigInt(2 * (from - to)));
        expect(cellOfIndex(at, from, to)).toEqual({ order: to, pixel });
        if (to <= 13) expect(indexToInt32(BigInt64Array.of(at), from, to)[0]).toBe(pixel);
      }),
    );
  });
});

test('refuses orders that do not exist', () => {
  const one = new Float64Array(1);
  const index = new BigInt64Array(1);
  for (const order of [-1, 30, 1.5, Number.NaN]) {
    expect(() => hashPositions(one, one, order)).toThrow(RangeError);
    expect(() => indexAtOrder(index, 29, order)).toThrow(RangeError);
    expect(() => indexAtOrder(index, order, 3)).toThrow(RangeError);
  }
  expect(() => hashToInt32(one, one, 14)).toThrow(RangeError);
  expect(() => indexToInt32(index, 5, 6)).toThrow(RangeError);
  expect(() => pixelAt(1, 2, 25)).toThrow(RangeError);
  expect(() => cellOfIndex(0n, 3, 4)).toThrow(RangeError);
});

test('series for sine and cosine agree with the engine to the last place or two', () => {
  for (let k = -4000; k <= 4000; k++) {
    const x = (k / 4000) * (Math.PI / 4);
    expect(Math.abs(sinSmall(x) - Math.sin(x))).toBeLessThanOrEqual(Math.abs(x) * 3e-16);
    expect(Math.abs(cosSmall(x) - Math.cos(x))).toBeLessThanOrEqual(3e-16);
  }
});
