/** Light curves gathered for matched stars and written, beside LSDB. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteText } from '../../engine/expression/quote.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { processProgram, rivalsOf } from '../commands.ts';
import { partitionsOf } from '../compare.ts';
import { curveCatalogs } from '../curve-data.ts';
import { dataDir } from '../data.ts';
import type { Case, Settings, Suite } from '../suite.ts';
import { oraclePython } from '../venv.ts';

const here = join(import.meta.dirname, '..');
const POINTS = 100;

async function* cases(settings: Settings): AsyncGenerator<Case> {
  const { rows, workers } = settings;
  const { gaia, ztf, sources } = await curveCatalogs(rows, POINTS);
  const output = (name: string) => join(dataDir, 'out', `gather-${name}`);
  const program = (name: string, command: readonly string[]) =>
    processProgram(name, [...command, gaia, ztf, sources, output(name), String(workers)], {
      output: output(name),
    });
  const { programs, absent } = rivalsOf(settings, {
    LSDB: () => program('LSDB', [oraclePython(), join(here, 'rivals', 'lsdb_gather.py')]),
  });
  yield {
    name: `${rows} objects with about ${POINTS} detections each, gathered for matched stars`,
    rows,
    programs: [program('crosshatch', [process.execPath, join(here, 'gather-run.ts')]), ...programs],
    absent,
    answer: async (first) => {
      let answer = '';
      for (const name of first.keys()) {
        const theirs = await curvesIn(output(name));
        if (answer !== '' && theirs !== answer) {
          throw new Error(`the answers differ: ${answer}, ${name} ${theirs}`);
        }
        answer = theirs;
      }
      return answer;
    },
  };
}

/** What is in the curves that a program wrote: stars, points, and a sum that every pair and point is in. */
async function curvesIn(dir: string): Promise<string> {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-gather-'));
  const session = await openSession({ memoryLimitBytes: 4e9, spillDir });
  try {
    const [row] = await session.rows(
      'SELECT count(*) AS stars, sum(len(lc.mjd))::BIGINT AS points, ' +
        'bit_xor(hash(source_id_gaia, oid_ztf, list_sort(lc.mjd), list_sort(lc.mag)))::VARCHAR AS content ' +
        `FROM read_parquet(${quoteText(partitionsOf(dir))}, hive_partitioning=false)`,
    );
    return `${row!['stars']} curves, ${row!['points']} points, content ${row!['content']}`;
  } finally {
    session.close();
    rmSync(spillDir, { recursive: true, force: true });
  }
}

export const gather: Suite = {
  name: 'gather',
  about: 'light curves gathered for matched stars and written, beside LSDB',
  rows: [
    [500_000, 0],
    [10_000, 0],
  ],
  cases,
};
