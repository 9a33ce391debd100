/** One partition ten times the others, against the same rows cut evenly and against the ideal schedule. */
import { crosshatch, profileOf } from '../commands.ts';
import type { Measured } from '../process.ts';
import { skewedPairs } from '../skewed.ts';
import { type Program, type Settings, type Suite, sameAnswer } from '../suite.ts';

async function* cases(settings: Settings) {
  const { workers, rows, rightRows } = settings;
  const { even, skewed } = await skewedPairs(rows, rightRows);
  for (const job of ['count', 'write'] as const) {
    yield {
      name: `${job} of ${rows} × ${rightRows} rows`,
      rows: rows + rightRows,
      programs: [
        withIdeal(crosshatch(job, even, { workers, name: 'even' }), workers),
        withIdeal(crosshatch(job, skewed, { workers, name: 'skewed' }), workers),
      ],
      absent: [],
      answer: sameAnswer(),
    };
  }
}

/** With the time of the tasks if no worker had ever been without one, and how often that it took. */
function withIdeal(program: Program, workers: number): Program {
  return {
    ...program,
    async run(): Promise<Measured> {
      const measured = await program.run();
      const { phaseSeconds, stageSeconds } = profileOf(measured);
      const busy = Object.entries(phaseSeconds)
        .filter(([phase]) => phase !== 'idle')
        .reduce((sum, [, seconds]) => sum + seconds, 0);
      const ideal = busy / workers;
      const more = { 'ideal s': ideal, 'tasks / ideal': stageSeconds.tasks / ideal };
      return { ...measured, more: { ...measured.more, ...more } };
    },
  };
}

export const skew: Suite = {
  name: 'skew',
  about: 'one partition ten times the others',
  rows: [
    [4e6, 3e6],
    [200_000, 150_000],
  ],
  cases,
};
