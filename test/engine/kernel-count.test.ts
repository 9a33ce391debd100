/** Counting looks at distances only where the grid's integers leave a doubt: at the rim of the circle. */
import { expect, test } from 'vitest';
import { bruteMatch, match, nearestWithin, type Point, positionsOf } from './kernel-brute.ts';
import { randomOf } from './kernel-sky.ts';

const RADIANS = Math.PI / 180;

/** The point an angle away (degrees) in a direction from north (radians): the formula of spherical trigonometry. */
function away([ra, dec]: Point, angle: number, direction: number): Point {
  const [d, a] = [dec * RADIANS, angle * RADIANS];
  const sine = Math.sin(d) * Math.cos(a) + Math.cos(d) * Math.sin(a) * Math.cos(direction);
  const turn = Math.atan2(
    Math.sin(direction) * Math.sin(a) * Math.cos(d),
    Math.cos(a) - Math.sin(d) * sine,
  );
  return [ra + turn / RADIANS, Math.asin(Math.max(-1, Math.min(1, sine))) / RADIANS];
}

/** By how much of the radius pairs miss it: nothing that a double tells, a unit of the grid, a thousandth. */
const MISSES = [0, 1e-12, 1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2];

test.each(
  [0, 33, -61, 80, 89.9, 89.99999].flatMap((dec) =>
    [0.002, 0.05, 1, 60, 3000].flatMap((radius) =>
      // Rows near each other share a bound on their cosines: those of one declination, and some minutes apart.
      (dec === 89.99999 ? [0] : [0, 0.08]).map((spread) => [dec, radius, spread] as const),
    ),
  ),
)(
  'at the rim of a circle, at declination %d, radius %d″, spread %d°',
  (dec, radiusArcsec, spread) => {
    const random = randomOf(Math.round(1000 * (dec + 90) + radiusArcsec));
    const [left, right]: [Point[], Point[]] = [[], []];
    for (let i = 0; i < 240; i++) {
      const from: Point = [360 * random(), dec + spread * (random() - 0.5)];
      // East and west, where the cosine counts, more often than by chance.
      const direction = random() < 0.5 ? Math.PI / 2 : 2 * Math.PI * random();
      const miss = MISSES[i % MISSES.length]! * (i % 2 === 0 ? 1 : -1);
      left.push(from);
      right.push(away(from, (radiusArcsec / 3600) * (1 + miss), direction));
    }
    const sides = [positionsOf(left), positionsOf(right)] as const;
    for (const neighbors of [1, 'all'] as const) {
      const options = { ...nearestWithin(radiusArcsec), neighbors };
      const { counts } = bruteMatch(...sides, options);
      expect(match(...sides, options).counts).toEqual(counts);
      // Some miss and some do not, or the test says nothing.
      const met = counts.filter((count) => count > 0).length;
      expect(met).toBeGreaterThan(40);
      // Wide circles, and those around a pole, hold others' points too.
      if (Math.abs(dec) < 80 && radiusArcsec < 1000) expect(met).toBeLessThan(200);
    }
  },
);
