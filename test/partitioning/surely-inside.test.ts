import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashPositions } from '../../partitioning/healpix.ts';
import { indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { pixelCorners } from '../../partitioning/projection.ts';
import { doubtfulRows, insideTable } from '../../partitioning/surely-inside.ts';
import { somePixel } from './random-sky.ts';

const ROWS = 5000;

/** Positions in and around a pixel, on its corners and edges, at the poles and across RA 0, and unusable ones. */
function positionsAround(pixel: Pixel, seed: number): { ra: Float64Array; dec: Float64Array } {
  const corners = pixelCorners(pixel.order, pixel.pixel);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const odd = [
    [0, 90],
    [123, -90],
    [0, 0],
    [360, 10],
    [-1e-12, 41.8],
    [Number.NaN, 0],
    [10, Number.NaN],
    [Number.POSITIVE_INFINITY, 5],
    [10, 91],
    [10, -1e300],
  ] as const;
  const ra = new Float64Array(ROWS);
  const dec = new Float64Array(ROWS);
  for (let i = 0; i < ROWS; i++) {
    const [a, b] = [corners[i % 4]!, corners[(i + 1) % 4]!];
    const spread = [0, 1e-13, 1e-9, 1e-3][i % 4]! / 2 ** pixel.order;
    const share = i % 5 === 0 ? Math.round(random()) : random();
    const towards = corners[(i + 2) % 4]!;
    const inward = i % 3 === 0 ? 0 : random();
    const turn = (x: number) => ((((x - a.ra + 180) % 360) + 360) % 360) - 180;
    const east = share * turn(b.ra) * (1 - inward) + inward * turn(towards.ra) * 0.5;
    ra[i] = a.ra + east + spread * (random() - 0.5) + (i % 7 === 0 ? 360 : 0);
    const up = share * (b.dec - a.dec) * (1 - inward) + inward * (towards.dec - a.dec) * 0.5;
    dec[i] = Math.max(-90, Math.min(90, a.dec + up + spread * (random() - 0.5)));
  }
  for (const [i, [x, y]] of odd.entries()) {
    ra[i * 37] = x;
    dec[i * 37] = y;
  }
  return { ra, dec };
}

describe('rows that are surely inside a pixel', () => {
  test('are inside by their index, whatever the pixel', () => {
    let settled = 0;
    fc.assert(
      fc.property(somePixel(12), fc.integer({ min: 0, max: 1e6 }), (pixel, seed) => {
        const { ra, dec } = positionsAround(pixel, seed);
        const doubtful = new Set(doubtfulRows(pixel, ra, dec)!);
        const { start, end } = indexRange(pixel);
        const usable = (i: number) => Number.isFinite(ra[i]) && dec[i]! >= -90 && dec[i]! <= 90;
        for (let i = 0; i < ROWS; i++) {
          if (doubtful.has(i)) continue;
          settled++;
          const inside =
            usable(i) &&
            [hashPositions(ra.subarray(i, i + 1), dec.subarray(i, i + 1), 29)[0]!].every(
              (index) => index >= start && index < end,
            );
          if (!inside) expect.fail(`${ra[i]}, ${dec[i]} in ${pixel.order}/${pixel.pixel}`);
        }
      }),
      { numRuns: 150 },
    );
    expect(settled).toBeGreaterThan(100_000);
  });

  test.each([
    [0, 0],
    [0, 5],
    [0, 11],
    [3, 63],
    [4, 1912],
    [6, 12 * 4 ** 6 - 1],
    [8, 300_000],
  ])('are nearly all rows of the pixel %i/%i', (order, number) => {
    const pixel = { order, pixel: number };
    // Centres of the pixel's cells seven orders below: 16,384 positions spread evenly.
    const corners = Array.from({ length: 4 ** 7 }, (_, k) =>
      pixelCorners(order + 7, number * 4 ** 7 + k),
    );
    const ra = Float64Array.from(corners, ([south, , north]) => {
      const turn = ((((north!.ra - south!.ra + 180) % 360) + 360) % 360) - 180;
      return south!.ra + turn / 2;
    });
    const dec = Float64Array.from(corners, ([south, , north]) => (south!.dec + north!.dec) / 2);
    expect(doubtfulRows(pixel, ra, dec)!.length).toBeLessThan(0.05 * ra.length);
  });

  test('few rows are not worth a table', () => {
    expect(doubtfulRows({ order: 3, pixel: 5 }, new Float64Array(10), new Float64Array(10))).toBe(
      null,
    );
    expect(insideTable({ order: 3, pixel: 5 })!.west.length).toBe(513);
  });
});
