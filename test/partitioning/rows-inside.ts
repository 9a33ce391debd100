/** Which of some positions lie in a region or a coverage, or pass a test. */
import { hashPosition } from '../../partitioning/healpix.ts';
import { INDEX_ORDER } from '../../partitioning/pixel.ts';
import { containsIndex, type RangeSet } from '../../partitioning/ranges.ts';
import { checkRegion, type Region } from '../../partitioning/region.ts';
import { regionRows } from '../../partitioning/region-rows.ts';

export type Position = readonly [ra: number, dec: number];

export function inside(
  region: Region,
  positions: readonly Position[],
  index?: BigInt64Array,
): number[] {
  const ra = Float64Array.from(positions, ([a]) => a);
  const dec = Float64Array.from(positions, ([, d]) => d);
  return [...regionRows(checkRegion(region), ra, dec, index)];
}

export function rowsWhere(
  positions: readonly Position[],
  keep: (p: Position) => boolean,
): number[] {
  return positions.flatMap((p, row) => (keep(p) ? [row] : []));
}

export function holds(set: RangeSet, [ra, dec]: Position): boolean {
  return containsIndex(set, hashPosition(ra, dec, INDEX_ORDER));
}
