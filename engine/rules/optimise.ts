/** The rules, in their order. Each file says why its rule stands where it does. */
import type { PlanNode } from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';
import { narrowRight } from './narrow-right.ts';
import { type PartitionBounds, pruneByStatistics } from './prune-by-statistics.ts';
import { pruneColumns } from './prune-columns.ts';
import { prunePartitions } from './prune-partitions.ts';
import { pushFilters } from './push-filters.ts';
import { pushRegions } from './push-regions.ts';
import { wantedOf } from './wanted.ts';

export interface Step {
  readonly rule: string;
  readonly plan: PlanNode;
}

/**
 * The plan after all rules, and after each.
 *
 * @param wanted the columns the sink reads, names of the plan's schema or its hidden ones
 * @param boundsIn what is known of the values in each partition
 */
export function optimise(
  plan: PlanNode,
  wanted: readonly string[],
  boundsIn: PartitionBounds = () => undefined,
): readonly Step[] {
  const rules: readonly [string, (plan: PlanNode) => PlanNode][] = [
    ['push filters', pushFilters],
    ['push regions', pushRegions],
    ['narrow right sides', narrowRight],
    ['prune partitions', prunePartitions],
    ['prune by statistics', (input) => pruneByStatistics(input, boundsIn)],
    [
      'prune columns',
      (input) => pruneColumns(input, wantedOf(wanted.map((column) => ({ column })))),
    ],
  ];
  const steps: Step[] = [];
  let current = plan;
  for (const [rule, apply] of rules) {
    const next = apply(current);
    checkSchema(current, next, wanted, rule);
    steps.push({ rule, plan: next });
    current = next;
  }
  return steps;
}

/** A rule may reorder work, never change what a wanted column is. */
function checkSchema(
  before: PlanNode,
  after: PlanNode,
  wanted: readonly string[],
  rule: string,
): void {
  const types = (plan: PlanNode) =>
    new Map(namableColumns(schemaOf(plan)).map(({ name, type }) => [name, type]));
  const old = types(before);
  const now = types(after);
  for (const name of wanted) {
    if (old.get(name) !== now.get(name)) {
      throw new Error(
        `rule "${rule}" changed column ${name} from ${old.get(name)} to ${now.get(name)}`,
      );
    }
  }
}
