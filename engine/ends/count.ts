/** Counts the rows of a plan; no column but positions is read, and not even those where nothing needs them. */

import { runProgram } from '../physical/run-program.ts';
import type { PlanNode } from '../plan/node.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import { prepare } from './prepare.ts';
import { type RunSummary, withWorkspace } from './run.ts';
import { withinReach } from './within-reach.ts';

export async function countRows(
  plan: PlanNode,
  runtime: Runtime,
  settings: RunSettings,
): Promise<RunSummary> {
  const { program } = await prepare(plan, [], runtime, settings);
  return withWorkspace(program, runtime, settings, async (space) => {
    const rows = await withinReach(space.stats, async (allowance) => {
      let sum = 0;
      const run = { ...space, ...settings, sink: { kind: 'count' as const }, ordered: false };
      for await (const cell of runProgram(program, run, space.stats, allowance)) sum += cell.rows;
      return sum;
    });
    return space.summary(rows);
  });
}
