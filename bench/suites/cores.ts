/** The same count with more and more workers. */
import { availableParallelism } from 'node:os';
import { crosshatch } from '../commands.ts';
import { askedPair } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

/** Numbers of workers, as far as there are cores, and one step beyond. */
export function workerCounts(cores: number): number[] {
  const all = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192];
  return all.filter((count, i) => i === 0 || all[i - 1]! < cores || count === 2 * cores);
}

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  const { rows, rightRows } = settings;
  for (const job of ['count', 'write'] as const) {
    yield {
      name: `${job} of ${rows} × ${rightRows} rows`,
      rows: rows + rightRows,
      programs: workerCounts(availableParallelism()).map((workers) =>
        crosshatch(job, pair, { workers, name: `${workers} workers` }),
      ),
      absent: [],
      answer: sameAnswer(),
    };
  }
}

export const cores: Suite = {
  name: 'cores',
  about: 'a count and a write with 1, 2, 4, … workers',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
