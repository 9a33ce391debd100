/** Which rows lie inside a region, by their exact positions. */
import { boxFilter } from './box.ts';
import { coneFilter } from './cone.ts';
import { exactRanges } from './coverage.ts';
import { wordsOf } from './facet.ts';
import { hashPositions } from './healpix.ts';
import { INDEX_ORDER } from './pixel.ts';
import { polygonFilter } from './polygon-shape.ts';
import type { RangeSet } from './ranges.ts';
import { type Region, unknownKind } from './region.ts';
import type { RowFilter } from './shape.ts';

/** Positions of rows; the index at order 29 is computed when it is needed and absent. */
interface Rows {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  readonly index: () => BigInt64Array;
}

/**
 * Numbers of the rows inside a region, ascending. Positions in degrees, any finite ra; a row whose position is
 * NaN is inside no cone, box or polygon. Regions made of cells go by the rows' order-29 index, computed
 * from the positions when `index` is not given; orders select partitions, not rows, and pass all.
 * The region must have passed {@link checkRegion}.
 */
export function regionRows(
  region: Region,
  ra: Float64Array,
  dec: Float64Array,
  index?: BigInt64Array,
): Int32Array {
  let known = index;
  const filters = filtersOf(region, {
    ra,
    dec,
    index: () => {
      known ??= hashPositions(ra, dec, INDEX_ORDER);
      return known;
    },
  });
  const rows = new Int32Array(ra.length);
  for (let r = 0; r < rows.length; r++) rows[r] = r;
  const count = filters.reduce((left, filter) => filter(rows, left), rows.length);
  return rows.slice(0, count);
}

function filtersOf(region: Region, rows: Rows): RowFilter[] {
  switch (region.kind) {
    case 'cone':
      return [coneFilter(region, rows.ra, rows.dec)];
    case 'box':
      return [boxFilter(region, rows.ra, rows.dec)];
    case 'polygon':
      return [polygonFilter(region, rows.ra, rows.dec)];
    case 'moc':
    case 'pixels':
      return [rangesFilter(exactRanges(region) as RangeSet, rows.index())];
    case 'orders':
      return [];
    case 'and':
      return region.regions.flatMap((part) => filtersOf(part, rows));
    default:
      throw unknownKind(region);
  }
}

/** Keeps rows whose order-29 index is in a coverage. */
function rangesFilter(set: RangeSet, index: BigInt64Array): RowFilter {
  const bounds = wordsOf(set.ranges);
  const words = wordsOf(index);
  const last = set.ranges.length;
  return (rows, count) => {
    let kept = 0;
    // How many bounds are at or below the row's index: odd inside a range. Rows of a file are nearly
    // sorted, so the last row's answer usually holds for the next.
    let below = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const low = words[2 * row]! >>> 0;
      const high = words[2 * row + 1]!;
      const stays =
        (below === 0 || !isBefore(low, high, bounds, below - 1)) &&
        (below === last || isBefore(low, high, bounds, below));
      if (!stays) below = countBelow(low, high, bounds, last);
      if ((below & 1) === 1) rows[kept++] = row;
    }
    return kept;
  };
}

/** True when the number of two words is below bound `k`. */
function isBefore(low: number, high: number, bounds: Int32Array, k: number): boolean {
  const boundHigh = bounds[2 * k + 1]!;
  return high === boundHigh ? low < bounds[2 * k]! >>> 0 : high < boundHigh;
}

function countBelow(low: number, high: number, bounds: Int32Array, last: number): number {
  let from = 0;
  let to = last;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(low, high, bounds, middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
