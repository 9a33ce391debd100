/** A small catalog of many partitions with columns of every type, for tests of user code. */
import path from 'node:path';
import { type Catalog, fromTable, openCatalog } from '../../index.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';

export const USER_ROWS = 60;
const FIRST_ID = 2n ** 60n;

export const idOf = (n: number): bigint => FIRST_ID + BigInt(n);

/** Writes the catalog below `dir`; row n has the id 2⁶⁰ + n, and every sixth row nulls in all columns but those of its place. */
export async function writeUserCatalog(dir: string): Promise<string> {
  const session = await openTestSession();
  const file = path.join(dir, 'user.parquet');
  const unlessSixth = (sql: string, name: string) =>
    `CASE WHEN n % 6 = 5 THEN NULL ELSE ${sql} END AS ${name}`;
  const columns = [
    unlessSixth('n::TINYINT - 30', 'tiny'),
    unlessSixth('18446744073709551615::UBIGINT - n::UBIGINT', 'ubig'),
    unlessSixth('(n * 1000)::HUGEINT', 'huge'),
    unlessSixth('n::FLOAT / 4', 'f'),
    unlessSixth("CASE WHEN n = 1 THEN 'nan'::DOUBLE ELSE n / 8 END", 'd'),
    unlessSixth('n % 2 = 0', 'flag'),
    unlessSixth("'word ' || n", 'word'),
    unlessSixth("DATE '2020-01-01' + n::INTEGER", 'day'),
    unlessSixth("TIMESTAMP '2020-01-01 00:00:00.25' + to_hours(n)", 'stamp'),
    unlessSixth('(n / 4)::DECIMAL(9, 2)', 'price'),
    unlessSixth("encode('raw')", 'raw'),
    unlessSixth('[n, NULL]::INTEGER[]', 'numbers'),
    unlessSixth("[TIMESTAMP '2020-01-01' + to_days(n::INTEGER)]", 'times'),
    unlessSixth(
      `{'t': range(n % 4)::DOUBLE[], 'id': list_transform(range(n % 4), lambda i: id + i)::BIGINT[],
        'band': list_transform(range(n % 4), lambda i: 'gri'[i + 1])}`,
      'lc',
    ),
    unlessSixth(`list_transform(range(n % 3), lambda i: {'x': i::FLOAT, 'ok': i = 1})`, 'ls'),
  ];
  try {
    await session.run(
      'COPY (SELECT n::INTEGER AS n, id, 40 + n * 37 % 60 / 4 AS ra, 10 + n * 53 % 60 / 4 AS dec, ' +
        `${columns.join(', ')} FROM (SELECT n, ${FIRST_ID}::BIGINT + n AS id FROM range(${USER_ROWS}) r(n))) TO '${file}' (FORMAT parquet)`,
    );
  } finally {
    session.close();
  }
  const target = path.join(dir, 'user');
  const source = fromTable(file, { ra: 'ra', dec: 'dec', name: 'user' });
  await source.writeHats(target, { rowsPerPartition: 24, workers: 1 });
  return target;
}

export const openUser = (dir: string): Promise<Catalog> => openCatalog(path.join(dir, 'user'));

/** A function of `user-functions.ts`, as users name one. */
export const fromModule = (name: string) => ({
  module: new URL('./user-functions.ts', import.meta.url),
  export: name,
});
