/**
 * Leaves out partitions in which no value of a column can pass a filter, by the bounds that the catalog's
 * `_metadata` keeps. Bounds do not count NaN and null; no comparison with a number is true for those.
 *
 * Why after the partitions were pruned by region: only what is left needs looking at.
 */
import type { CatalogInfo } from '../../catalogs/types.ts';
import { boundsOf, type ColumnBound } from '../expression/bounds.ts';
import { mapInputs, node, type PlanNode, type ScanNode } from '../plan/node.ts';

/** Smallest and largest value of a column in a partition; undefined where that is not known. */
export type PartitionBounds = (
  catalog: CatalogInfo,
  partition: number,
  column: string,
) => { readonly min: number | bigint; readonly max: number | bigint } | undefined;

export function pruneByStatistics(plan: PlanNode, boundsIn: PartitionBounds): PlanNode {
  if (plan.kind !== 'scan') return mapInputs(plan, (input) => pruneByStatistics(input, boundsIn));
  const { catalog, filters } = plan;
  const wanted = filters.flatMap((filter) => boundsOf(filter, catalog.columns));
  if (wanted.length === 0) return plan;
  const all = plan.partitions ?? catalog.partitions.map((_, i) => i);
  const kept = all.filter((partition) =>
    wanted.every((bound) => canHold(boundsIn(catalog, partition, bound.column), bound)),
  );
  return kept.length === all.length ? plan : node<ScanNode>({ ...plan, partitions: kept });
}

function canHold(known: ReturnType<PartitionBounds>, { operator, value }: ColumnBound): boolean {
  if (known === undefined) return true;
  switch (operator) {
    case '<':
      return known.min < value;
    case '<=':
      return known.min <= value;
    case '>':
      return known.max > value;
    case '>=':
      return known.max >= value;
    case '=':
      return known.min <= value && known.max >= value;
    default:
      throw new Error(`unknown operator ${operator satisfies never}`);
  }
}
