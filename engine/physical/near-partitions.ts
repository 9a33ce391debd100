/** Which partitions can hold rows near the regions of the other side of a match. */
import {
  coverageAmongPartitions,
  coverageOrder,
  dilate,
  regionCoverage,
} from '../../partitioning/coverage.ts';
import { indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { overlapsRange, type RangeSet } from '../../partitioning/ranges.ts';
import type { Region } from '../../partitioning/region.ts';
import type { NearRegion } from '../task.ts';

/** A superset of the sky within a region's radius and `slackArcsec` more; null where the region says nothing. */
export function nearCoverage(
  { region, radiusArcsec }: NearRegion,
  slackArcsec: number,
): RangeSet | null {
  if (region.kind === 'orders') return null;
  return dilate(regionCoverage(region, coverageOrder(region)), radiusArcsec + slackArcsec);
}

/** The regions that all must hold, one by one. */
export function regionParts(region: Region): Region[] {
  return region.kind === 'and' ? region.regions.flatMap(regionParts) : [region];
}

/**
 * True for pixels, none finer than order `deepest`, in which, or within `slackArcsec` of which, rows near all regions
 * may lie.
 */
export function nearTest(
  near: readonly NearRegion[] | undefined,
  slackArcsec: number,
  deepest: number,
): (pixel: Pixel) => boolean {
  const coverages = (near ?? []).flatMap(({ region, radiusArcsec }) =>
    regionParts(region)
      .filter(({ kind }) => kind !== 'orders')
      .map((part) => coverageAmongPartitions(part, radiusArcsec + slackArcsec, deepest)),
  );
  if (coverages.length === 0) return () => true;
  return (pixel) => {
    const { start, end } = indexRange(pixel);
    return coverages.every((coverage) => overlapsRange(coverage, start, end));
  };
}
