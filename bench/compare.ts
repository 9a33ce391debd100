/** Compares matches pair by pair: a fast wrong answer is no result. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteName, quoteText } from '../engine/expression/quote.ts';
import { openSession } from '../workers/duckdb-session.ts';

/** How far two distances of one pair may differ, arcsec: both programs round in their own way. */
const TOLERANCE_ARCSEC = 1e-6;

/** Where a program wrote its pairs. */
export interface PairFiles {
  /** Pattern of Parquet files. */
  readonly files: string;
  /** Names of the columns with the ids of both sides and the distance in arcsec; null: it was not written. */
  readonly left: string;
  readonly right: string;
  readonly distance: string | null;
}

/** Partitions of a catalog that a program wrote. */
export function partitionsOf(dir: string): string {
  return join(dir, '**', 'Norder=*', 'Dir=*', '*.parquet');
}

/** Throws unless both hold the same (left id, right id) pairs at the same distances. @returns how many there are */
export async function comparePairs(ours: PairFiles, theirs: PairFiles): Promise<number> {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-compare-'));
  const session = await openSession({ memoryLimitBytes: 4e9, spillDir });
  try {
    const hasDistance = ours.distance !== null && theirs.distance !== null;
    const apart = hasDistance ? ` OR NOT abs(a.d - b.d) <= ${TOLERANCE_ARCSEC}` : '';
    // Every pair is there as often: (l, r, n) tells repeated ones apart.
    const [row] = await session.rows(
      `SELECT count(*) AS pairs, count(*) FILTER (a.l IS NULL OR b.l IS NULL${apart}) AS different ` +
        `FROM ${pairs(ours)} a FULL JOIN ${pairs(theirs)} b USING (l, r, n)`,
    );
    if (Number(row!['different']) !== 0) {
      throw new Error(
        `${row!['different']} of ${row!['pairs']} pairs differ between ${ours.files} and ${theirs.files}`,
      );
    }
    return Number(row!['pairs']);
  } finally {
    session.close();
    rmSync(spillDir, { recursive: true, force: true });
  }
}

function pairs({ files, left, right, distance }: PairFiles): string {
  const d = distance === null ? 'NULL::DOUBLE' : quoteName(distance);
  const [l, r] = [quoteName(left), quoteName(right)];
  return (
    `(SELECT ${l} AS l, ${r} AS r, ${d} AS d, row_number() OVER (PARTITION BY ${l}, ${r} ORDER BY ${d}) AS n ` +
    `FROM read_parquet(${quoteText(files)}, hive_partitioning=false))`
  );
}
