/**
 * Tells the right side of a match where its rows can matter: within the radius of the regions that the left rows lie
 * in. Only what can match nothing is left out by it, so the nearest neighbour stays who it was: partitions and row
 * groups further away are not read, and rows outside a box dropped.
 *
 * Why after the regions: they must have reached the left scans. Which partitions that leaves is decided when cells are
 * formed, where it is known how far rows may lie outside their partitions.
 */
import { type MatchNode, mapInputs, node, type PlanNode, type ScanNode } from '../plan/node.ts';
import type { NearRegion } from '../task.ts';

export function narrowRight(plan: PlanNode): PlanNode {
  if (plan.kind === 'match') return narrowMatch(plan);
  if (plan.kind === 'nest' && plan.of.kind === 'match') {
    const of = narrowMatch(plan.of);
    return of === plan.of ? plan : node({ ...plan, of });
  }
  return mapInputs(plan, narrowRight);
}

function narrowMatch(plan: MatchNode): MatchNode {
  const left = narrowRight(plan.left);
  const near = placeOf(left).map(({ region, radiusArcsec }) => ({
    region,
    radiusArcsec: radiusArcsec + plan.radiusArcsec,
  }));
  const right = narrowRight(near.length === 0 ? plan.right : within(plan.right, near));
  return left === plan.left && right === plan.right ? plan : node({ ...plan, left, right });
}

/** Where the rows of a plan lie: those of its left-most scan. Code for whole partitions may move them. */
function placeOf(plan: PlanNode): NearRegion[] {
  switch (plan.kind) {
    case 'scan': {
      const regions = plan.regions.filter(({ kind }) => kind !== 'orders');
      return [...regions.map((region) => ({ region, radiusArcsec: 0 })), ...(plan.near ?? [])];
    }
    case 'match':
    case 'join':
      return placeOf(plan.left);
    case 'nest':
      return placeOf(plan.of.left);
    case 'filter':
    case 'select':
    case 'region':
    case 'compute':
    case 'explode':
    case 'user-rows':
    case 'limit':
      return placeOf(plan.input);
    case 'user-table':
      return [];
    default:
      throw new Error(`unknown plan node ${JSON.stringify(plan satisfies never)}`);
  }
}

/**
 * `plan` with its left-most scan told. A limit takes its rows, and code for whole partitions sees them, before anybody
 * looks at where they are.
 */
function within(plan: PlanNode, near: readonly NearRegion[]): PlanNode {
  switch (plan.kind) {
    case 'scan':
      return node<ScanNode>({ ...plan, near: [...(plan.near ?? []), ...near] });
    case 'match':
    case 'join':
      return node({ ...plan, left: within(plan.left, near) });
    case 'nest':
      return node({ ...plan, of: node({ ...plan.of, left: within(plan.of.left, near) }) });
    case 'limit':
    case 'user-table':
      return plan;
    case 'filter':
    case 'select':
    case 'region':
    case 'compute':
    case 'explode':
    case 'user-rows':
      return mapInputs(plan, (input) => within(input, near));
    default:
      throw new Error(`unknown plan node ${JSON.stringify(plan satisfies never)}`);
  }
}
