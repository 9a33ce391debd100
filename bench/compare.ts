/** Compares two written matches pair by pair: a fast wrong answer is no result. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteText } from '../engine/expression/quote.ts';
import { openSession } from '../workers/duckdb-session.ts';

/** How far two distances of one pair may differ, arcsec: both programs round in their own way. */
const TOLERANCE_ARCSEC = 1e-6;

/** Throws unless both catalogs hold the same (left id, right id) pairs at the same distances. */
export async function comparePairs(ours: string, theirs: string): Promise<number> {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-compare-'));
  const session = await openSession({ memoryLimitBytes: 4e9, spillDir });
  try {
    const pairs = (dir: string) =>
      `(SELECT source_id_left AS l, oid_right AS r, _dist_arcsec AS d FROM read_parquet(${quoteText(`${dir}/**/Norder=*/Dir=*/*.parquet`)}, hive_partitioning=false))`;
    const [row] = await session.rows(
      `SELECT count(*) AS pairs, count(*) FILTER (a.l IS NULL OR b.l IS NULL OR abs(a.d - b.d) > ${TOLERANCE_ARCSEC}) AS different ` +
        `FROM ${pairs(ours)} a FULL JOIN ${pairs(theirs)} b USING (l, r)`,
    );
    if (Number(row!['different']) !== 0) {
      throw new Error(
        `${row!['different']} of ${row!['pairs']} pairs differ between ${ours} and ${theirs}`,
      );
    }
    return Number(row!['pairs']);
  } finally {
    session.close();
    rmSync(spillDir, { recursive: true, force: true });
  }
}
