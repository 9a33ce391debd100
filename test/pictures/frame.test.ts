import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  centreRotation,
  FRAMES,
  frameRotation,
  type Matrix,
  product,
  transposed,
} from '../../pictures/frame.ts';

type Vector = readonly number[];

function vectorOf(longitude: number, latitude: number): Vector {
  const [l, b] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  return [Math.cos(b) * Math.cos(l), Math.cos(b) * Math.sin(l), Math.sin(b)];
}

function turned(matrix: Matrix, [x = 0, y = 0, z = 0]: Vector): Vector {
  return [0, 3, 6].map((row) => matrix[row]! * x + matrix[row + 1]! * y + matrix[row + 2]! * z);
}

/** Degrees. */
function positionOf([x = 0, y = 0, z = 0]: Vector): [number, number] {
  const longitude = (Math.atan2(y, x) * 180) / Math.PI;
  return [longitude < 0 ? longitude + 360 : longitude, (Math.asin(z) * 180) / Math.PI];
}

describe('frames', () => {
  // Positions of SIMBAD and of the definitions.
  test.each([
    ['the north galactic pole', [192.85948, 27.12825], 'G', [0, 90]],
    ['the galactic centre', [266.40499, -28.93617], 'G', [0, 0]],
    ['the Crab pulsar', [83.63308, 22.0145], 'G', [184.5575, -5.7843]],
    ['the north ecliptic pole', [270, 66.56071], 'E', [0, 90]],
    ['the March equinox', [0, 0], 'E', [0, 0]],
    ['the June solstice', [90, 23.43929], 'E', [90, 0]],
  ] as const)('%s', (_, equatorial, frame, expected) => {
    const found = positionOf(
      turned(frameRotation('C', frame), vectorOf(equatorial[0], equatorial[1])),
    );
    expect(found[1]).toBeCloseTo(expected[1], 3);
    // At a pole every longitude is right.
    if (expected[1] === 90) return;
    const difference = ((found[0] - expected[0] + 540) % 360) - 180;
    expect(difference).toBeCloseTo(0, 3);
  });

  test('are turned into one another without stretching, and back', () => {
    for (const from of FRAMES) {
      for (const to of FRAMES) {
        const there = frameRotation(from, to);
        const both = product(frameRotation(to, from), there);
        const lengths = product(there, transposed(there));
        for (const [i, one] of [1, 0, 0, 0, 1, 0, 0, 0, 1].entries()) {
          expect(both[i]).toBeCloseTo(one, 12);
          expect(lengths[i]).toBeCloseTo(one, 12);
        }
      }
    }
  });
});

test('a centre is turned to the x axis, its north towards z', () => {
  const longitude = fc.double({ min: -360, max: 360, noNaN: true });
  const latitude = fc.double({ min: -89, max: 89, noNaN: true });
  fc.assert(
    fc.property(longitude, latitude, (l, b) => {
      const turn = centreRotation(l, b);
      const [x, y, z] = turned(turn, vectorOf(l, b));
      expect([x, y, z].map((v) => Math.round(v! * 1e9) + 0)).toEqual([1e9, 0, 0]);
      const [, , north] = turned(turn, vectorOf(l, b + 0.5));
      expect(north).toBeCloseTo(Math.sin(Math.PI / 360), 9);
    }),
  );
});
