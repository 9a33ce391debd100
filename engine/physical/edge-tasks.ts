/** Which partitions need an edge pass: those beside a cell that do not belong to it. */
import type { HaloMode } from './cells.ts';
import { planCells } from './cells.ts';
import type { Program } from './lower.ts';
import type { WeightedTask } from './schedule.ts';

/** An edge task, and the scan that its partition belongs to. */
export interface EdgeTask extends WeightedTask {
  readonly scan: number;
}

/** One task per partition whose edge file some cell reads. */
export function edgeTasks(
  program: Program,
  modes: readonly HaloMode[],
  slackArcsec: number,
): EdgeTask[] {
  if (!modes.some(({ kind }) => kind === 'edges')) return [];
  const cells = planCells(program, modes, slackArcsec);
  const tasks: EdgeTask[] = [];
  program.scans.forEach((scan, i) => {
    const mode = modes[i]!;
    if (mode.kind !== 'edges') return;
    const wanted = new Set(
      cells.flatMap(({ scans }) => {
        const { halo } = scans[i]!;
        return halo.kind === 'edges' ? halo.parts.map(({ file }) => file) : [];
      }),
    );
    for (const index of scan.partitions) {
      const output = mode.fileOf(index);
      if (!wanted.has(output)) continue;
      const partition = scan.catalog.partitions[index]!;
      tasks.push({
        scan: i,
        task: {
          kind: 'edges',
          id: tasks.length,
          scan: scan.spec,
          reachArcsec: scan.reachArcsec + slackArcsec,
          parts: [
            { pixel: partition.pixel, files: partition.files.map(({ path }) => path), output },
          ],
        },
        weight: partition.rows,
      });
    }
  });
  return tasks;
}
