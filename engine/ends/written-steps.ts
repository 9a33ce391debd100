/**
 * Steps that must see their input as it is, not as the cells of the rest of the query cut it: a limit that is not the last
 * step picks rows before the rest sees them, and code for whole partitions must not see the partitions of an alignment.
 * Their rows are written to a temporary catalog first, and the query goes on from there.
 */
import { join } from 'node:path';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { CrosshatchError, requestError } from '../../partitioning/error.ts';
import { orAborted } from '../../partitioning/or-aborted.ts';
import { inputsOf, mapInputs, node, type PlanNode } from '../plan/node.ts';
import { schemaOf } from '../plan/schema.ts';
import type { Runtime } from '../runtime.ts';

/** How the run that asks has steps written. */
export interface StepWriter {
  /** Writes the rows of a plan as a catalog at `dir`. */
  write(plan: PlanNode, dir: string): Promise<unknown>;
  /** Whether rows without a usable position are left out: other rows, for the same plan. */
  readonly dropInvalid: boolean;
  readonly signal: AbortSignal | undefined;
}

/** The plan with no limit but at its root, and no code for partitions below pairs; `writer` runs those. */
export async function withoutInnerSteps(
  plan: PlanNode,
  runtime: Runtime,
  writer: StepWriter,
): Promise<PlanNode> {
  const outer = limitOnTop(plan);
  if (outer.kind === 'limit') {
    const input = await materialise(outer.input, runtime, writer, false);
    return input === outer.input ? outer : node({ ...outer, input });
  }
  return materialise(outer, runtime, writer, false);
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
  writer: StepWriter,
  belowPairs: boolean,
): Promise<PlanNode> {
  if (plan.kind === 'limit') return written(plan, runtime, writer);
  if (plan.kind === 'user-table' && belowPairs) return written(plan, runtime, writer);
  const below = belowPairs || isPairs(plan);
  const inputs = new Map<PlanNode, PlanNode>();
  for (const input of inputsOf(plan)) {
    inputs.set(input, await materialise(input, runtime, writer, below));
  }
  return mapInputs(plan, (input) => inputs.get(input)!);
}

function isPairs({ kind }: PlanNode): boolean {
  return kind === 'match' || kind === 'join' || kind === 'nest';
}

/**
 * Steps that were worked out before, in this process, with and without unusable rows: plans are immutable, and so are
 * their rows.
 */
const known = {
  all: new WeakMap<PlanNode, Promise<PlanNode>>(),
  usable: new WeakMap<PlanNode, Promise<PlanNode>>(),
};

async function written(plan: PlanNode, runtime: Runtime, writer: StepWriter): Promise<PlanNode> {
  const steps = known[writer.dropInvalid ? 'usable' : 'all'];
  for (let before = steps.get(plan); before !== undefined; before = steps.get(plan)) {
    try {
      return await orAborted(before, writer.signal);
    } catch (error) {
      // The other run was stopped, not this one: its turn.
      if (writer.signal?.aborted || !isAborted(error)) throw error;
    }
  }
  const made = writeStep(plan, runtime, writer);
  steps.set(plan, made);
  try {
    return await made;
  } catch (error) {
    // A failure says nothing about the next try.
    steps.delete(plan);
    throw error;
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof CrosshatchError && error.tag === 'aborted';
}

async function writeStep(plan: PlanNode, runtime: Runtime, writer: StepWriter): Promise<PlanNode> {
  const schema = schemaOf(plan);
  if (schema.ra === undefined) {
    throw requestError(
      `${schema.name} has no positions after mapPartitions: its rows cannot be joined with others`,
      'Return the position columns too, under their names.',
    );
  }
  // Kept until the end of the process, for this query and later ones over the same step.
  const dir = join(await runtime.tempDir(), schema.name.replace(/[^\w.-]+/g, '_'));
  await writer.write(await withoutInnerSteps(plan, runtime, writer), dir);
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
