/** What it takes to start: the help, and the smallest query. */
import { acid, crosshatch, lsdb, ourProgram, processProgram, rivalsOf } from '../commands.ts';
import { pairOf } from '../data.ts';
import { type Settings, type Suite, sameAnswer } from '../suite.ts';

async function* cases(settings: Settings) {
  const { workers, rows, rightRows } = settings;
  yield {
    name: 'crosshatch --help, beside Node that does nothing',
    rows: 1,
    programs: [
      processProgram('crosshatch', [process.execPath, ourProgram, '--help'], { sampleMs: 20 }),
      processProgram('node', [process.execPath, '-e', '0'], { sampleMs: 20 }),
    ],
    absent: [],
    answer: sameAnswer(() => '–'),
  };
  const pair = await pairOf(rows, rightRows);
  const { programs, absent } = rivalsOf(settings, {
    LSDB: () => lsdb('count', pair, workers),
    ACID: () => acid('count', pair, workers),
  });
  yield {
    name: `count of ${rows} × ${rightRows} rows`,
    rows: rows + rightRows,
    programs: [crosshatch('count', pair, { workers }), ...programs],
    absent,
    answer: sameAnswer(),
  };
}

export const start: Suite = {
  name: 'start',
  about: 'crosshatch --help, and the smallest query beside LSDB and ACID',
  rows: [
    [1000, 1000],
    [1000, 1000],
  ],
  cases,
};
