import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashPosition, hashPositions } from '../../partitioning/healpix.ts';
import { containsPixel } from '../../partitioning/pixel.ts';
import { containsIndex, fromPixels, rangesToText, SKY_END } from '../../partitioning/ranges.ts';
import type { Region } from '../../partitioning/region.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { ARCSEC_PER_RADIAN, angularDistance } from '../../partitioning/sphere.ts';
import { offset, somePixel, somePosition } from './random-sky.ts';
import { inside, type Position, rowsWhere } from './rows-inside.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const direction = fc.double({ min: 0, max: 360, noNaN: true });

/** Rows on the border of a cone, within rounding of it, inside, outside, a turn further, and unusable ones. */
function rowsAbout(centre: Position, radius: number, seed: number) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const ra = new Float64Array(5000);
  const dec = new Float64Array(5000);
  const shares = [0, 1e-15, -1e-15, 1e-12, -1e-9, 1e-7, -1e-4];
  for (let i = 0; i < ra.length; i++) {
    const share = i % 3 === 0 ? 1 + shares[i % 7]! : 2 * random() ** 0.5;
    const way = i % 5 === 0 ? 90 * Math.floor(4 * random()) : 360 * random();
    const [a, d] = offset(centre, way, Math.min(180, share * radius));
    ra[i] = a + (i % 11 === 0 ? 360 : 0) - (i % 13 === 0 ? 720 : 0);
    dec[i] = d;
  }
  ra[7] = Number.NaN;
  dec[8] = Number.NaN;
  ra[9] = Number.NEGATIVE_INFINITY;
  dec[10] = 91;
  return { ra, dec };
}

describe('cones', () => {
  test('hold what is no further than the radius', () => {
    const radius = fc.oneof(
      fc.integer({ min: -4, max: 5 }).map((power) => 2.3 * 10 ** power),
      fc.double({ min: 1, max: 648_000, noNaN: true }),
    );
    const around = fc.array(fc.tuple(direction, fc.double({ min: 0, max: 2, noNaN: true })));
    fc.assert(
      fc.property(somePosition, radius, around, fc.array(somePosition), (centre, r, near, far) => {
        const region: Region = {
          kind: 'cone',
          ra: centre[0] - 360,
          dec: centre[1],
          radiusArcsec: r,
        };
        const close = near.map(([way, share]) =>
          offset(centre, way, Math.min(180, (share * r) / 3600)),
        );
        const apart = ([ra, dec]: Position) =>
          angularDistance(centre[0], centre[1], ra, dec) * ARCSEC_PER_RADIAN;
        // Within rounding of the border either answer is right.
        const sure = [...close, ...far].filter((p) => Math.abs(apart(p) - r) > 1e-9);
        expect(inside(region, sure)).toEqual(rowsWhere(sure, (p) => apart(p) <= r));
      }),
      { numRuns: 300 },
    );
  });

  test('hold the same of many rows, most settled by a table, as of each alone', () => {
    const radius = fc.oneof(
      fc.integer({ min: -4, max: 5 }).map((power) => 2.3 * 10 ** power),
      fc.double({ min: 1, max: 324_000, noNaN: true }),
      fc.constant(324_000),
    );
    const dec = fc.oneof(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.constantFrom(-90, 90, 0, 89.995, -89.9999999),
    );
    const ra = fc.oneof(direction, fc.constantFrom(0, 1e-13, 359.9999999999, 180));
    let kept = 0;
    fc.assert(
      fc.property(ra, dec, radius, fc.integer({ min: 0, max: 1e6 }), (a, d, r, seed) => {
        const region: Region = { kind: 'cone', ra: a, dec: d, radiusArcsec: r };
        const rows = rowsAbout([a, d], r / 3600, seed);
        const together = regionRows(region, rows.ra, rows.dec);
        const alone: number[] = [];
        for (let from = 0; from < rows.ra.length; from += 1000) {
          const part = [rows.ra, rows.dec].map((x) => x.subarray(from, from + 1000));
          alone.push(...regionRows(region, part[0]!, part[1]!).map((i) => from + i));
        }
        expect([...together]).toEqual(alone);
        kept += alone.length;
      }),
      { numRuns: 150 },
    );
    expect(kept).toBeGreaterThan(150 * 1000);
  });

  test('include their border, and their centre however small they are', () => {
    const region: Region = { kind: 'cone', ra: 10, dec: 20, radiusArcsec: 3600 };
    expect(
      inside(region, [
        [10, 21],
        [10, 19],
        [370, 21],
        [10, 21.0000000000001],
      ]),
    ).toEqual([0, 1, 2]);
    const tiny: Region = { kind: 'cone', ra: 123.456, dec: -7.89, radiusArcsec: 1e-9 };
    expect(
      inside(tiny, [
        [123.456, -7.89],
        [123.456, -7.8900001],
      ]),
    ).toEqual([0]);
  });

  test('of 90°, just more, and 180°', () => {
    const points: Position[] = [
      [0, 90],
      [0, 1],
      [50, 0],
      [0, -0.0001],
      [0, -0.01],
      [0, -90],
    ];
    const polar = (degrees: number): Region => ({
      kind: 'cone',
      ra: 0,
      dec: 90,
      radiusArcsec: degrees * 3600,
    });
    expect(inside(polar(90), points)).toEqual([0, 1, 2]);
    expect(inside(polar(90.001), points)).toEqual([0, 1, 2, 3]);
    expect(inside(polar(179.9999), points)).toEqual([0, 1, 2, 3, 4]);
    expect(inside(polar(180), points)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('boxes', () => {
  test('compare coordinates, border included', () => {
    const bound = fc.oneof(
      fc.integer({ min: -2, max: 6 }).map((n) => n * 90),
      fc.double({ min: -400, max: 800, noNaN: true }),
    );
    const decs = fc.tuple(fc.integer({ min: -9, max: 8 }), fc.integer({ min: 1, max: 18 }));
    fc.assert(
      fc.property(
        bound,
        bound,
        decs,
        fc.array(somePosition),
        (from, to, [south, rise], positions) => {
          const dec = [south * 10, Math.min(90, (south + rise) * 10)] as const;
          const turn = (a: number) => (a % 360 < 0 ? ((a % 360) + 360) % 360 : a % 360);
          const [west, east] = [turn(from), turn(to)];
          const wanted = rowsWhere(positions, ([a, d]) => {
            if (d < dec[0] || d > dec[1]) return false;
            const ra = turn(a);
            if (west === east) return true;
            return west < east ? ra >= west && ra <= east : ra >= west || ra <= east;
          });
          expect(inside({ kind: 'box', ra: [from, to], dec }, positions)).toEqual(wanted);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each<[[number, number], number[]]>([
    [
      [350, 10],
      [0, 1, 3, 4, 5],
    ],
    [
      [-10, 10],
      [0, 1, 3, 4, 5],
    ],
    [
      [10, 350],
      [1, 2, 3],
    ],
    [
      [0, 360],
      [0, 1, 2, 3, 4, 5],
    ],
    [
      [45, 405],
      [0, 1, 2, 3, 4, 5],
    ],
    [
      [5.5, 5.5],
      [0, 1, 2, 3, 4, 5],
    ],
  ])('right ascension %j', (ra, wanted) => {
    const points: Position[] = [
      [0, 0],
      [10, 0],
      [180, 0],
      [350, 0],
      [-1e-20, 0],
      [720.5, 0],
    ];
    expect(inside({ kind: 'box', ra, dec: [-1, 1] }, points)).toEqual(wanted);
  });
});

describe('regions made of cells', () => {
  test('go by the index, given or computed', () => {
    const some = fc.array(somePixel(6), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(some, fc.array(somePosition), (pixels, positions) => {
        const at29 = positions.map((p) => hashPosition(...p, 29));
        const wanted = positions.flatMap((_, row) => {
          const cell = Number(at29[row]! >> 46n);
          return pixels.some((p) => containsPixel(p, { order: 6, pixel: cell })) ? [row] : [];
        });
        const moc: Region = { kind: 'moc', ranges: rangesToText(fromPixels(pixels)) };
        expect(inside({ kind: 'pixels', pixels }, positions)).toEqual(wanted);
        expect(inside(moc, positions)).toEqual(wanted);
        expect(inside(moc, positions, BigInt64Array.from(at29))).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });

  test('single indexes at every bound of 32 and 64 bits', () => {
    const bounds = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 33n + 5n, SKY_END - 1n];
    const set = { ranges: BigInt64Array.from(bounds.slice(1)) };
    const probes = bounds
      .flatMap((bound) => [bound - 1n, bound, bound + 1n])
      .filter((i) => i >= 0n);
    // Forwards and backwards, so that the search is entered from both sides.
    const index = BigInt64Array.from([...probes, ...probes.toReversed()]);
    const positions = Array.from(index, (): Position => [0, 0]);
    const wanted = Array.from(index).flatMap((i, row) => (containsIndex(set, i) ? [row] : []));
    expect(inside({ kind: 'moc', ranges: rangesToText(set) }, positions, index)).toEqual(wanted);
  });

  test('an index given is believed, not recomputed', () => {
    const stale = hashPositions(Float64Array.of(10), Float64Array.of(10), 29);
    const region: Region = {
      kind: 'pixels',
      pixels: [{ order: 3, pixel: Number(stale[0]! >> 52n) }],
    };
    expect(inside(region, [[200, -50]], stale)).toEqual([0]);
    expect(inside(region, [[200, -50]])).toEqual([]);
  });
});

describe('combinations and rest', () => {
  test('and keeps what all parts keep', () => {
    const cone: Region = { kind: 'cone', ra: 0, dec: 0, radiusArcsec: 36_000 };
    const box: Region = { kind: 'box', ra: [0, 90], dec: [-90, 90] };
    fc.assert(
      fc.property(fc.array(fc.tuple(direction, unit)), (ways) => {
        const positions = ways.map(([way, share]) => offset([0, 0], way, share * 12));
        const both = inside(cone, positions).filter((row) => inside(box, positions).includes(row));
        expect(
          inside({ kind: 'and', regions: [cone, { kind: 'and', regions: [box] }] }, positions),
        ).toEqual(both);
      }),
    );
  });

  test('orders pass every row; NaN is nowhere; no rows give none', () => {
    const nan: Position[] = [
      [Number.NaN, 0],
      [0, Number.NaN],
      [0, 0],
    ];
    expect(inside({ kind: 'orders', min: 1, max: 2 }, nan)).toEqual([0, 1, 2]);
    for (const radiusArcsec of [10, 600_000]) {
      expect(inside({ kind: 'cone', ra: 0, dec: 0, radiusArcsec }, nan)).toEqual([2]);
    }
    expect(inside({ kind: 'box', ra: [-1, 1], dec: [-1, 1] }, nan)).toEqual([2]);
    expect(
      inside(
        {
          kind: 'polygon',
          vertices: [
            [-1, -1],
            [1, -1],
            [0, 1],
          ],
        },
        nan,
      ),
    ).toEqual([2]);
    expect(inside({ kind: 'cone', ra: 0, dec: 0, radiusArcsec: 1 }, [])).toEqual([]);
  });

  test('more rows than a block', () => {
    const positions = Array.from({ length: 5000 }, (_, i): Position => [i * 0.01, Math.sin(i) * 5]);
    const region: Region = {
      kind: 'polygon',
      vertices: [
        [5, -5.5],
        [30, -5.5],
        [30, 5.5],
        [5, 5.5],
      ],
    };
    const rows = inside(region, positions);
    expect(rows[0]).toBe(501 - 1);
    expect(rows.at(-1)).toBe(3000);
    expect(rows).toHaveLength(2501);
  });
});
