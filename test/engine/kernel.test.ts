import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMatcher, type MatchOptions, type Positions } from '../../engine/kernel/match.ts';
import { bruteMatch, drain, match, noStop, positionsOf } from './kernel-brute.ts';

type Point = readonly [ra: number, dec: number];

/** A patch of sky: positions scattered around a hard or ordinary place, at one scale. */
interface Patch {
  readonly centre: Point;
  readonly scale: number;
}

const places: readonly Point[] = [
  [0, 0],
  [360, 30],
  [180, -45],
  [123.4, 90],
  [300, -90],
  [77, 89.9999],
  [10, -89.999],
  [45, 41.8103],
  [-0.00001, 12],
  [719.9999, 66],
];

const patch: fc.Arbitrary<Patch> = fc.record({
  centre: fc.oneof(
    fc.constantFrom(...places),
    fc.tuple(
      fc.double({ min: 0, max: 360, noNaN: true }),
      fc.double({ min: -90, max: 90, noNaN: true }),
    ),
  ),
  scale: fc.constantFrom(0.01 / 3600, 1 / 3600, 1 / 60, 1, 20, 90),
});

/** Offsets in units of the scale; the coarse ones give duplicates and exact ties. */
const offset = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.integer({ min: -4, max: 4 }).map((n) => n / 4),
);

function pointsOf(
  { centre, scale }: Patch,
  offsets: readonly (readonly [number, number])[],
): Positions {
  const [ra0, dec0] = centre;
  const stretch = Math.max(Math.cos((dec0 * Math.PI) / 180), 1e-3);
  return positionsOf(
    offsets.map(([x, y]): Point => {
      const dec = dec0 + y * scale;
      const ra = ra0 + Math.max(-180, Math.min(180, (x * scale) / stretch));
      if (dec > 90) return [ra + 180, 180 - dec];
      return dec < -90 ? [ra + 180, -180 - dec] : [ra, dec];
    }),
  );
}

const side = fc.array(fc.tuple(offset, offset), { maxLength: 60 });

const options = (scale: number): fc.Arbitrary<MatchOptions> =>
  fc
    .record({
      radiusArcsec: fc
        .oneof(
          fc.constantFrom(0.05, 0.25, 0.5, 1, 3),
          fc.double({ min: 0.01, max: 2, noNaN: true }),
        )
        .map((r) => r * scale * 3600),
      least: fc.constantFrom(0, 0, 0, 0.1, 0.7),
      neighbors: fc.constantFrom<number | 'all'>(1, 1, 2, 3, 7, 1000, 'all', 'all'),
      keepUnmatched: fc.boolean(),
    })
    .map(({ least, ...rest }) => ({ ...rest, minRadiusArcsec: least * rest.radiusArcsec }));

const query = patch.chain((p) =>
  fc.record({
    left: side.map((offsets) => pointsOf(p, offsets)),
    right: side.map((offsets) => pointsOf(p, offsets)),
    options: options(p.scale),
  }),
);

describe('the kernel equals brute force, bit for bit', () => {
  test('anywhere, at any scale', () => {
    fc.assert(
      fc.property(query, ({ left, right, options }) => {
        expect(match(left, right, options)).toEqual(bruteMatch(left, right, options));
      }),
      { numRuns: 3000 },
    );
  });
});
