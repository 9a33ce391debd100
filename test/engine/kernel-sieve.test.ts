/** The nearest are told by distances on a flat map: close calls, and crowded cells with grids of their own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createArena } from '../../engine/kernel/arena.ts';
import { UNITS_PER_DEGREE } from '../../engine/kernel/fixed-point.ts';
import { flatMap } from '../../engine/kernel/flat-map.ts';
import { buildGrid } from '../../engine/kernel/grid.ts';
import { chordSquaredBetween, cosDec } from '../../engine/kernel/match.ts';
import { sizeCells } from '../../engine/kernel/sizing.ts';
import { expectBrute, nearestWithin, type Point, positionsOf, type Query } from './kernel-brute.ts';
import { concatenated, hardPlaces, offsetPoint, patchMaker, randomOf } from './kernel-sky.ts';

const RADIANS = Math.PI / 180;

test('distances on the map err by no more than it says', () => {
  const angle = (least: number, most: number) =>
    fc.double({ min: Math.log(least), max: Math.log(most), noNaN: true }).map(Math.exp);
  let told = 0;
  fc.assert(
    fc.property(
      fc.double({ min: -90, max: 90, noNaN: true }),
      angle(1e-6, 10),
      angle(1e-6, 10),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: -1.5, max: 1.5, noNaN: true }),
      fc.double({ min: -1.5, max: 1.5, noNaN: true }),
      (low, tall, radius, share, up, along) => {
        const high = Math.min(90, low + tall);
        const map = flatMap(low, high, radius);
        if (map.error === Number.POSITIVE_INFINITY) return;
        const dec = low + share * (high - low);
        const dec2 = Math.max(-90, Math.min(90, dec + up * radius));
        const middle = ((dec + dec2) / 2 - map.centre) * RADIANS;
        const cos = map.cos + map.slope * middle;
        const turn = (along * radius) / cos;
        const square = ((dec2 - dec) ** 2 + (turn * cos) ** 2) * RADIANS ** 2;
        if (Math.sqrt(square) > 1.5 * radius * RADIANS) return;
        const chord = chordSquaredBetween(10, dec, cosDec(dec), 10 + turn, dec2, cosDec(dec2));
        told++;
        // Coordinates of ten degrees are rounded by 2e-15.
        const slack = 1e-13 * Math.sqrt(square);
        expect(chord).toBeGreaterThanOrEqual(square * (1 - map.error) - slack);
        expect(chord).toBeLessThanOrEqual(square * (1 + map.error) + slack);
      },
    ),
    { numRuns: 20_000 },
  );
  expect(told).toBeGreaterThan(5000);
});

/** By how much of its distance the second one is further away: nothing, less than a unit of the grid, some units. */
const MISSES = [0, 1e-12, 1e-9, 1e-6, 1e-5, 1e-4, 4e-4, 1e-3, 3e-3, 1e-2, 3e-2];

test.each(
  [0, 33, -61, 80, 89.9, -89.99].flatMap((dec) =>
    [0.003, 0.1, 1, 60, 2000].map((distance) => [dec, distance] as const),
  ),
)('two as far away, at declination %d, %d″', (dec, distance) => {
  const random = randomOf(Math.round(1000 * (dec + 90) + distance));
  const [left, right]: [Point[], Point[]] = [[], []];
  for (let i = 0; i < 220; i++) {
    const from: Point = [360 * random(), dec + 0.02 * (random() - 0.5)];
    left.push(from);
    // North, east and between: what the map gets wrong depends on the direction.
    const turn = (random() * Math.PI) / 2;
    const miss = MISSES[i % MISSES.length]!;
    for (const [share, direction] of [
      [1, turn],
      [1 + miss, turn + Math.PI / 2],
      [1 + miss, turn + Math.PI],
    ] as const) {
      const angle = (distance / 3600) * share;
      right.push(offsetPoint(from, angle * Math.sin(direction), angle * Math.cos(direction)));
    }
  }
  const sides = { left: positionsOf(left), right: positionsOf(right) };
  for (const neighbors of [1, 2, 3, 10]) {
    expectBrute({ ...sides, options: { ...nearestWithin(1.02 * distance), neighbors } });
    const wide = { ...nearestWithin(5 * distance), neighbors, keepUnmatched: true };
    expectBrute({ ...sides, options: wide });
  }
});

describe('crowded cells', () => {
  /** A field with clumps of hundreds of rows in a few of its cells. */
  function crowd(seed: number): Query {
    const random = randomOf(seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const scale = pick([1e-4, 0.02, 0.5, 5]);
    const make = patchMaker(
      {
        centre: pick(hardPlaces),
        scale,
        lattice: random() < 0.2,
        clumps: 1 + Math.floor(3 * random()),
        clumpScale: pick([0.2, 0.05, 0.01, 0.001]),
      },
      random,
    );
    const left = make(80);
    const crowded = make(2000);
    const opposite = positionsOf([[crowded.ra[0]! + 180, crowded.dec[0]!]]);
    const right = random() < 0.3 ? concatenated(opposite, crowded) : crowded;
    const radiusArcsec = pick([0.001, 0.01, 0.1, 0.5]) * (0.1 + random()) * scale * 3600;
    return {
      left,
      right,
      options: {
        radiusArcsec,
        minRadiusArcsec: random() < 0.1 ? 0.5 * radiusArcsec * random() : 0,
        neighbors: pick<number | 'all'>([1, 1, 1, 2, 5, 20, 64, 65, 'all']),
        keepUnmatched: random() < 0.3,
      },
    };
  }

  test('with a grid of their own give the same answer', () => {
    let refined = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xfffffff }), (seed) => {
        const query = crowd(seed);
        const { left, right, options } = query;
        expectBrute(query);
        const neighbors =
          options.neighbors === 'all' ? Number.POSITIVE_INFINITY : options.neighbors;
        const degrees = options.radiusArcsec / 3600;
        const grid = buildGrid(left, right, degrees, neighbors, createArena());
        if (grid.fine.size > 0) refined++;
      }),
      { numRuns: 80 },
    );
    expect(refined).toBeGreaterThan(30);
  });

  test('have windows that go on in the cells beside them', () => {
    // A belt of seconds of arc crosses many cells of a field of minutes.
    const random = randomOf(5);
    const belt = (rows: number) =>
      positionsOf(
        Array.from({ length: rows }, (): Point => [80 + 0.2 * random(), 30 + 0.0005 * random()]),
      );
    const field = (rows: number) =>
      positionsOf(
        Array.from({ length: rows }, (): Point => [80 + 0.2 * random(), 30 + 0.2 * random()]),
      );
    const right = concatenated(field(2000), belt(30_000));
    const left = concatenated(belt(120), field(30));
    const grid = buildGrid(left, right, 60 / 3600, 1, createArena());
    expect(grid.fine.size).toBeGreaterThan(20);
    const width = (4 * 2 ** grid.cellShift) / UNITS_PER_DEGREE;
    expect(width).toBeLessThan(0.1);
    for (const neighbors of [1, 4] as const) {
      expectBrute({ left, right, options: { ...nearestWithin(60), neighbors } });
    }
    expectBrute({ left, right, options: { ...nearestWithin(3), neighbors: 'all' } });
  });

  test('have no windows across the seam that the whole grid does not tell of', () => {
    // The densest part makes the grid's window narrower than those of the thin part on the seam need to be.
    const random = randomOf(7);
    let right: Point[] = [
      [0, -16.0001],
      [0, 16.0001],
    ];
    for (let i = 0; i < 3200; i++) right.push([178 + 4 * random(), 0.03 + 0.94 * random()]);
    while (right.length < 56_000) right.push([0.05 + 11.15 * random(), 0.03 + 0.94 * random()]);
    const left: Point[] = [];
    for (let i = 0; i < 60; i++) left.push([360 * random(), 32 * random() - 16]);
    for (const dec of [0.125, 0.3, 0.48, 0.655, 0.83]) {
      left.push([180.036, dec]);
      right = right.filter(([ra, d]) => Math.hypot(ra - 180.036, d - dec) > 0.0425);
      right.push([180.036 - 0.0375, dec], [180.036 + 0.0383, dec]);
    }
    for (const neighbors of [1, 3]) {
      const sides = { left: positionsOf(left), right: positionsOf(right) };
      expectBrute({ ...sides, options: { ...nearestWithin(3600), neighbors } });
    }
  });
});

test('a first window is the whole radius, or smaller in single precision too', () => {
  const box = { decLow: -1e6, decHigh: 1e6, raLow: -1e6, raHigh: 1e6 };
  const input = { box, rows: 1000, occupied: 1, neighbors: 1, spare: 64 };
  const { firstRadius } = sizeCells({ ...input, radius: 10 });
  for (const more of [1e-15, 1e-12, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-3]) {
    const radius = firstRadius * (1 + more);
    const first = sizeCells({ ...input, radius }).firstRadius;
    if (first !== radius) expect(Math.fround(first)).toBeLessThan(Math.fround(radius));
  }
});

test('a radius below what single precision has finds duplicates, next to a pole too', () => {
  const random = randomOf(9);
  const height = (4 * 2 ** 19) / UNITS_PER_DEGREE;
  const north = 89.99995;
  const points = Array.from(
    { length: 300 },
    (): Point => [360 * random(), north - 32 * height * random()],
  );
  const rows = positionsOf([[0, north - 32 * height], ...points, [10, north], [10, 89.9999499]]);
  for (const neighbors of [1, 2, 'all'] as const) {
    expectBrute({ left: rows, right: rows, options: { ...nearestWithin(1e-50), neighbors } });
  }
});

/** For the places of neighbours in order: fewer, as many and more than there are places and than are put in order. */
test.each([63, 64, 65, 66, 127, 128, 129, 511, 512, 513])('the 64 nearest of %d', (rows) => {
  const random = randomOf(rows);
  const around = (count: number, scale: number) =>
    Array.from({ length: count }, () =>
      offsetPoint([210, -35], scale * (2 * random() - 1), scale * (2 * random() - 1)),
    );
  const left = positionsOf(around(20, 0.001));
  const right = positionsOf([...around(rows, 0.01), ...around(2000, 2)]);
  for (const neighbors of [63, 64, 65]) {
    expectBrute({ left, right, options: { ...nearestWithin(40), neighbors } });
  }
});
