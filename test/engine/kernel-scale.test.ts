/** Sizes at which the grid samples, crops and splits; the brute force is helped by a sort in declination. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { MatchOptions, Positions } from '../../engine/kernel/match.ts';
import { bruteMatch, match, nearestWithin, positionsOf } from './kernel-brute.ts';
import { concatenated, patchMaker, randomOf, wholeSky } from './kernel-sky.ts';

/** Right rows whose declination differs from a left row's by at most `degrees`. */
function bandFinder(left: Positions, right: Positions, degrees: number) {
  const order = Array.from({ length: right.length }, (_, row) => row);
  order.sort((a, b) => right.dec[a]! - right.dec[b]!);
  const decs = Float64Array.from(order, (row) => right.dec[row]!);
  const lowerBound = (dec: number) => {
    let low = 0;
    let high = decs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (decs[middle]! < dec) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (l: number) => {
    const dec = left.dec[l]!;
    return order.slice(lowerBound(dec - degrees), lowerBound(dec + degrees));
  };
}

function expectBrute(left: Positions, right: Positions, options: MatchOptions): void {
  const band = bandFinder(left, right, options.radiusArcsec / 3600 + 1e-9);
  const got = match(left, right, options);
  const want = bruteMatch(left, right, options, undefined, band);
  expect(want.pairs.length).toBeGreaterThan(100);
  expect(isDeepStrictEqual(got, want)).toBe(true);
}

function patchOf(centre: readonly [number, number], scale: number, seed: number) {
  const spec = { centre, scale, lattice: false, clumps: 0, clumpScale: 0 };
  return patchMaker(spec, randomOf(seed));
}

describe('many rows', () => {
  test.each([
    { place: 'mid-latitude', centre: [100, 35] as const },
    { place: 'across RA 0', centre: [0, -60] as const },
    { place: 'a pole', centre: [0, 90] as const },
  ])('spread evenly at $place', ({ centre }) => {
    const make = patchOf(centre, 0.5, 1);
    const [left, right] = [make(6000), make(9000)];
    expectBrute(left, right, nearestWithin(3));
    expectBrute(left, right, { ...nearestWithin(120), neighbors: 2 });
    expectBrute(left, right, { ...nearestWithin(20), neighbors: 'all', keepUnmatched: true });
  });

  test('all over the sky, unsorted', () => {
    const random = randomOf(2);
    const [left, right] = [wholeSky(3000, random), wholeSky(8000, random)];
    expectBrute(left, right, nearestWithin(1800));
    expectBrute(left, right, { ...nearestWithin(3600), neighbors: 'all' });
  });

  test('a small left side in a large right side, which is cropped', () => {
    const left = patchOf([300, 12.5], 0.2, 3)(5000);
    const right = concatenated(patchOf([300, 12.5], 0.2, 4)(3000), patchOf([302, 12], 3, 5)(9000));
    expectBrute(left, right, nearestWithin(10));
    expectBrute(left, right, { ...nearestWithin(90), neighbors: 3 });
  });

  test('left rows outside the right side', () => {
    const left = concatenated(patchOf([300, 12.5], 0.2, 3)(2000), patchOf([302, 12], 3, 5)(5000));
    const right = patchOf([300, 12.5], 0.2, 4)(3000);
    expectBrute(left, right, { ...nearestWithin(10), keepUnmatched: true });
  });

  test('in a line of one right ascension, and of one declination', () => {
    const random = randomOf(6);
    const line = (across: boolean) =>
      positionsOf(
        Array.from({ length: 6000 }, () => (across ? [40 * random(), 5] : [200, 40 * random()])),
      );
    for (const across of [true, false]) {
      expectBrute(line(across), line(across), { ...nearestWithin(30), neighbors: 2 });
    }
  });
});

describe('clumps', () => {
  const arcminute = 1 / 60;
  test.each([
    { place: 'on an ordinary field', centre: [82.4, -5.1] as const, probes: 1500 },
    { place: 'at a pole', centre: [0, -90] as const, probes: 200 },
  ])('of 10^5 rows in an arcminute $place', ({ centre, probes }) => {
    const clump = patchOf(centre, arcminute / 2, 7);
    const field = patchOf(centre, 1, 8);
    const [dense, wide] = [clump(100_000), field(5000)];
    const left = concatenated(clump(probes), field(probes));
    const right = concatenated(wide, dense);
    expectBrute(left, right, nearestWithin(1));
    expectBrute(left, right, { ...nearestWithin(5), neighbors: 4 });
    expectBrute(left, right, { ...nearestWithin(0.5), neighbors: 'all' });
    expectBrute(right, left, { ...nearestWithin(0.2), keepUnmatched: true });
  });

  test('of rows at one position', () => {
    const field = patchOf([10, 10], 0.5, 9);
    const [left, right] = [field(500), field(1000)];
    const stacked = concatenated(
      right,
      ...Array.from({ length: 300 }, () => positionsOf([[10, 10]])),
    );
    const probes = concatenated(
      left,
      positionsOf([
        [10, 10],
        [10, 10.0001],
      ]),
    );
    for (const neighbors of [1, 3, 'all'] as const) {
      expectBrute(probes, stacked, { ...nearestWithin(90), neighbors, keepUnmatched: true });
    }
  });
});
