/** The crossmatch by its definition: every left row against every right row. The kernel must give the same bits. */
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

export interface PairRow {
  readonly left: number;
  readonly right: number;
  readonly distArcsec: number;
}

export interface BruteResult {
  readonly pairs: PairRow[];
  readonly unresolvedTies: number[];
}

export function positionsOf(points: readonly (readonly [ra: number, dec: number])[]): Positions {
  return {
    ra: Float64Array.from(points, ([ra]) => ra),
    dec: Float64Array.from(points, ([, dec]) => dec),
    length: points.length,
  };
}

export const noStop = () => {};

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

export function match(
  left: Positions,
  right: Positions,
  options: MatchOptions,
  rank?: Int32Array,
): BruteResult {
  const matcher = createMatcher(left, right, options, rank === undefined ? {} : { rank });
  const pairs = drain(matcher);
  return { pairs, unresolvedTies: Array.from(matcher.unresolvedTies) };
}

export function bruteMatch(
  left: Positions,
  right: Positions,
  options: MatchOptions,
  rank?: Int32Array,
): BruteResult {
  const { neighbors, keepUnmatched } = options;
  const wanted = neighbors === 'all' ? right.length : neighbors;
  const pairs: PairRow[] = [];
  const ties = new Set<number>();
  const hashes = Array.from({ length: right.length }, (_, r) =>
    hashPosition(right.ra[r]!, right.dec[r]!, 29),
  );
  for (let l = 0; l < left.length; l++) {
    const near = neighboursOf(left, l, right, options);
    near.sort((a, b) => a.chord - b.chord || compareTied(right, hashes, rank, a.row, b.row));
    const kept = Math.min(wanted, near.length);
    for (let i = 0; i < kept; i++) {
      const { row, chord } = near[i]!;
      pairs.push({ left: l, right: row, distArcsec: arcsecFromChordSquared(chord) });
      if (rank !== undefined) continue;
      const twins = near.filter(({ row: other }) => samePosition(right, other, row));
      if (twins.length > 1) for (const twin of twins) ties.add(twin.row);
    }
    if (kept === 0 && keepUnmatched) pairs.push({ left: l, right: -1, distArcsec: Number.NaN });
  }
  return { pairs, unresolvedTies: [...ties].sort((a, b) => a - b) };
}

function neighboursOf(left: Positions, l: number, right: Positions, options: MatchOptions) {
  const { radiusArcsec, minRadiusArcsec } = options;
  const most = chordSquaredFromArcsec(radiusArcsec);
  const least = chordSquaredFromArcsec(minRadiusArcsec);
  const near: { row: number; chord: number }[] = [];
  const ra = left.ra[l]!;
  const dec = left.dec[l]!;
  for (let row = 0; row < right.length; row++) {
    const chord = chordSquaredBetween(ra, dec, cosDec(dec), right.ra[row]!, right.dec[row]!);
    const inside = chord < most || radiusArcsec > 180 * 3600;
    if (inside && (minRadiusArcsec === 0 || chord > least)) near.push({ row, chord });
  }
  return near;
}

function samePosition(right: Positions, a: number, b: number): boolean {
  return right.ra[a] === right.ra[b] && right.dec[a] === right.dec[b];
}

function compareTied(
  right: Positions,
  hashes: readonly bigint[],
  rank: Int32Array | undefined,
  a: number,
  b: number,
): number {
  if (hashes[a]! !== hashes[b]!) return hashes[a]! < hashes[b]! ? -1 : 1;
  return (
    right.ra[a]! - right.ra[b]! ||
    right.dec[a]! - right.dec[b]! ||
    (rank === undefined ? 0 : rank[a]! - rank[b]!) ||
    a - b
  );
}
