/**
 * Steps that must see their input as it is, not as the cells of the rest of the query cut it: a limit that is not the last
 * step picks rows before the rest sees them, and code for whole partitions must not see the partitions of an alignment.
 * Their rows are written to a temporary catalog first, and the query goes on from there.
 */
import { join } from 'node:path';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { requestError } from '../../partitioning/error.ts';
import { inputsOf, mapInputs, node, type PlanNode } from '../plan/node.ts';
import { schemaOf } from '../plan/schema.ts';
import type { Runtime } from '../runtime.ts';

/** Writes the rows of a plan as a catalog at `dir`. */
export type WriteCatalog = (plan: PlanNode, dir: string) => Promise<unknown>;

/** The plan with no limit but at its root, and no code for partitions below pairs; runs those with `write`. */
export async function withoutInnerSteps(
  plan: PlanNode,
  runtime: Runtime,
  write: WriteCatalog,
): Promise<PlanNode> {
  const outer = limitOnTop(plan);
  if (outer.kind === 'limit') {
    const input = await materialise(outer.input, runtime, write, false);
    return input === outer.input ? outer : node({ ...outer, input });
  }
  return materialise(outer, runtime, write, false);
}

/** Selecting columns and taking rows change places freely: the limit comes out on top. */
function limitOnTop(plan: PlanNode): PlanNode {
  if (plan.kind === 'select' && plan.input.kind !== 'scan') {
    const input = limitOnTop(plan.input);
    if (input.kind !== 'limit') return plan;
    return node({ ...input, input: node({ ...plan, input: input.input }) });
  }
  if (plan.kind === 'limit') {
    const input = limitOnTop(plan.input);
    if (input.kind === 'limit') return node({ ...input, count: Math.min(plan.count, input.count) });
  }
  return plan;
}

async function materialise(
  plan: PlanNode,
  runtime: Runtime,
  write: WriteCatalog,
  belowPairs: boolean,
): Promise<PlanNode> {
  if (plan.kind === 'limit') return written(plan, runtime, write);
  if (plan.kind === 'user-table' && belowPairs) return written(plan, runtime, write);
  const below = belowPairs || isPairs(plan);
  const inputs = new Map<PlanNode, PlanNode>();
  for (const input of inputsOf(plan)) {
    inputs.set(input, await materialise(input, runtime, write, below));
  }
  return mapInputs(plan, (input) => inputs.get(input)!);
}

function isPairs({ kind }: PlanNode): boolean {
  return kind === 'match' || kind === 'join' || kind === 'nest';
}

/** Steps that were worked out before, in this process: plans are immutable, and so are their rows. */
const known = new WeakMap<PlanNode, Promise<PlanNode>>();

function written(plan: PlanNode, runtime: Runtime, write: WriteCatalog): Promise<PlanNode> {
  const before = known.get(plan);
  if (before !== undefined) return before;
  const made = writeStep(plan, runtime, write);
  known.set(plan, made);
  // A failure says nothing about the next try.
  made.catch(() => known.delete(plan));
  return made;
}

async function writeStep(plan: PlanNode, runtime: Runtime, write: WriteCatalog): Promise<PlanNode> {
  const schema = schemaOf(plan);
  if (schema.ra === undefined) {
    throw requestError(
      `${schema.name} has no positions after mapPartitions: its rows cannot be joined with others`,
      'Return the position columns too, under their names.',
    );
  }
  // Kept until the end of the process, for this query and later ones over the same step.
  const dir = join(await runtime.tempDir(), schema.name.replace(/[^\w.-]+/g, '_'));
  await write(await withoutInnerSteps(plan, runtime, write), dir);
  const info = await openCatalogInfo(dir, {});
  return node({
    kind: 'scan',
    catalog: { ...info, name: schema.name },
    columns: schema.columns.map(({ name }) => name),
    filters: [],
    regions: [],
  });
}

/** The plan without its inner limits, to explain what surrounds them without running anything. */
export function ignoringInnerLimits(plan: PlanNode): PlanNode {
  const outer = limitOnTop(plan);
  const strip = (input: PlanNode): PlanNode =>
    mapInputs(input.kind === 'limit' ? strip(input.input) : input, strip);
  return outer.kind === 'limit' ? node({ ...outer, input: strip(outer.input) }) : strip(outer);
}
