/**
 * Moves filters towards the scans.
 *
 * Why first: a filter that reaches a scan lets the later rules prune partitions, and fewer rows reach the match.
 * A filter above a match may go to its left side only: filtering the right side first would change which neighbour
 * is the nearest. With a left join a filter on right columns also drops unmatched rows, so it stays too. An inner join
 * on keys has no such choice: there a filter goes to either side. Of conditions joined by `and` each goes as far as it can.
 */

import { allOf, conjuncts, type Expression, renameColumns } from '../expression/expression.ts';
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
  type RowsNode,
} from '../plan/node.ts';
import { ERROR_COLUMN, namableColumns, schemaOf } from '../plan/schema.ts';

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
    case 'nest':
    case 'compute':
    case 'explode':
    case 'user-rows':
      return pushed(plan.expression, input) ?? inParts(plan, input);
    case 'filter': {
      const inner = pushFilters(input);
      // The inner filter moved away or stayed for good; either way the outer one gets its own chance.
      return inner.kind === 'filter'
        ? besides(plan, inner)
        : pushFilters(node({ ...plan, input: inner }));
    }
    // Code for whole partitions must see all their rows, and a limit takes rows before the filter sees them.
    case 'user-table':
    case 'limit':
      return mapInputs(plan, pushFilters);
    default:
      throw new Error(`unknown plan node ${JSON.stringify(input satisfies never)}`);
  }
}

/** Nodes that some filters may pass. */
type Passable = MatchNode | JoinNode | NestNode | ComputeNode | ExplodeNode | RowsNode;

/** `input` with the filter below it; null where it must stay above. */
function pushed(expression: Expression, input: Passable): PlanNode | null {
  switch (input.kind) {
    case 'match':
    case 'join':
      return throughPairs(expression, input);
    case 'nest':
      if (expression.columns.length === 0 || expression.columns.includes(input.column)) return null;
      return node({ ...input, of: intoLeft(input.of, expression) });
    case 'compute':
    case 'explode':
    case 'user-rows': {
      const made = madeBy(input);
      if (expression.columns.some((name) => made.has(name))) return null;
      return mapInputs(input, (below) =>
        pushFilters(node({ kind: 'filter', input: below, expression })),
      );
    }
    default:
      throw new Error(`unknown plan node ${JSON.stringify(input satisfies never)}`);
  }
}

/** Columns that are not there below a node. */
function madeBy(plan: ComputeNode | ExplodeNode | RowsNode): ReadonlySet<string> {
  switch (plan.kind) {
    case 'compute':
      return new Set(plan.columns.map(({ name }) => name));
    case 'explode':
      return new Set(Object.values(plan.names));
    case 'user-rows':
      return new Set([
        ...(plan.onError === 'collect' ? [ERROR_COLUMN] : []),
        ...(plan.outputs ?? []).map(({ name }) => name),
      ]);
    default:
      throw new Error(`unknown plan node ${JSON.stringify(plan satisfies never)}`);
  }
}

/** Of a filter that must stay, those of its conditions that need not. */
function inParts(plan: FilterNode, input: Passable): PlanNode {
  const stay: Expression[] = [];
  let below: PlanNode | null = null;
  for (const part of conjuncts(plan.expression, namableColumns(schemaOf(input)))) {
    const passed: PlanNode | null = pushed(part, below === null ? input : (below as Passable));
    if (passed === null) stay.push(part);
    else below = passed;
  }
  if (below === null) return node({ ...plan, input: mapInputs(input, pushFilters) });
  return stay.length === 0 ? below : node({ ...plan, expression: allOf(stay), input: below });
}

/** Two filters on one node that the inner one could not leave: the outer one may still pass it. */
function besides(outer: FilterNode, inner: FilterNode): PlanNode {
  const below = pushFilters(node({ ...outer, input: inner.input }));
  return below.kind === 'filter'
    ? node({ ...outer, input: inner })
    : node({ ...inner, input: below });
}

function throughPairs(expression: Expression, pairs: MatchNode | JoinNode): PlanNode | null {
  const onLeft = renamedTo(expression, pairs.names.left);
  if (onLeft !== null) return intoLeft(pairs, onLeft);
  // Which right rows have an equal key does not depend on which others there are.
  const free = pairs.kind === 'join' && pairs.asof === undefined && pairs.how === 'inner';
  const onRight = free ? renamedTo(expression, pairs.names.right) : null;
  if (onRight === null) return null;
  const right = pushFilters(node({ kind: 'filter', input: pairs.right, expression: onRight }));
  return node({ ...pairs, left: pushFilters(pairs.left), right });
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
