/** SQL that keeps the rows of a large file which a smaller cell can need. */

import {
  coverageOrder,
  dilate,
  pixelCoverageWithin,
  regionCoverage,
} from '../../partitioning/coverage.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import { INDEX_ORDER, indexRange } from '../../partitioning/pixel.ts';
import { coversRange, intersect, type RangeSet, simplify } from '../../partitioning/ranges.ts';
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
 * A condition on the stored spatial index: exactly the rows stored under `cut` for the scan that gives rows
 * their place, every row within the reach of `cut` for the others.
 */
export function haloWindow(
  spec: ScanSpec,
  stored: { readonly name: string; readonly order: number },
  cut: Pixel,
): string {
  if (spec.reachArcsec === 0) {
    const { start, end } = indexRange(cut);
    return rangeCondition(stored, BigInt64Array.of(start, end));
  }
  const near = pixelCoverageWithin(cut, spec.reachArcsec + PLACEMENT_SLACK_ARCSEC);
  return rangeCondition(stored, simplify(near, MAX_RANGES).ranges);
}

/**
 * A condition on the stored spatial index that rows of a region fulfil, or null where the whole partition does
 * anyway. It lets the reader skip row groups; the exact test of positions follows.
 */
export function regionWindow(spec: ScanSpec, partition: Pixel): string | null {
  const stored = spec.healpix;
  if (stored === undefined) return null;
  const { start, end } = indexRange(partition);
  let inside: RangeSet = { ranges: BigInt64Array.of(start, end) };
  for (const region of spec.regions) {
    if (region.kind === 'orders') continue;
    const coverage = regionCoverage(region, coverageOrder(region));
    inside = intersect(inside, dilate(coverage, PLACEMENT_SLACK_ARCSEC));
  }
  if (coversRange(inside, start, end)) return null;
  const { ranges } = simplify(inside, MAX_RANGES);
  return ranges.length === 0 ? 'false' : rangeCondition(stored, ranges);
}

function rangeCondition(
  stored: { readonly name: string; readonly order: number },
  ranges: BigInt64Array,
): string {
  const column = quoteName(stored.name);
  const shift = BigInt(2 * (INDEX_ORDER - stored.order));
  const parts: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i]! >> shift;
    // A range end inside a stored cell still needs that cell.
    const to = (ranges[i + 1]! + (1n << shift) - 1n) >> shift;
    parts.push(`(${column} >= ${from} AND ${column} < ${to})`);
  }
  return parts.join(' OR ');
}
