/** SQL on the stored spatial index: the rows of a large file that a part of a cell, or a region, is made of. */
import type { HealpixColumn } from '../../catalogs/types.ts';
import { coverageOrder, dilate, exactRanges, regionCoverage } from '../../partitioning/coverage.ts';
import { INDEX_ORDER, type IndexRange, indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { coversRange, intersect, type RangeSet, simplify } from '../../partitioning/ranges.ts';
import type { Region } from '../../partitioning/region.ts';
import { quoteName } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';

/** More ranges cost more per row than they save rows. */
const MAX_RANGES = 8;

/**
 * How far a position may lie from the pixel its row is stored under, arcsec, before a run has to be repeated
 * with a wider reach: catalogs exist whose index was computed from rounded or older positions.
 */
export const PLACEMENT_SLACK_ARCSEC = 1;

/**
 * The same for a position and the index of its own row. Regions are large against it, so it costs nothing. Rows with an
 * index further off may be missing from a region.
 */
const INDEX_SLACK_ARCSEC = 30;

/** Orders by which the coverage of a region is coarser than usual: no more than a few ranges are made of it. */
const COARSER = 2;

/** Smaller than every spatial index, and larger than every one. */
const FIRST_INDEX = -(1n << 62n);
const LAST_INDEX = 1n << 62n;

/**
 * The spatial indices of the rows that belong to the part `cut` of a partition. Rows may be stored under a pixel that
 * their index does not lie in: the first part has what comes before the partition, the last what comes after it.
 */
export function cutRange(of: Pixel, cut: Pixel): IndexRange {
  const whole = indexRange(of);
  const { start, end } = indexRange(cut);
  return {
    start: start === whole.start ? FIRST_INDEX : start,
    end: end === whole.end ? LAST_INDEX : end,
  };
}

/**
 * A condition on the stored spatial index: the rows that belong to the part `cut` of a partition. Where parts are
 * finer than the index, the last of those that share a value has all its rows: every row belongs to one part.
 */
export function cutWindow(stored: HealpixColumn, of: Pixel, cut: Pixel): string {
  const { start, end } = cutRange(of, cut);
  const column = quoteName(stored.name);
  const shift = BigInt(2 * (INDEX_ORDER - stored.order));
  const from = start === FIRST_INDEX ? [] : [`${column} >= ${start >> shift}`];
  const to = end === LAST_INDEX ? [] : [`${column} < ${end >> shift}`];
  return [...from, ...to].join(' AND ');
}

/**
 * Where the stored spatial indices of the rows of a region lie, or null where the whole partition does anyway. It
 * lets the reader skip row groups; the exact test of positions follows.
 */
export function regionRanges(spec: ScanSpec, partition: Pixel): RangeSet | null {
  if (spec.healpix === undefined || spec.aroundPartitions) return null;
  const { start, end } = indexRange(partition);
  let inside: RangeSet = { ranges: BigInt64Array.of(start, end) };
  for (const region of spec.regions) {
    if (region.kind === 'orders') continue;
    inside = intersect(inside, indicesNear(region));
  }
  return coversRange(inside, start, end) ? null : simplify(inside, MAX_RANGES);
}

/** Coverages of regions: the tasks of a worker share theirs, and every file asks. */
const known = new WeakMap<Region, RangeSet>();

/** Where the stored indices of the rows of a region lie. */
function indicesNear(region: Region): RangeSet {
  let coverage = known.get(region);
  if (coverage === undefined) {
    const coarser = exactRanges(region) === undefined ? COARSER : 0;
    const order = Math.max(0, coverageOrder(region) - coarser);
    coverage = dilate(regionCoverage(region, order), INDEX_SLACK_ARCSEC);
    known.set(region, coverage);
  }
  return coverage;
}

/** A condition on the stored spatial index: in one of the ranges, or in a cell of its order that one begins or ends in. */
export function rangeCondition(stored: HealpixColumn, { ranges }: RangeSet): string {
  if (ranges.length === 0) return 'false';
  const column = quoteName(stored.name);
  const shift = BigInt(2 * (INDEX_ORDER - stored.order));
  const parts: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i]! >> shift;
    // A range end inside a stored cell still needs that cell.
    const to = (ranges[i + 1]! + (1n << shift) - 1n) >> shift;
    parts.push(`(${column} >= ${from} AND ${column} < ${to})`);
  }
  const most = ranges.at(-1)! + (1n << shift) - 1n;
  // What both ends say of it lets the database skip row groups; of alternatives it does not see that.
  const within = `${column} >= ${ranges[0]! >> shift} AND ${column} < ${most >> shift}`;
  return parts.length === 1 ? within : `${within} AND (${parts.join(' OR ')})`;
}
