/** Many more workers than cores: the same answer, and what they take. Not about speed. */
import { join } from 'node:path';
import { crosshatch, processProgram } from '../commands.ts';
import type { Measured } from '../process.ts';
import { skewedPairs } from '../skewed.ts';
import { type Case, type Program, type Settings, type Suite, sameAnswer } from '../suite.ts';

const MANY = 64;
/** As many gigabytes as give each worker what the engine wants for it at least. */
const MEMORY = '12GB';

async function* cases({ rows, rightRows }: Settings): AsyncGenerator<Case> {
  const script = join(import.meta.dirname, '..', 'idle-workers.ts');
  yield {
    name: 'workers that wait',
    rows: 1,
    programs: [1, 8, MANY].map((workers) =>
      processProgram(`${workers} workers`, [process.execPath, script, String(workers)], {
        more: ({ stdout }) => {
          const figures = JSON.parse(stdout) as Idle;
          return {
            'start s': figures.startSeconds,
            'MB each': figures.workerBytes / 1e6,
            'open files': figures.openFiles,
          };
        },
      }),
    ),
    absent: [],
    answer: sameAnswer(() => '–'),
  };
  const { even } = await skewedPairs(rows, rightRows);
  for (const job of ['count', 'write'] as const) {
    const program = (workers: number) =>
      withHandles(
        crosshatch(job, even, {
          ...{ workers, name: `${workers} workers`, extra: ['--memory', MEMORY] },
        }),
      );
    yield {
      name: `${job} of ${rows} × ${rightRows} rows`,
      rows: rows + rightRows,
      programs: [2, MANY].map(program),
      absent: [],
      answer: sameAnswer(),
    };
  }
}

interface Idle {
  readonly startSeconds: number;
  readonly workerBytes: number;
  readonly openFiles: number;
}

function withHandles(program: Program): Program {
  return {
    ...program,
    async run(): Promise<Measured> {
      const measured = await program.run();
      const { threads = 0, openFiles = 0, more } = measured;
      return { ...measured, more: { ...more, threads, 'open files': openFiles } };
    },
  };
}

export const threads: Suite = {
  name: 'threads',
  about: `${MANY} workers on however few cores: the answer, memory, threads and open files`,
  rows: [
    [4e6, 3e6],
    [200_000, 150_000],
  ],
  cases,
};
