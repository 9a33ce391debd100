/** A small part of a large catalog, from start to answer. */
import { acid, crosshatch, lsdb, REGION, rivalsOf } from '../commands.ts';
import { askedPair } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  const { workers, rows, rightRows } = settings;
  const { programs, absent } = rivalsOf(settings, {
    LSDB: () => lsdb('region', pair, workers),
    ACID: () => acid('region', pair, workers),
  });
  yield {
    name: `a cone of ${REGION.arcsec}″ of ${rows} × ${rightRows} rows, matched`,
    rows: rows + rightRows,
    programs: [crosshatch('region', pair, { workers }), ...programs],
    absent,
    answer: sameAnswer(),
  };
}

export const region: Suite = {
  name: 'region',
  about: 'a cone of ten arcminutes of a large catalog, matched, beside LSDB and ACID',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};
