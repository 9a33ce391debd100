/**
 * Moves filters towards the scans.
 *
 * Why first: a filter that reaches a scan lets the later rules prune partitions, and fewer rows reach the match.
 * A filter above a match may go to its left side only: filtering the right side first would change which neighbour
 * is the nearest. With a left join a filter on right columns also drops unmatched rows, so it stays too.
 */

import { type Expression, renameColumns } from '../expression/expression.ts';
import { type FilterNode, type MatchNode, mapInputs, node, type PlanNode } from '../plan/node.ts';

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
      return throughMatch(plan, input);
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

function throughMatch(plan: FilterNode, match: MatchNode): PlanNode {
  const expression = onLeft(plan.expression, match);
  if (expression === null) return node({ ...plan, input: mapInputs(match, pushFilters) });
  const left = pushFilters(node({ kind: 'filter', input: match.left, expression }));
  return node({ ...match, left, right: pushFilters(match.right) });
}

/** The expression in the left side's names, or null where it names anything else. */
function onLeft(expression: Expression, match: MatchNode): Expression | null {
  const original = new Map(Object.entries(match.names.left).map(([from, to]) => [to, from]));
  if (expression.columns.length === 0) return null;
  if (!expression.columns.every((name) => original.has(name))) return null;
  return renameColumns(expression, (name) => original.get(name)!);
}
