/** Writes a seeded, realistic catalog: the generator's cells become partitions as they are. */
import { checkOptions } from '../../partitioning/options.ts';
import { planGeneration } from '../generate/plan.ts';
import type { GenerateSpec } from '../generate/spec.ts';
import { GENERATE } from '../option-names.ts';
import type { Runtime } from '../runtime.ts';
import { writeMade } from './write-made.ts';
import type { GenerateOptions, WriteResult } from './write-options.ts';

/** Cells per task: enough to amortise the generator's plan, few enough to keep every worker busy. */
const CELLS_PER_TASK = 4;

export function generateCatalog(
  target: string,
  spec: GenerateSpec,
  runtime: Runtime,
  options: GenerateOptions = {},
): Promise<WriteResult> {
  checkOptions('generateCatalog', options, GENERATE);
  const plan = planGeneration(spec);
  const makings = {
    type: 'object' as const,
    raColumn: plan.raColumn,
    decColumn: plan.decColumn,
    columns: plan.columns,
    properties: { crosshatch_generator: JSON.stringify(spec) },
  };
  return writeMade(
    target,
    makings,
    (sink) =>
      Array.from({ length: Math.ceil(plan.cells.length / CELLS_PER_TASK) }, (_, id) => {
        const from = id * CELLS_PER_TASK;
        const cells = plan.cells.slice(from, from + CELLS_PER_TASK);
        return {
          task: {
            kind: 'generate',
            id,
            spec,
            cells: cells.map(({ pixel }, i) => ({ cell: from + i, pixel })),
            sink,
          },
          weight: cells.reduce((sum, { rows }) => sum + rows, 0),
        };
      }),
    'generate',
    runtime,
    { ...options, rowsPerPartition: spec.rowsPerPartition },
  );
}
