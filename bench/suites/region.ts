/** A small part of a large catalog, from start to answer. */
import { acid, crosshatch, lsdb, REGION, rivalsOf } from '../commands.ts';
import { askedPair } from '../data.ts';
import type { Measured } from '../process.ts';
import { lastWord, type Settings, type Suite, sameAnswer } from '../suite.ts';
import { pairsCompared } from './pairs-first.ts';

async function* cases(settings: Settings) {
  const pair = await askedPair(settings);
  // Here only numbers of pairs are compared; a quick run has no time for the pairs themselves.
  if (!settings.quick) await pairsCompared(pair, settings);
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
    answer: answerOf,
  };
}

/** ACID cuts the right side by the cone too, so it loses pairs across the rim, where few rows are. */
async function answerOf(first: ReadonlyMap<string, Measured>): Promise<string> {
  const theirs = first.get('ACID');
  const others = new Map([...first].filter(([name]) => name !== 'ACID'));
  const rows = await sameAnswer()(others);
  if (theirs === undefined || lastWord(theirs) === rows) return rows;
  const lost = Number(rows) - Number(lastWord(theirs));
  if (!(lost > 0 && lost < 0.02 * Number(rows))) {
    throw new Error(`the answers differ: ${rows}, ACID ${lastWord(theirs)}`);
  }
  return `${rows}, ACID ${lost} fewer at the rim`;
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
