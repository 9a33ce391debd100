/**
 * Leaves out the partitions that no row of a scan's regions can be stored in.
 *
 * Why after the regions: they must have reached their scans.
 */

import type { Partition } from '../../catalogs/types.ts';
import { coverageAmongPartitions } from '../../partitioning/coverage.ts';
import { deepestOrder, indexRange } from '../../partitioning/pixel.ts';
import { overlapsRange } from '../../partitioning/ranges.ts';
import type { Region } from '../../partitioning/region.ts';
import { mapInputs, node, type PlanNode } from '../plan/node.ts';
import { PLACEMENT_SLACK_ARCSEC } from '../run/halo-window.ts';

export function prunePartitions(plan: PlanNode): PlanNode {
  if (plan.kind !== 'scan') return mapInputs(plan, prunePartitions);
  if (plan.regions.length === 0) return plan;
  // Rows of a margin lie around the pixel that they are stored under, not in it.
  const regions = plan.regions.filter(
    ({ kind }) => kind === 'orders' || plan.catalog.type !== 'margin',
  );
  const { partitions } = plan.catalog;
  const deepest = deepestOrder(partitions.map(({ pixel }) => pixel));
  const tests = regions.map((region) => partitionTest(region, deepest));
  const kept = plan.partitions ?? partitions.map((_, i) => i);
  return node({
    ...plan,
    partitions: kept.filter((i) => tests.every((test) => test(partitions[i]!))),
  });
}

/** True where rows of the region may be stored in a partition, none of which is finer than order `deepest`. */
function partitionTest(region: Region, deepest: number): (partition: Partition) => boolean {
  if (region.kind === 'orders') {
    return ({ pixel }) => pixel.order >= region.min && pixel.order <= region.max;
  }
  if (region.kind === 'and') {
    const tests = region.regions.map((part) => partitionTest(part, deepest));
    return (partition) => tests.every((test) => test(partition));
  }
  // A row may be stored a little outside its partition; the rows themselves are tested exactly.
  const coverage = coverageAmongPartitions(region, PLACEMENT_SLACK_ARCSEC, deepest);
  return ({ pixel }) => {
    const { start, end } = indexRange(pixel);
    return overlapsRange(coverage, start, end);
  };
}
