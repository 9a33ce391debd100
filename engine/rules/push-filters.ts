/**
 * Moves filters towards the scans.
 *
 * Why first: a filter that reaches a scan lets the later rules prune partitions, and fewer rows reach the match.
 * A filter above a match may go to its left side only: filtering the right side first would change which neighbour
 * is the nearest. With a left join a filter on right columns also drops unmatched rows, so it stays too. An inner join
 * on keys has no such choice: there a filter goes to either side.
 */

import { type Expression, renameColumns } from '../expression/expression.ts';
import {
  type ComputeNode,
  type ExplodeNode,
  type FilterNode,
  type JoinNode,
  type MatchNode,
  mapInputs,
  type NestNode,
  node,
  type PlanNode,
} from '../plan/node.ts';

export function pushFilters(plan: PlanNode): PlanNode {
  if (plan.kind !== 'filter') return mapInputs(plan, pushFilters);
  const { input } = plan;
  switch (input.kind) {
    case 'scan':
      return node({ ...input, filters: [...input.filters, plan.expression] });
    case 'select':
    case 'region':
      return mapInputs(input, (below) => pushFilters(node({ ...plan, input: below })));
    case 'match':
    case 'join':
      return throughPairs(plan, input);
    case 'nest':
      return throughNest(plan, input);
    case 'compute':
      return below(plan, input, new Set(input.columns.map(({ name }) => name)));
    case 'explode':
      return below(plan, input, new Set(Object.values(input.names)));
    case 'filter': {
      const pushed = pushFilters(input);
      // The inner filter moved away or stayed for good; either way the outer one gets its own chance.
      return pushed.kind === 'filter'
        ? besides(plan, pushed)
        : pushFilters(node({ ...plan, input: pushed }));
    }
    case 'limit':
      // The limit takes rows before the filter sees them: order matters.
      return mapInputs(plan, pushFilters);
    default:
      throw new Error(`unknown plan node ${JSON.stringify(input satisfies never)}`);
  }
}

/** Two filters on one node that the inner one could not leave: the outer one may still pass it. */
function besides(outer: FilterNode, inner: FilterNode): PlanNode {
  const below = pushFilters(node({ ...outer, input: inner.input }));
  return below.kind === 'filter'
    ? node({ ...outer, input: inner })
    : node({ ...inner, input: below });
}

/** Past a node that makes some columns, where the filter names none of them. */
function below(
  plan: FilterNode,
  input: ComputeNode | ExplodeNode,
  made: ReadonlySet<string>,
): PlanNode {
  if (plan.expression.columns.some((name) => made.has(name))) {
    return node({ ...plan, input: mapInputs(input, pushFilters) });
  }
  return mapInputs(input, (inner) => pushFilters(node({ ...plan, input: inner })));
}

function throughPairs(plan: FilterNode, pairs: MatchNode | JoinNode): PlanNode {
  const onLeft = renamedTo(plan.expression, pairs.names.left);
  if (onLeft !== null) return intoLeft(pairs, onLeft);
  // Which right rows have an equal key does not depend on which others there are.
  const free = pairs.kind === 'join' && pairs.asof === undefined && pairs.how === 'inner';
  const onRight = free ? renamedTo(plan.expression, pairs.names.right) : null;
  if (onRight === null) return node({ ...plan, input: mapInputs(pairs, pushFilters) });
  const right = pushFilters(node({ kind: 'filter', input: pairs.right, expression: onRight }));
  return node({ ...pairs, left: pushFilters(pairs.left), right });
}

function throughNest(plan: FilterNode, nest: NestNode): PlanNode {
  if (plan.expression.columns.length === 0 || plan.expression.columns.includes(nest.column)) {
    return node({ ...plan, input: mapInputs(nest, pushFilters) });
  }
  return node({ ...nest, of: intoLeft(nest.of, plan.expression) });
}

function intoLeft<T extends MatchNode | JoinNode>(pairs: T, expression: Expression): T {
  const left = pushFilters(node({ kind: 'filter', input: pairs.left, expression }));
  return node({ ...pairs, left, right: pushFilters(pairs.right) });
}

/** The expression in the names of one side, or null where it names anything else. */
function renamedTo(
  expression: Expression,
  names: Readonly<Record<string, string | null>>,
): Expression | null {
  const original = new Map(Object.entries(names).map(([from, to]) => [to, from]));
  if (expression.columns.length === 0) return null;
  if (!expression.columns.every((name) => original.has(name))) return null;
  return renameColumns(expression, (name) => original.get(name)!);
}
