/**
 * Moves regions to the scans. A row's place is that of its left-most scan, so a region above a match acts on the
 * left side; the right side needs no region of its own: what is far from every left row is never read anyway.
 *
 * Why after the filters: both only move down past each other; the order between them does not matter to either.
 */
import {
  type JoinNode,
  type MatchNode,
  mapInputs,
  node,
  type PlanNode,
  type RegionNode,
} from '../plan/node.ts';

export function pushRegions(plan: PlanNode): PlanNode {
  if (plan.kind !== 'region') return mapInputs(plan, pushRegions);
  const { input, region } = plan;
  switch (input.kind) {
    case 'scan':
      return node({ ...input, regions: [...input.regions, region] });
    case 'filter':
    case 'select':
    case 'compute':
    case 'explode':
    case 'user-rows':
      return mapInputs(input, (below) => pushRegions(node({ ...plan, input: below })));
    case 'region': {
      const pushed = pushRegions(input);
      // The inner region got away, and so can this one; or it could not, and neither can this one.
      return pushed.kind === 'region'
        ? node({ ...plan, input: pushed })
        : pushRegions(node({ ...plan, input: pushed }));
    }
    case 'match':
    case 'join':
      return toLeft(plan, input);
    case 'nest':
      return node({ ...input, of: toLeft(plan, input.of) });
    // Code for whole partitions may move rows, and must see all of them.
    case 'user-table':
    case 'limit':
      return mapInputs(plan, pushRegions);
    default:
      throw new Error(`unknown plan node ${JSON.stringify(input satisfies never)}`);
  }
}

function toLeft<T extends MatchNode | JoinNode>(plan: RegionNode, pairs: T): T {
  return node({
    ...pairs,
    left: pushRegions(node({ ...plan, input: pairs.left })),
    right: pushRegions(pairs.right),
  });
}
