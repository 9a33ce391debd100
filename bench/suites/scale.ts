/** The same count over more and more rows. */
import { crosshatch, lsdb, rivalsOf } from '../commands.ts';
import { pairOf } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

const SMALLEST = 100_000;
/** Beyond that a rival takes too long to be run five times. */
const RIVAL_ROWS = 1e7;

async function* cases(settings: Settings) {
  const { workers } = settings;
  for (let rows = Math.min(SMALLEST, settings.rows); rows <= settings.rows; rows *= 10) {
    const pair = await pairOf(rows, rows);
    const rivals =
      rows > RIVAL_ROWS
        ? { programs: [], absent: [{ name: 'LSDB', reason: `left out above ${RIVAL_ROWS} rows` }] }
        : rivalsOf(settings, { LSDB: () => lsdb('count', pair, workers) });
    yield {
      name: `count of ${rows} × ${rows} rows`,
      rows: 2 * rows,
      programs: [crosshatch('count', pair, { workers }), ...rivals.programs],
      absent: rivals.absent,
      answer: sameAnswer(),
    };
  }
}

export const scale: Suite = {
  name: 'scale',
  about: 'a count of 10⁵, 10⁶, … rows a side up to --rows, beside LSDB',
  rows: [
    [1e7, 1e7],
    [100_000, 100_000],
  ],
  cases,
};
