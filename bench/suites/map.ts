/** Sky maps: of the pairs, order 8; and of all rows of a catalog, order 10, beside counts of them. */
import { join } from 'node:path';
import { crosshatch, lsdb, processProgram, rivalsOf } from '../commands.ts';
import { askedPair } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';
import { pairsCompared } from './pairs-first.ts';

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  const { workers, rows, rightRows } = settings;
  const pairs = await pairsCompared(pair, settings);
  const { programs, absent } = rivalsOf(settings, { LSDB: () => lsdb('map', pair, workers) });
  yield {
    name: `map of ${pairs} pairs, order 8`,
    rows: rows + rightRows,
    programs: [crosshatch('map', pair, { workers }), ...programs],
    absent: [...absent, { name: 'ACID', reason: 'it makes no maps' }],
    answer: sameAnswer(),
  };
  const counted = (name: string, what: string) => {
    const script = join(import.meta.dirname, '..', 'map-run.ts');
    return processProgram(name, [process.execPath, script, what, pair.left, String(workers)]);
  };
  yield {
    name: `map of ${rows} rows, order 10, beside counts of them`,
    rows,
    programs: [
      counted('map', 'map'),
      counted('count in a circle', 'circle'),
      counted('count by SQL', 'filter'),
    ],
    absent: [],
    answer: sameAnswer(),
  };
}

export const map: Suite = {
  name: 'map',
  about: 'pairs counted by HEALPix pixel into a FITS map, beside LSDB; rows, beside counts of them',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
