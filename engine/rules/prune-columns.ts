/**
 * Narrows every scan to the columns that the sink and the filters above it name: projection push-down and late
 * materialisation in one. A count or a map names none, so nothing but positions is read.
 *
 * Why after the filters: a filter that has reached its scan is evaluated there and asks nothing of the gather.
 */
import { type MatchNode, neverKind, node, type PlanNode } from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';

/** `plan` offering only `wanted` (names in its own schema), in schema order. */
export function pruneColumns(plan: PlanNode, wanted: ReadonlySet<string>): PlanNode {
  switch (plan.kind) {
    case 'scan':
      return node({
        ...plan,
        // Hidden columns (position, index) that are asked for by name come last.
        columns: namableColumns(schemaOf(plan))
          .map(({ name }) => name)
          .filter((name) => wanted.has(name)),
      });
    case 'filter': {
      const more = new Set([...wanted, ...plan.expression.columns]);
      return node({ ...plan, input: pruneColumns(plan.input, more) });
    }
    case 'region':
    case 'limit':
      return node({ ...plan, input: pruneColumns(plan.input, wanted) });
    case 'select': {
      const columns = namableColumns(schemaOf(plan))
        .map(({ name }) => name)
        .filter((name) => wanted.has(name));
      return node({ ...plan, columns, input: pruneColumns(plan.input, wanted) });
    }
    case 'match':
      return pruneMatch(plan, wanted);
    default:
      return neverKind(plan);
  }
}

function pruneMatch(plan: MatchNode, wanted: ReadonlySet<string>): PlanNode {
  const asked = (names: Readonly<Record<string, string | null>>) =>
    new Set(
      Object.entries(names).flatMap(([from, to]) => (to !== null && wanted.has(to) ? [from] : [])),
    );
  return node({
    ...plan,
    left: pruneColumns(plan.left, asked(plan.names.left)),
    right: pruneColumns(plan.right, asked(plan.names.right)),
  });
}
