import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ARCSEC_PER_RADIAN,
  angularDistance,
  arcsecFromChordSquared,
  chordSquared,
  chordSquaredFromArcsec,
  haversineDegrees,
  unitVectors,
  wrapRa,
} from '../../partitioning/sphere.ts';
import { unitVector } from '../../partitioning/vector.ts';
import { somePosition } from './random-sky.ts';

const RADIANS = Math.PI / 180;

describe('unit vectors', () => {
  test('point where sine and cosine say', () => {
    fc.assert(
      fc.property(somePosition, ([ra, dec]) => {
        const [x, y, z] = unitVector(ra, dec);
        // The reference rounds its angle in radians, by up to 4e-16 near 360°.
        expect(Math.abs(x - Math.cos(dec * RADIANS) * Math.cos(ra * RADIANS))).toBeLessThan(9e-16);
        expect(Math.abs(y - Math.cos(dec * RADIANS) * Math.sin(ra * RADIANS))).toBeLessThan(9e-16);
        expect(Math.abs(z - Math.sin(dec * RADIANS))).toBeLessThan(4e-16);
        expect(Math.abs(Math.hypot(x, y, z) - 1)).toBeLessThan(4e-16);
      }),
      { numRuns: 2000 },
    );
  });

  test('are exact along the axes', () => {
    expect(unitVector(90, 0).map(Math.abs)).toEqual([0, 1, 0]);
    expect(unitVector(90, 0)[1]).toBe(1);
    expect(unitVector(-180, 0).map(Math.abs)).toEqual([1, 0, 0]);
    expect(unitVector(123.4, 90).map(Math.abs)).toEqual([0, 0, 1]);
    expect(unitVector(270, -90)[2]).toBe(-1);
  });

  test('are the same after full turns, and whatever the other rows are', () => {
    const part = fc.integer({ min: -720 * 2 ** 20, max: 720 * 2 ** 20 });
    fc.assert(
      fc.property(
        part,
        fc.integer({ min: -1000, max: 1000 }),
        somePosition,
        (step, turns, other) => {
          const ra = step / 2 ** 20;
          const dec = other[1];
          const rows = 3;
          const x = new Float64Array(rows);
          const y = new Float64Array(rows);
          const z = new Float64Array(rows);
          const decs = Float64Array.of(other[1], dec, dec);
          unitVectors(Float64Array.of(other[0], ra + 360 * turns, ra), decs, 1, 3, x, y, z);
          expect([x[0], y[0], z[0]]).toEqual([0, 0, 0]);
          expect([x[1], y[1], z[1]]).toEqual([x[2], y[2], z[2]]);
          expect([x[2], y[2], z[2]]).toEqual([...unitVector(ra, dec)]);
        },
      ),
    );
  });
});

describe('distances', () => {
  test('chords and angles are inverse', () => {
    fc.assert(
      fc.property(fc.double({ min: -9, max: Math.log10(648_000), noNaN: true }), (exponent) => {
        const arcsec = 10 ** exponent;
        const back = arcsecFromChordSquared(chordSquaredFromArcsec(arcsec));
        // Near 180° a chord hardly changes with its angle: half of the digits are lost there.
        const near180 = 648_000 - arcsec < 60;
        expect(Math.abs(back / arcsec - 1)).toBeLessThan(near180 ? 1e-7 : 1e-11);
      }),
      { numRuns: 1000 },
    );
    expect(arcsecFromChordSquared(0)).toBe(0);
    expect(chordSquaredFromArcsec(0)).toBe(0);
    expect(chordSquaredFromArcsec(648_000)).toBe(4);
    expect(chordSquaredFromArcsec(1e9)).toBe(4);
    expect(arcsecFromChordSquared(4 + 1e-15)).toBeCloseTo(648_000, 6);
  });

  test('the distance by unit vectors and the one by angles agree', () => {
    fc.assert(
      fc.property(somePosition, somePosition, ([ra1, dec1], [ra2, dec2]) => {
        const c2 = chordSquared(...unitVector(ra1, dec1), ...unitVector(ra2, dec2));
        const byAngles = angularDistance(ra1, dec1, ra2, dec2);
        fc.pre(byAngles < 3);
        expect(Math.abs(arcsecFromChordSquared(c2) / ARCSEC_PER_RADIAN - byAngles)).toBeLessThan(
          1e-14,
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('of known places', () => {
    expect(haversineDegrees(10, 20, 10, 20)).toBe(0);
    expect(haversineDegrees(0, 0, 90, 0)).toBeCloseTo(90, 13);
    expect(haversineDegrees(12, 90, 200, -90)).toBe(180);
    expect(haversineDegrees(0, 10, 180, -10)).toBe(180);
    expect(haversineDegrees(30, 89, 210, 89)).toBeCloseTo(2, 13);
  });

  test('keep their digits when tiny, across ra 0, and near 180°', () => {
    for (let e = 1; e <= 40; e++) {
      const step = 2 ** -e;
      const relative = (found: number) => Math.abs(found / step - 1);
      expect(relative(haversineDegrees(step, 0, 0, 0))).toBeLessThan(1e-14);
      expect(relative(haversineDegrees(45, step, 45, 0))).toBeLessThan(1e-14);
      expect(relative(haversineDegrees(-step / 2, 0, step / 2, 0))).toBeLessThan(1e-14);
      expect(relative(haversineDegrees(360 - step, 0, 360, 0))).toBeLessThan(1e-14);
      expect(relative(180 - haversineDegrees(0, 0, 180 - step, 0))).toBeLessThan(1e-13 / step);
      expect(relative(180 - haversineDegrees(5, 45, 185, -45 + step))).toBeLessThan(1e-13 / step);
    }
  });
});

test('wrapRa names the same direction within [0, 360)', () => {
  for (const turn of [0, -0, 360, 720, -360, -1e-20, -1e-14]) expect(wrapRa(turn)).toBe(0);
  expect(wrapRa(-90)).toBe(270);
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (ra) => {
      const wrapped = wrapRa(ra);
      expect(wrapped).toBeGreaterThanOrEqual(0);
      expect(wrapped).toBeLessThan(360);
      expect(angularDistance(wrapped, 0, ra, 0)).toBeLessThan(1e-15);
    }),
  );
});
