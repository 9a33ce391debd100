/** SQL that keeps the rows of a large file which a smaller cell can need. */

import { pixelCoverageWithin } from '../../partitioning/coverage.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import { INDEX_ORDER, indexRange } from '../../partitioning/pixel.ts';
import { simplify } from '../../partitioning/ranges.ts';
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
  const column = quoteName(stored.name);
  const shift = BigInt(2 * (INDEX_ORDER - stored.order));
  const between = (start: bigint, end: bigint) =>
    // A range end inside a stored cell still needs that cell.
    `(${column} >= ${start >> shift} AND ${column} < ${(end + (1n << shift) - 1n) >> shift})`;
  if (spec.reachArcsec === 0) {
    const { start, end } = indexRange(cut);
    return between(start, end);
  }
  const near = simplify(
    pixelCoverageWithin(cut, spec.reachArcsec + PLACEMENT_SLACK_ARCSEC),
    MAX_RANGES,
  ).ranges;
  const parts: string[] = [];
  for (let i = 0; i < near.length; i += 2) parts.push(between(near[i]!, near[i + 1]!));
  return parts.join(' OR ');
}
