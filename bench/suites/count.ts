/** Pairs within a radius, counted. */
import { acid, astropy, crosshatch, lsdb, rivalsOf } from '../commands.ts';
import { askedPair } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';
import { pairsCompared } from './pairs-first.ts';

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  const { workers, rows, rightRows } = settings;
  const pairs = await pairsCompared(pair, settings);
  const positions = rivalsOf(settings, {
    LSDB: () => lsdb('count', pair, workers),
    ACID: () => acid('count', pair, workers),
    astropy: () => astropy(pair),
  });
  yield {
    name: `${pairs} pairs within 1″, ra and dec only`,
    rows: rows + rightRows,
    programs: [crosshatch('count', pair, { workers }), ...positions.programs],
    absent: positions.absent,
    answer: sameAnswer(),
  };
  // A quick run has no time for a second round.
  const all = rivalsOf(settings.quick ? { ...settings, alone: true } : settings, {
    LSDB: () => lsdb('all', pair, workers),
    ACID: () => acid('all', pair, workers),
  });
  yield {
    name: `${pairs} pairs within 1″, all columns asked for`,
    rows: rows + rightRows,
    programs: [crosshatch('all', pair, { workers }), ...all.programs],
    absent: all.absent,
    answer: sameAnswer(),
  };
}

export const count: Suite = {
  name: 'count',
  about: 'pairs within 1″ counted, beside LSDB, ACID and astropy',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
