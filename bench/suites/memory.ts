/** Peak memory under different limits: the answer stays, and the peak stays below. */
import { crosshatch } from '../commands.ts';
import { askedPair } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

const LIMITS_GB = [4, 2, 1, 0.6] as const;

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  const { workers, rows, rightRows } = settings;
  for (const job of ['count', 'write'] as const) {
    yield {
      name: `${job} of ${rows} × ${rightRows} rows`,
      rows: rows + rightRows,
      programs: LIMITS_GB.map((limit) =>
        crosshatch(job, pair, {
          workers,
          name: `--memory ${limit}GB`,
          extra: ['--memory', `${limit}GB`],
        }),
      ),
      absent: [],
      answer: sameAnswer(),
    };
  }
}

export const memory: Suite = {
  name: 'memory',
  about: 'peak memory of a count and a write under --memory 4GB to 0.6GB',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
