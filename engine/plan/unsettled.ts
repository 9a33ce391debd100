/** Columns that are known only once user code has run. */
import { CrosshatchError } from '../../partitioning/error.ts';
import { nodesOf, type PlanNode } from './node.ts';

/**
 * What `build` makes over `inputs`. Where it is refused and user code below does not say what it returns, the
 * error says how to say so: a name that is not found may be one of its columns.
 */
export function overKnownColumns(inputs: readonly PlanNode[], build: () => PlanNode): PlanNode {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof CrosshatchError) || error.tag !== 'request') throw error;
    if (!inputs.some(hasUnsaidColumns)) throw error;
    const hint =
      "What user code returns can be named once it is said: returns: { name: 'double' } beside the function.";
    throw new CrosshatchError(
      { ...error.toData(), hint: error.hint === undefined ? hint : `${error.hint}\n${hint}` },
      { cause: error },
    );
  }
}

function hasUnsaidColumns(plan: PlanNode): boolean {
  return nodesOf(plan).some(
    (part) => (part.kind === 'user-rows' || part.kind === 'user-table') && part.outputs === null,
  );
}
