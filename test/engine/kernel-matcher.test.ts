import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMatcher,
  createScratch,
  estimateMatcherBytes,
  type MatchOptions,
  type Positions,
} from '../../engine/kernel/match.ts';
import { drain, match, nearestWithin, noStop, type Point, positionsOf } from './kernel-brute.ts';
import { patchMaker, randomOf, reordered, shuffledRows } from './kernel-sky.ts';

const arcsec = 1 / 3600;
const at = (...decArcsec: number[]): Positions =>
  positionsOf(decArcsec.map((d): Point => [150, 2 + d * arcsec]));

/** A clumpy patch of 0.2°: from one place to several hundred neighbours within 30″. */
function patch(seed: number, leftRows: number, rightRows: number, lattice = false) {
  const random = randomOf(seed);
  const make = patchMaker(
    { centre: [359.95, 70], scale: 0.1, lattice, clumps: 2, clumpScale: 0.05 },
    random,
  );
  return { left: make(leftRows), right: make(rightRows), random };
}

describe('the answer does not depend on', () => {
  const optionsOf = fc.record({
    radiusArcsec: fc.constantFrom(0.5, 5, 60, 400),
    minRadiusArcsec: fc.constantFrom(0, 0.3),
    neighbors: fc.constantFrom<number | 'all'>(1, 2, 6, 'all'),
    keepUnmatched: fc.boolean(),
  });
  const seeds = fc.integer({ min: 0, max: 1e6 });

  test('the size of the blocks', () => {
    fc.assert(
      fc.property(seeds, optionsOf, fc.boolean(), (seed, options, lattice) => {
        const { left, right } = patch(seed, 200, 300, lattice);
        const whole = drain(createMatcher(left, right, options), 1e6);
        for (const size of [1, 2, 7, 100]) {
          expect(drain(createMatcher(left, right, options), size)).toEqual(whole);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('the order of the right rows', () => {
    fc.assert(
      fc.property(seeds, optionsOf, fc.boolean(), (seed, options, lattice) => {
        const { left, right, random } = patch(seed, 200, 300, lattice);
        const order = shuffledRows(300, random);
        const matched = (side: Positions) =>
          match(left, side, options).pairs.map((pair) => [
            pair.left,
            side.ra[pair.right],
            side.dec[pair.right],
            pair.distArcsec,
          ]);
        expect(matched(reordered(right, order))).toEqual(matched(right));
      }),
      { numRuns: 40 },
    );
  });

  test('which other left rows are matched with it', () => {
    fc.assert(
      fc.property(seeds, optionsOf, (seed, options) => {
        const { left, right } = patch(seed, 60, 400);
        const one = (row: number) => reordered(left, [row]);
        const single = Array.from({ length: 60 }, (_, row) =>
          match(one(row), right, options).pairs.map((pair) => ({ ...pair, left: row })),
        ).flat();
        expect(match(left, right, options).pairs).toEqual(single);
      }),
      { numRuns: 20 },
    );
  });
});

describe('blocks', () => {
  test('keep the rows of one left row together, unless they alone are too many', () => {
    const left = at(0, 0, 30, 0);
    const right = at(0.1, 0.2, 0.3, 30);
    const sizes = (maxPairs: number) => {
      const matcher = createMatcher(left, right, { ...nearestWithin(1), neighbors: 'all' });
      const found: number[][] = [];
      for (let b = matcher.next(maxPairs, noStop); b; b = matcher.next(maxPairs, noStop)) {
        found.push(Array.from(b.left));
      }
      return found;
    };
    expect(sizes(100)).toEqual([[0, 0, 0, 1, 1, 1, 2, 3, 3, 3]]);
    expect(sizes(5)).toEqual([
      [0, 0, 0],
      [1, 1, 1, 2],
      [3, 3, 3],
    ]);
    expect(sizes(2)).toEqual([[0, 0], [0], [1, 1], [1, 2], [3, 3], [3]]);
  });

  test('stay as they are while the matcher and its scratch go on', () => {
    const scratch = createScratch();
    const { left, right } = patch(3, 500, 500);
    const options = { ...nearestWithin(30), neighbors: 3 };
    const matcher = createMatcher(left, right, options, { scratch });
    const first = matcher.next(50, noStop)!;
    const copy = structuredClone(first);
    matcher.next(1, noStop);
    matcher.count(noStop);
    drain(createMatcher(right, left, { ...options, radiusArcsec: 9 }, { scratch }));
    expect(first).toEqual(copy);
  });

  test('of no size are refused', () => {
    const matcher = createMatcher(at(0), at(0), nearestWithin(1));
    expect(() => matcher.next(0, noStop)).toThrow(RangeError);
    expect(() => matcher.next(Number.NaN, noStop)).toThrow(RangeError);
  });
});

describe('a scratch', () => {
  test('serves matchers of all sizes one after another', () => {
    const scratch = createScratch();
    for (const [seed, rows] of [
      [1, 400],
      [2, 3],
      [3, 900],
      [4, 0],
      [5, 200],
    ] as const) {
      const { left, right } = patch(seed, rows, rows);
      const options = { ...nearestWithin(20), neighbors: 4 };
      const fresh = drain(createMatcher(left, right, options));
      expect(drain(createMatcher(left, right, options, { scratch }))).toEqual(fresh);
    }
  });

  test('belongs to the latest matcher', () => {
    const scratch = createScratch();
    const first = createMatcher(at(0), at(0), nearestWithin(1), { scratch });
    createMatcher(at(1), at(1), nearestWithin(1), { scratch });
    expect(() => first.next(9, noStop)).toThrow('used by a later one');
    expect(() => first.count(noStop)).toThrow('used by a later one');
    expect(first.unresolvedTies).toEqual(new Int32Array(0));
  });

  test('takes no more memory than estimated', () => {
    const { left, right } = patch(9, 20_000, 30_000);
    const scratch = createScratch();
    for (const neighbors of [1, 'all'] as const) {
      createMatcher(left, right, { ...nearestWithin(2), neighbors }, { scratch });
      const { arena, chords, rows } = scratch;
      let bytes = arena.memory.buffer.byteLength;
      for (const array of [chords, rows]) bytes += array.byteLength;
      expect(bytes).toBeGreaterThan(20 * 30_000);
      expect(bytes).toBeLessThan(estimateMatcherBytes(20_000, 30_000));
    }
  });
});

describe('the stop flag', () => {
  const stop = () => {
    throw new Error('stopped');
  };

  test('ends counting and matching', () => {
    const { left, right } = patch(1, 100, 100);
    const matcher = createMatcher(left, right, nearestWithin(5));
    expect(() => matcher.count(stop)).toThrow('stopped');
    expect(() => matcher.leftCounts(stop)).toThrow('stopped');
    expect(() => matcher.next(10, stop)).toThrow('stopped');
  });

  test('set at any moment leaves a matcher that can go on', () => {
    const { left, right } = patch(4, 40, 30_000);
    for (const neighbors of [1, 5, 'all'] as const) {
      const options = { ...nearestWithin(300), neighbors };
      const whole = drain(createMatcher(left, right, options), 1e6);
      for (const looks of [0, 1, 2, 5]) {
        const matcher = createMatcher(left, right, options);
        expect(matcher.next(3, noStop)!.length).toBeGreaterThan(0);
        let stopped = 0;
        for (const run of [matcher.count, (check: () => void) => matcher.next(1e6, check)]) {
          let rest = looks;
          const stopLater = () => {
            if (rest-- === 0) stop();
          };
          try {
            run(stopLater);
          } catch {
            stopped++;
          }
        }
        if (looks === 0) expect(stopped).toBe(2);
        if (stopped < 2) continue;
        expect(matcher.count(noStop)).toBe(whole.length);
        const rest = drain(matcher, 1e6);
        // `toEqual` takes seconds for so many.
        expect(isDeepStrictEqual(rest, whole.slice(whole.length - rest.length))).toBe(true);
        expect(rest.length).toBeGreaterThanOrEqual(whole.length - 3);
      }
    }
  });

  test('is looked at inside a single left row with very many neighbours', () => {
    const right = patch(2, 0, 200_000).right;
    const matcher = createMatcher(positionsOf([[359.95, 70]]), right, {
      ...nearestWithin(3600),
      neighbors: 'all',
    });
    let looks = 0;
    expect(matcher.count(() => looks++)).toBe(200_000);
    expect(looks).toBeGreaterThan(2);
  });
});

test.each<[Partial<MatchOptions>, string]>([
  [{ radiusArcsec: 0 }, 'the radius of a crossmatch must be above 0 arcsec, not 0'],
  [{ radiusArcsec: Number.NaN }, 'the radius of a crossmatch must be above 0 arcsec, not NaN'],
  [
    { minRadiusArcsec: -1 },
    'the minimum radius must be at least 0 and below the radius of 1 arcsec, not -1',
  ],
  [
    { minRadiusArcsec: 1 },
    'the minimum radius must be at least 0 and below the radius of 1 arcsec, not 1',
  ],
  [{ neighbors: 0 }, "the number of neighbours must be 1, 2, … or 'all', not 0"],
  [{ neighbors: 1.5 }, "the number of neighbours must be 1, 2, … or 'all', not 1.5"],
])('refuses %j', (options, message) => {
  expect(() => createMatcher(at(0), at(0), { ...nearestWithin(1), ...options })).toThrow(
    expect.objectContaining({ tag: 'request', message }),
  );
});
