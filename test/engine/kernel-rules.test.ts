import { describe, expect, test } from 'vitest';
import {
  chordSquaredBetween,
  cosDec,
  type MatchOptions,
  type Positions,
} from '../../engine/kernel/match.ts';
import { arcsecFromChordSquared, chordSquaredFromArcsec } from '../../partitioning/sphere.ts';
import { bruteMatch, match, nearestWithin, type Point, positionsOf } from './kernel-brute.ts';
import { randomOf } from './kernel-sky.ts';

const arcsec = 1 / 3600;
const at = (...decArcsec: number[]): Positions =>
  positionsOf(decArcsec.map((d): Point => [150, 2 + d * arcsec]));

describe('the window of distances is open', () => {
  const left = at(0);
  const right = at(0, 3);
  const chord = chordSquaredBetween(
    150,
    2,
    cosDec(2),
    right.ra[1]!,
    right.dec[1]!,
    cosDec(right.dec[1]!),
  );

  /** The radius nearest to the distance of right row 1 whose threshold relates to its chord as asked. */
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
    const exact = chordSquaredBetween(0, 0, 1, 60, 0, 1);
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
  const left = at(0, 100, 0.4, 50);
  const right = at(3, 1, -2, 0.4, 100.5);
  const rows = (options: Partial<MatchOptions>) =>
    match(left, right, { ...nearestWithin(2.5), ...options }).pairs.map((p) => [p.left, p.right]);

  test('the nearest', () => {
    expect(rows({})).toEqual([
      [0, 3],
      [1, 4],
      [2, 3],
    ]);
  });

  test('the two nearest', () => {
    expect(rows({ neighbors: 2 })).toEqual([
      [0, 3],
      [0, 1],
      [1, 4],
      [2, 3],
      [2, 1],
    ]);
  });

  test('all, by distance', () => {
    const all = [
      [0, 3],
      [0, 1],
      [0, 2],
      [1, 4],
      [2, 3],
      [2, 1],
      [2, 2],
    ];
    expect(rows({ neighbors: 'all' })).toEqual(all);
    expect(rows({ neighbors: 99 })).toEqual(all);
  });

  test('left rows without a neighbour, where asked for', () => {
    expect(rows({ keepUnmatched: true })).toEqual([
      [0, 3],
      [1, 4],
      [2, 3],
      [3, -1],
    ]);
    const { pairs } = match(left, right, { ...nearestWithin(2.5), keepUnmatched: true });
    expect(pairs[3]!.distArcsec).toBeNaN();
  });

  const none = at();
  test.each([1, 3, 'all'] as const)('with an empty side, neighbours %s', (neighbors) => {
    const options = { ...nearestWithin(1), neighbors };
    expect(match(none, right, options).pairs).toEqual([]);
    expect(match(left, none, options).pairs).toEqual([]);
    expect(match(none, none, { ...options, keepUnmatched: true }).pairs).toEqual([]);
    const kept = match(left, none, { ...options, keepUnmatched: true });
    expect(kept.pairs.map((p) => [p.left, p.right])).toEqual([
      [0, -1],
      [1, -1],
      [2, -1],
      [3, -1],
    ]);
    expect(kept.counts).toEqual([1, 1, 1, 1]);
  });

  test('only rows in use, where the arrays are longer', () => {
    const part = { ...right, length: 2 };
    expect(match({ ...left, length: 1 }, part, nearestWithin(9)).pairs).toMatchObject([
      { left: 0, right: 1 },
    ]);
  });
});

describe('exact ties', () => {
  // On the equator, so that the distances on both sides are the same to the last bit.
  const left = positionsOf([[150, 0]]);
  const sides: Point[] = [
    [150, -arcsec],
    [150, arcsec],
  ];
  const order = (right: Positions, neighbors: number | 'all', rank?: Int32Array) => {
    const { pairs, unresolvedTies } = match(left, right, { ...nearestWithin(2), neighbors }, rank);
    return { rows: pairs.map((pair) => pair.right), unresolvedTies };
  };

  test('at different positions go by spatial index, whatever the row order', () => {
    const [first, second] = [positionsOf(sides), positionsOf([...sides].reverse())];
    const { rows, unresolvedTies } = order(first, 'all');
    expect(unresolvedTies).toEqual([]);
    expect(order(second, 'all').rows).toEqual(rows.map((row) => 1 - row));
    expect(order(first, 1).rows).toEqual([rows[0]]);
    expect(order(second, 1).rows).toEqual([1 - rows[0]!]);
    expect(order(second, 1).unresolvedTies).toEqual([]);
  });

  test('at one position in one cell of the index go by right ascension', () => {
    // At the pole right ascension changes the cell, a tenth of a microarcsecond off it does not.
    const off = 2e-14;
    const right = positionsOf([
      [150 + 3 * off, arcsec],
      [150 - 3 * off, arcsec],
    ]);
    expect(order(right, 'all').rows).toEqual([1, 0]);
  });

  const twins = positionsOf([
    [150, arcsec],
    [10, 0],
    [150, arcsec],
    [150, 0.5 * arcsec],
    [150, arcsec],
  ]);

  test('among twins go by rank', () => {
    const rank = Int32Array.of(3, 0, 1, 9, 2);
    expect(order(twins, 'all', rank)).toEqual({ rows: [3, 2, 4, 0], unresolvedTies: [] });
    expect(order(twins, 2, rank)).toEqual({ rows: [3, 2], unresolvedTies: [] });
  });

  test('among twins without a rank go by row, and are noted where it matters', () => {
    expect(order(twins, 'all')).toEqual({ rows: [3, 0, 2, 4], unresolvedTies: [0, 2, 4] });
    expect(order(twins, 3)).toEqual({ rows: [3, 0, 2], unresolvedTies: [0, 2, 4] });
    expect(order(twins, 2)).toEqual({ rows: [3, 0], unresolvedTies: [0, 2, 4] });
    expect(order(twins, 1)).toEqual({ rows: [3], unresolvedTies: [] });
  });
});

describe('right ascensions many turns away', () => {
  // Whole turns that a double holds exactly; beside them it still tells 0.2 mas, or 0.03″.
  test.each([1, -1, 2 ** 20, -(2 ** 20), 2 ** 27])('%d turns: the same pairs', (turns) => {
    const random = randomOf(7);
    const near: Point[] = Array.from({ length: 400 }, () => [
      0.02 * random() - 0.01,
      -30 + 0.02 * random(),
    ]);
    const sides = [near.slice(0, 200), near.slice(200)].map((points) => positionsOf(points));
    const far = positionsOf(near.slice(0, 200).map(([ra, dec]) => [ra + 360 * turns, dec]));
    const [left, right] = sides as [Positions, Positions];
    for (const radiusArcsec of [2, 10]) {
      for (const [a, b] of [
        [far, right],
        [right, far],
        [far, far],
      ] as const) {
        const options: MatchOptions = { ...nearestWithin(radiusArcsec), neighbors: 'all' };
        expect(match(a, b, options)).toEqual(bruteMatch(a, b, options));
      }
    }
    const exact = match(left, right, nearestWithin(10)).pairs.map((pair) => [
      pair.left,
      pair.right,
    ]);
    const found = match(far, right, nearestWithin(10)).pairs.map((pair) => [pair.left, pair.right]);
    expect(exact.length).toBeGreaterThan(20);
    if (Math.abs(turns) <= 2 ** 20) expect(found).toEqual(exact);
  });
});
