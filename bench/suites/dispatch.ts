/** What the main thread does for each task, whatever is in it. */
import { join } from 'node:path';
import { processProgram } from '../commands.ts';
import type { Measured } from '../process.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

async function* cases({ rows, workers }: Settings) {
  const script = join(import.meta.dirname, '..', 'tiny-tasks.ts');
  const program = (name: string, how: string) =>
    processProgram(name, [process.execPath, script, String(rows), String(workers), how], {
      more: (measured) => ({ 'main µs/task': (mainSeconds(measured) / rows) * 1e6 }),
    });
  yield {
    name: `${rows} tasks with nothing to do`,
    rows,
    programs: [program('one program', 'shared'), program('a program each', 'copied')],
    absent: [],
    answer: sameAnswer(),
  };
}

function mainSeconds({ stdout }: Measured): number {
  return (JSON.parse(stdout.trim().split('\n').at(-1)!) as { mainSeconds: number }).mainSeconds;
}

export const dispatch: Suite = {
  name: 'dispatch',
  about: 'what the main thread does for each task: 100,000 tasks with nothing to do',
  rows: [
    [100_000, 0],
    [10_000, 0],
  ],
  cases,
};
