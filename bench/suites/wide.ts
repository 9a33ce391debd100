/** Columns that are there and not asked for. */
import { crosshatch, lsdb, rivalsOf } from '../commands.ts';
import { pairOf, wideCatalog } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

const COLUMNS = 150;

async function* cases(settings: Settings) {
  const { workers, rows, rightRows } = settings;
  const narrow = await pairOf(rows, rightRows);
  const wide = { left: await wideCatalog(rows, COLUMNS), right: narrow.right };
  const { programs, absent } = rivalsOf(settings, {
    // A quick run has time for one of them.
    ...(settings.quick
      ? {}
      : { 'LSDB, 17 columns': () => lsdb('count', narrow, workers, 'LSDB, 17 columns') }),
    [`LSDB, ${COLUMNS}`]: () => lsdb('count', wide, workers, `LSDB, ${COLUMNS}`),
  });
  yield {
    name: `count of ${rows} × ${rightRows} rows`,
    rows: rows + rightRows,
    programs: [
      crosshatch('count', narrow, { workers, name: '17 columns' }),
      crosshatch('count', wide, { workers, name: `${COLUMNS} columns` }),
      ...programs,
    ],
    absent,
    answer: sameAnswer(),
  };
}

export const wide: Suite = {
  name: 'wide',
  about: `a count with 17 and with ${COLUMNS} columns in the catalog, beside LSDB`,
  rows: [
    [1e6, 1e6],
    [50_000, 50_000],
  ],
  cases,
};
