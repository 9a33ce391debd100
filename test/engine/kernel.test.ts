import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MatchOptions } from '../../engine/kernel/match.ts';
import { expectBrute, match, positionsOf, type Query } from './kernel-brute.ts';
import {
  concatenated,
  hardPlaces,
  offsetPoint,
  patchMaker,
  randomOf,
  wholeSky,
} from './kernel-sky.ts';

const place = fc.oneof(
  fc.constantFrom(...hardPlaces),
  fc.tuple(
    fc.double({ min: 0, max: 360, noNaN: true }),
    fc.double({ min: -90, max: 90, noNaN: true }),
  ),
);

const degrees = fc.constantFrom(0.01 / 3600, 1 / 3600, 1 / 60, 1, 20, 90);

/** Offsets by the scale; the coarse ones give duplicates and exact ties. */
const offset = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.integer({ min: -4, max: 4 }).map((n) => n / 4),
);

function optionsAt(scale: number): fc.Arbitrary<MatchOptions> {
  return fc
    .record({
      radius: fc.oneof(
        fc.constantFrom(0.05, 0.25, 0.5, 1, 3),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
      ),
      least: fc.constantFrom(0, 0, 0, 0.1, 0.7),
      neighbors: fc.constantFrom<number | 'all'>(1, 1, 2, 3, 7, 1000, 'all', 'all'),
      keepUnmatched: fc.boolean(),
    })
    .map(({ radius, least, ...rest }) => ({
      ...rest,
      radiusArcsec: radius * scale * 3600,
      minRadiusArcsec: least * radius * scale * 3600,
    }));
}

const query: fc.Arbitrary<Query> = fc.tuple(place, degrees).chain(([centre, scale]) => {
  const side = fc
    .array(fc.tuple(offset, offset), { maxLength: 60 })
    .map((offsets) =>
      positionsOf(offsets.map(([x, y]) => offsetPoint(centre, x * scale, y * scale))),
    );
  return fc.record({ left: side, right: side, options: optionsAt(scale) });
});

/** Some hundred rows a side, crowded, from one seed. */
function crowdedQuery(seed: number): Query {
  const random = randomOf(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const scale = pick([1e-5, 1e-3, 0.02, 1, 10, 60, 180]);
  const make = patchMaker(
    {
      centre: random() < 0.8 ? pick(hardPlaces) : [360 * random(), 180 * random() - 90],
      scale,
      lattice: random() < 0.3,
      clumps: Math.floor(4 * random()),
      clumpScale: pick([0.1, 0.01, 1e-4, 0]),
    },
    random,
  );
  const left = make(Math.floor(random() * 300));
  const crowd = random() < 0.1 ? left : make(Math.floor(random() * pick([5, 80, 400, 900])));
  // The grid's seam is opposite its first row: a far one puts the seam into the crowd.
  const opposite = positionsOf([[(crowd.ra[0] ?? 0) + 180, crowd.dec[0] ?? 0]]);
  const right = random() < 0.4 ? concatenated(opposite, crowd) : crowd;
  const radiusArcsec = pick([0.001, 0.01, 0.1, 0.3, 1, 2]) * (0.1 + random()) * scale * 3600;
  return {
    left,
    right,
    options: {
      radiusArcsec,
      minRadiusArcsec: random() < 0.25 ? 0.9 * radiusArcsec * random() : 0,
      neighbors: pick<number | 'all'>([1, 1, 1, 2, 3, 5, 20, 200, 'all']),
      keepUnmatched: random() < 0.5,
    },
  };
}

describe('the kernel equals brute force, bit for bit', () => {
  test('anywhere, at any scale', () => {
    fc.assert(
      fc.property(query, (q) => expectBrute(q)),
      { numRuns: 3000 },
    );
  });

  test('in crowds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xfffffff }), (seed) =>
        expectBrute(crowdedQuery(seed)),
      ),
      { numRuns: 120 },
    );
  });

  test('with a rank for rows at the same position', () => {
    fc.assert(
      fc.property(query, fc.integer({ min: 1, max: 3 }), (q, step) => {
        const rank = Int32Array.from({ length: q.right.length }, (_, row) => (-row * step) % 7);
        expectBrute(q, rank);
        expect(match(q.left, q.right, q.options, rank).unresolvedTies).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hard places', () => {
  const random = randomOf(7);
  const around = (centre: readonly [number, number], scale: number, rows: number) =>
    patchMaker({ centre, scale, lattice: false, clumps: 0, clumpScale: 0 }, random)(rows);

  const radii = [0.01, 0.1, 1, 30, 3600, 36_000];
  const cases = radii.flatMap((radius) =>
    hardPlaces.map((centre) => ({ radius, ra: centre[0], dec: centre[1] })),
  );

  test.each(cases)('radius $radius″ at $ra, $dec', ({ radius, ra, dec }) => {
    const scale = Math.min(60, (4 * radius) / 3600);
    const left = around([ra, dec], scale, 80);
    const right = around([ra, dec], scale, 120);
    const base = { radiusArcsec: radius, minRadiusArcsec: 0, keepUnmatched: true };
    const nearest = match(left, right, { ...base, neighbors: 1 });
    expect(nearest.pairs.some((pair) => pair.right >= 0)).toBe(true);
    for (const neighbors of [1, 3, 'all'] as const) {
      expectBrute({ left, right, options: { ...base, neighbors } });
    }
  });

  const sky = { left: wholeSky(100, random), right: wholeSky(160, random) };

  test.each([3600, 10 * 3600, 89 * 3600, 90 * 3600, 120 * 3600, 179.9 * 3600, 180 * 3600, 1e6])(
    'the whole sky within %d″',
    (radiusArcsec) => {
      for (const neighbors of [1, 4, 200, 'all'] as const) {
        const options = { radiusArcsec, minRadiusArcsec: 0, neighbors, keepUnmatched: false };
        expectBrute({ ...sky, options });
        expectBrute({ ...sky, options: { ...options, minRadiusArcsec: radiusArcsec / 2 } });
      }
    },
  );

  test('sky all around, so that every position is on some seam', () => {
    const right = positionsOf(
      Array.from({ length: 96 }, (_, i) => [3.75 * i, [0.1, -0.1, 89.9, -89.9][i % 4]!] as const),
    );
    for (let ra = 0; ra < 360; ra += 15) {
      const around = positionsOf([
        [ra, 0.1],
        [ra + 1e-4, -0.1],
        [ra - 1e-4, 89.9],
        [ra, -89.9],
      ]);
      const sides = [around, positionsOf([[ra + 0.1, 0]]), positionsOf([[ra - 0.1, 0]])];
      for (const radiusArcsec of [1, 700, 50_000]) {
        const options = { radiusArcsec, minRadiusArcsec: 0, keepUnmatched: false };
        for (const left of sides) {
          expectBrute({ left, right, options: { ...options, neighbors: 2 } });
          expectBrute({ left, right, options: { ...options, neighbors: 'all' } });
        }
      }
    }
  });

  test.each([1, 3, 'all'] as const)('a crowd on the seam, neighbours %s', (neighbors) => {
    const [near, far] = [around([180, 20], 0.01, 60), positionsOf([[0, 20]])];
    const crowd = concatenated(far, around([180, 20], 0.01, 3000));
    for (const radiusArcsec of [0.5, 5, 40]) {
      const options = { radiusArcsec, minRadiusArcsec: 0, neighbors, keepUnmatched: true };
      expectBrute({ left: near, right: crowd, options });
    }
  });

  test('at a pole that the circle around the left row only just touches', () => {
    for (const sign of [1, -1]) {
      for (const [offset, radiusArcsec] of [
        [0.5, 0.5],
        [0.0025, 0.0025],
        [0.0025, 0.00249999999],
        [3600, 3600],
      ] as const) {
        const left = positionsOf([[303.4, sign * (90 - offset / 3600)]]);
        const right = positionsOf([
          [303.4, sign * (90 - offset / 7200)],
          [123.4, sign * 90],
          [33.4, sign * 90],
        ]);
        for (const neighbors of [1, 2, 'all'] as const) {
          const options = { radiusArcsec, minRadiusArcsec: 0, neighbors, keepUnmatched: false };
          expectBrute({ left, right, options });
        }
      }
    }
  });

  test('neighbours at the other end of the sky, where chords hardly differ', () => {
    const left = positionsOf([[10, 20]]);
    const right = around([190, -20], 0.001, 9);
    for (const radiusArcsec of [647_990, 1e6]) {
      const options = { radiusArcsec, minRadiusArcsec: 0, neighbors: 3, keepUnmatched: true };
      expectBrute({ left, right, options });
    }
  });
});

describe('as many candidates of one row as are put in order at a time, and a few more or less', () => {
  const counts = [1, 2, 3, 62, 63, 64, 65, 66];
  const sides = (distances: readonly number[]) => ({
    left: positionsOf([[50, 20]]),
    // Up and down in turn: exactly as far where the distance is the same.
    right: positionsOf(
      distances.map((distance, i) => [50, 20 + (i % 2 === 0 ? distance : -distance)]),
    ),
  });
  const wantedOf = (rows: number) =>
    [1, 2, rows - 1, rows, rows + 1, 63, 64, 65].filter((k) => k > 0);

  test.each(counts)('%i of them, all at other distances', (rows) => {
    const random = randomOf(rows);
    const distances = Array.from(
      { length: rows },
      (_, i) => (0.1 + (0.8 * ((i * 37) % rows)) / rows + 1e-3 * random()) / 3600,
    );
    for (const neighbors of [...wantedOf(rows), 'all'] as const) {
      const options = { radiusArcsec: 1, minRadiusArcsec: 0, neighbors, keepUnmatched: true };
      expectBrute({ ...sides(distances), options });
    }
  });

  test.each(counts)('%i of them, two by two at the same distance', (rows) => {
    const distances = Array.from({ length: rows }, (_, i) => 2 ** -20 * (1 + (i >> 1)));
    for (const neighbors of [...wantedOf(rows), 'all'] as const) {
      const options = { radiusArcsec: 2, minRadiusArcsec: 0, neighbors, keepUnmatched: true };
      expectBrute({ ...sides(distances), options });
    }
  });
});
