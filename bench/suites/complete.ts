/** The same pairs with a margin catalog and without one. */
import { crosshatch } from '../commands.ts';
import { askedPair } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  const { workers, rows, rightRows } = settings;
  const extra = ['--right-margin', 'none'];
  yield {
    name: 'count within 1″',
    rows: rows + rightRows,
    programs: [
      crosshatch('count', pair, { workers, name: 'with a margin' }),
      crosshatch('count', pair, { workers, name: 'without', extra }),
    ],
    absent: [
      { name: 'LSDB', reason: 'it loses pairs at borders without a margin' },
      { name: 'ACID', reason: 'it refuses a match without a margin' },
    ],
    answer: sameAnswer(),
  };
}

export const complete: Suite = {
  name: 'complete',
  about: 'complete pairs with a margin catalog and without one',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
