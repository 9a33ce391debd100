import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chordSquaredBetween, cosDec } from '../../engine/kernel/match.ts';
import {
  angularDistance,
  arcsecFromChordSquared,
  chordSquared,
  unitVectors,
} from '../../partitioning/sphere.ts';
import { hardPlaces, offsetPoint } from './kernel-sky.ts';

type Point = readonly [ra: number, dec: number];

const between = (a: Point, b: Point) =>
  chordSquaredBetween(a[0], a[1], cosDec(a[1]), b[0], b[1], cosDec(b[1]));

const anywhere = fc.tuple(
  fc.double({ min: -360, max: 720, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
);

/** A position and another one at any scale from it. */
const pair = fc
  .tuple(
    fc.oneof(fc.constantFrom<Point>(...hardPlaces), anywhere),
    fc.double({ min: -9, max: 2, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  )
  .map(([a, power, x, y]) => [a, offsetPoint(a, x * 10 ** power, y * 10 ** power)] as const);

describe('the squared chord between two positions', () => {
  test('agrees with the difference of unit vectors', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [x, y, z] = [0, 1, 2].map(() => new Float64Array(2)) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        unitVectors(Float64Array.of(a[0], b[0]), Float64Array.of(a[1], b[1]), 0, 2, x, y, z);
        const chord = Math.sqrt(chordSquared(x[0]!, y[0]!, z[0]!, x[1]!, y[1]!, z[1]!));
        expect(Math.abs(Math.sqrt(between(a, b)) - chord)).toBeLessThan(1.5e-15);
      }),
      { numRuns: 5000 },
    );
  });

  test('agrees with an independent formula to 1e-12 of the distance, and to the rounding of coordinates', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const distance = (angularDistance(a[0], a[1], b[0], b[1]) * 180 * 3600) / Math.PI;
        // Near 180° the chord hardly depends on the angle.
        fc.pre(distance < 179 * 3600);
        const mine = arcsecFromChordSquared(between(a, b));
        expect(Math.abs(mine - distance)).toBeLessThan(2e-10 + 1e-12 * distance);
      }),
      { numRuns: 5000 },
    );
  });

  test('is the same in both directions, and 0 for a duplicate', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(between(a, b)).toBe(between(b, a));
        expect(between(a, a)).toBe(0);
      }),
      { numRuns: 5000 },
    );
  });

  test.each<[string, Point, Point, number]>([
    ['0.01″ in declination', [10, 20], [10, 20 + 0.01 / 3600], 0.01],
    ['across RA 0', [0.5 / 3600, 0], [360 - 0.5 / 3600, 0], 1],
    ['across RA 180', [180 - 0.5 / 3600, 0], [-180 + 0.5 / 3600, 0], 1],
    ['full turns apart', [10, 5], [10 + 360, 5], 0],
    ['many turns apart', [100 + 360 * 5000, 5], [100 - 720, 5], 0],
    ['over the pole', [0, 90 - 1 / 3600], [180, 90 - 1 / 3600], 2],
    ['at the pole, where RA means nothing', [0, 90], [123, 90], 0],
    ['from pole to pole', [0, 90], [77, -90], 180 * 3600],
    ['antipodes', [10, 30], [190, -30], 180 * 3600],
    ['a right angle', [0, 0], [90, 0], 90 * 3600],
  ])('%s', (_, a, b, arcsec) => {
    // The coordinates themselves are rounded to about 1e-14° here.
    const error = Math.abs(arcsecFromChordSquared(between(a, b)) - arcsec);
    expect(error).toBeLessThan(arcsec > 179 * 3600 ? 0.01 : 2e-10 + 1e-15 * arcsec);
  });
});
