/** Light curves through user code, beside nested-pandas. */
import { join } from 'node:path';
import { processProgram, rivalsOf } from '../commands.ts';
import { nestedCurves } from '../curve-data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';
import { oraclePython } from '../venv.ts';

const here = join(import.meta.dirname, '..');
const POINTS = 100;

async function* cases(settings: Settings) {
  const { rows, workers } = settings;
  const catalog = await nestedCurves(rows, POINTS);
  const { programs, absent } = rivalsOf(settings, {
    'nested-pandas': () => {
      const script = join(here, 'rivals', 'nested_sum.py');
      return processProgram('nested-pandas', [oraclePython(), script, catalog]);
    },
  });
  const command = [process.execPath, join(here, 'curves-run.ts'), catalog, String(workers)];
  yield {
    name: `${rows} light curves of about ${POINTS} points, summed by code called for each`,
    rows,
    programs: [processProgram('crosshatch', command), ...programs],
    absent,
    answer: sameAnswer(({ stdout }) => {
      const { rows: n, points, totals } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Sums;
      // Both add doubles, in an order of their own.
      const texts = totals.map((total) => total.toPrecision(9));
      return `${n} curves, ${points} points, ${texts.join(', ')}`;
    }),
  };
}

interface Sums {
  readonly rows: number;
  readonly points: number;
  /** Of times, magnitudes and errors. */
  readonly totals: readonly number[];
}

export const curves: Suite = {
  name: 'curves',
  about: 'light curves through user code that sums them, beside nested-pandas',
  rows: [
    [500_000, 0],
    [10_000, 0],
  ],
  cases,
};
