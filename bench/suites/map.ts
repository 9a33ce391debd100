/** A sky map of the pairs, order 8. */
import { crosshatch, lsdb, rivalsOf } from '../commands.ts';
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
}

export const map: Suite = {
  name: 'map',
  about: 'pairs counted by HEALPix pixel into a FITS map, beside LSDB',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
