/** A plan as the ends run it: everything settled, and what must be written first written. */
import type { PlanNode } from '../plan/node.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import { settled } from './settle.ts';
import { writeHats } from './write-hats.ts';
import { ignoringInnerLimits, type StepWriter, withoutInnerSteps } from './written-steps.ts';

/** `settings`: of the run that asks; what is worked out on the way is written with them, without its progress. */
export async function wholePlan(
  plan: PlanNode,
  runtime: Runtime,
  { signal, onWarning, workers, memoryBytes, dropInvalid }: RunSettings,
): Promise<PlanNode> {
  const settings = { signal, onWarning, workers, memoryBytes, dropInvalid } as RunSettings;
  const writer: StepWriter = {
    write: (step, dir) => writeHats(step, dir, runtime, settings),
    dropInvalid: dropInvalid ?? false,
    signal,
  };
  const materialise = (part: PlanNode) => withoutInnerSteps(part, runtime, writer);
  return materialise(await settled(plan, runtime, settings, materialise));
}

/** The same to be explained: runs nothing but what user code must be tried for. */
export async function explainedPlan(
  plan: PlanNode,
  runtime: Runtime,
  settings: RunSettings,
): Promise<PlanNode> {
  const materialise = async (part: PlanNode) => ignoringInnerLimits(part);
  return ignoringInnerLimits(await settled(plan, runtime, settings, materialise));
}
