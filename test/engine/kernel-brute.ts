/** The crossmatch by its definition: every left row against every right row. The kernel must give the same bits. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import {
  chordSquaredBetween,
  cosDec,
  createMatcher,
  type Matcher,
  type MatchOptions,
  type Positions,
} from '../../engine/kernel/match.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { arcsecFromChordSquared, chordSquaredFromArcsec } from '../../partitioning/sphere.ts';

export type Point = readonly [ra: number, dec: number];

export interface PairRow {
  readonly left: number;
  readonly right: number;
  readonly distArcsec: number;
}

export interface Answer {
  readonly pairs: PairRow[];
  readonly unresolvedTies: number[];
  readonly counts: number[];
}

export const noStop = () => {};

export const nearestWithin = (radiusArcsec: number): MatchOptions => ({
  radiusArcsec,
  minRadiusArcsec: 0,
  neighbors: 1,
  keepUnmatched: false,
});

export function positionsOf(points: readonly Point[]): Positions {
  return {
    ra: Float64Array.from(points, ([ra]) => ra),
    dec: Float64Array.from(points, ([, dec]) => dec),
    length: points.length,
  };
}

/** All pairs of a matcher, block by block. */
export function drain(matcher: Matcher, maxPairs = 1000): PairRow[] {
  const rows: PairRow[] = [];
  for (let block = matcher.next(maxPairs, noStop); block; block = matcher.next(maxPairs, noStop)) {
    if (block.length > maxPairs) throw new Error(`a block of ${block.length} rows`);
    for (let i = 0; i < block.length; i++) {
      rows.push({
        left: block.left[i]!,
        right: block.right[i]!,
        distArcsec: block.distArcsec[i]!,
      });
    }
  }
  return rows;
}

/** The kernel's answer; `counts` by counting, not from the pairs. */
export function match(
  left: Positions,
  right: Positions,
  options: MatchOptions,
  rank?: Int32Array,
): Answer {
  const matcher = createMatcher(left, right, options, rank === undefined ? {} : { rank });
  const pairs = drain(matcher);
  const counts = Array.from(matcher.leftCounts(noStop));
  const sum = counts.reduce((a, b) => a + b, 0);
  if (matcher.count(noStop) !== sum) throw new Error('count differs from the sum of leftCounts');
  return { pairs, unresolvedTies: Array.from(matcher.unresolvedTies), counts };
}

/** The answer by definition. `candidates` may leave right rows out that are surely too far away. */
export function bruteMatch(
  left: Positions,
  right: Positions,
  options: MatchOptions,
  rank?: Int32Array,
  candidates: (l: number) => Iterable<number> = () => rowsOf(right),
): Answer {
  const { neighbors, keepUnmatched } = options;
  const wanted = neighbors === 'all' ? right.length : neighbors;
  const pairs: PairRow[] = [];
  const counts: number[] = [];
  const ties = new Set<number>();
  for (let l = 0; l < left.length; l++) {
    const near = neighboursOf(left, l, right, options, candidates(l));
    near.sort((a, b) => a.chord - b.chord || compareTied(right, rank, a.row, b.row));
    const kept = Math.min(wanted, near.length);
    for (let i = 0; i < kept; i++) {
      const { row, chord } = near[i]!;
      pairs.push({ left: l, right: row, distArcsec: arcsecFromChordSquared(chord) });
      if (rank !== undefined) continue;
      const twins = near.filter(({ row: other }) => samePosition(right, other, row));
      if (twins.length > 1) for (const twin of twins) ties.add(twin.row);
    }
    if (kept === 0 && keepUnmatched) pairs.push({ left: l, right: -1, distArcsec: Number.NaN });
    counts.push(kept === 0 && keepUnmatched ? 1 : kept);
  }
  return { pairs, unresolvedTies: [...ties].sort((a, b) => a - b), counts };
}

function rowsOf(positions: Positions): Iterable<number> {
  return Array.from({ length: positions.length }, (_, row) => row);
}

function neighboursOf(
  left: Positions,
  l: number,
  right: Positions,
  options: MatchOptions,
  candidates: Iterable<number>,
) {
  const { radiusArcsec, minRadiusArcsec } = options;
  const most = chordSquaredFromArcsec(radiusArcsec);
  const least = chordSquaredFromArcsec(minRadiusArcsec);
  const near: { row: number; chord: number }[] = [];
  const ra = left.ra[l]!;
  const dec = left.dec[l]!;
  const cos = cosDec(dec);
  for (const row of candidates) {
    const chord = chordSquaredBetween(
      ra,
      dec,
      cos,
      right.ra[row]!,
      right.dec[row]!,
      cosDec(right.dec[row]!),
    );
    const inside = chord < most || radiusArcsec > 180 * 3600;
    if (inside && (minRadiusArcsec === 0 || chord > least)) near.push({ row, chord });
  }
  return near;
}

function samePosition(right: Positions, a: number, b: number): boolean {
  return right.ra[a] === right.ra[b] && right.dec[a] === right.dec[b];
}

function compareTied(right: Positions, rank: Int32Array | undefined, a: number, b: number): number {
  const hashA = hashPosition(right.ra[a]!, right.dec[a]!, 29);
  const hashB = hashPosition(right.ra[b]!, right.dec[b]!, 29);
  if (hashA !== hashB) return hashA < hashB ? -1 : 1;
  return (
    right.ra[a]! - right.ra[b]! ||
    right.dec[a]! - right.dec[b]! ||
    (rank === undefined ? 0 : rank[a]! - rank[b]!) ||
    a - b
  );
}

export interface Query {
  readonly left: Positions;
  readonly right: Positions;
  readonly options: MatchOptions;
}

/** Holds the kernel's answer against the one by definition. */
export function expectBrute({ left, right, options }: Query, rank?: Int32Array): void {
  const got = match(left, right, options, rank);
  const want = bruteMatch(left, right, options, rank);
  // The runner's comparison takes longer than both, and is needed only to show a difference.
  if (!isDeepStrictEqual(got, want)) expect(got).toEqual(want);
}
