/** Catalogs written past the database are those that it would write: in one codec it does, in the other it need not. */
import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Catalog,
  close,
  type GenerateSpec,
  generateCatalog,
  openCatalog,
  type WriteHatsOptions,
} from '../../index.ts';
import { openTestSession, type TestSession } from '../engine/duckdb-for-tests.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
let session: TestSession;
beforeAll(async () => {
  session = await openTestSession();
  await makeSides();
}, 60_000);
afterAll(async () => {
  session.close();
  await close();
});

const stars: GenerateSpec = {
  kind: 'gaia',
  rows: 20_000,
  seed: 5,
  rowsPerPartition: 2500,
  // Over a corner of the coarsest pixels.
  cone: { ra: 45, dec: 0, radiusArcsec: 3000 },
};
const objects: GenerateSpec = {
  ...stars,
  kind: 'ztf',
  rows: 15_000,
  seed: 6,
  rowsPerPartition: 1800,
  counterpartOf: stars,
};

/** Columns of every type that is written past the database, with nulls. */
const EXTRA = `
  (id % 7)::UTINYINT AS n8, (id % 70)::SMALLINT AS n16, (id % 1000000)::UINTEGER AS n32, hash(id) AS n64,
  CASE WHEN id % 5 = 0 THEN NULL ELSE 'star ' || id END AS name,
  CASE WHEN id % 3 = 0 THEN NULL ELSE left('abc', (id % 4)::INTEGER) END AS kind,
  id % 4 = 0 AS flag, NULL::DOUBLE AS nothing, DATE '2020-01-01' + (id % 900)::INTEGER AS night,
  make_timestamp((id % 1000000007)::BIGINT * 1000003) AS seen, (id % 97 / 3.0)::FLOAT AS x32,
  CASE WHEN id % 11 = 0 THEN 'nan'::DOUBLE WHEN id % 13 = 0 THEN NULL ELSE id / 7.0 END AS x64`;

async function makeSides(): Promise<void> {
  await generateCatalog(temp('gaia'), stars, { marginArcsec: 5 });
  await generateCatalog(temp('ztf'), objects, { marginArcsec: 5 });
  await widen(temp('gaia'), 'source_id', 'PARQUET_VERSION v1, ROW_GROUP_SIZE 2048');
  await widen(temp('ztf'), 'oid', 'PARQUET_VERSION v2, COMPRESSION zstd');
}

/** Gives every leaf of a collection more columns, in another layout. */
async function widen(folder: string, id: string, layout: string): Promise<void> {
  const extra = EXTRA.replaceAll(/\bid\b/g, id);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    const file = path.join(folder, name);
    if (name.endsWith('_metadata') && !name.endsWith('_common_metadata')) rmSync(file);
    else if (/\.parquet$|_common_metadata$/.test(name)) {
      await session.rows(
        `COPY (SELECT *, ${extra} FROM read_parquet('${file}')) TO '${file}.wide' (FORMAT parquet, ${layout})`,
      );
      renameSync(`${file}.wide`, file);
    }
  }
}

const MATCH = { radiusArcsec: 2, suffixes: ['_l', '_r'] as const };

const open = (name: string, margin?: 'none') =>
  openCatalog(temp(name), margin === undefined ? {} : { margin });

const QUERIES: Readonly<Record<string, () => Promise<Catalog>>> = {
  'a whole catalog': () => open('gaia'),
  'a match': async () => (await open('gaia')).crossmatch(await open('ztf'), MATCH),
  'a match without a margin': async () =>
    (await open('gaia')).crossmatch(await open('ztf', 'none'), MATCH),
  'all neighbours, and rows that have none': async () =>
    (await open('gaia')).crossmatch(await open('ztf'), {
      ...MATCH,
      radiusArcsec: 5,
      neighbors: 'all',
      how: 'left',
    }),
  'filters on both sides, in a cone': async () =>
    (await open('gaia'))
      .coneSearch(45, 0, 1800)
      .query('phot_g_mean_mag < 20 AND n8 > 2')
      .crossmatch((await open('ztf')).query('n16 < 50'), MATCH),
  'a chain of matches, some columns': async () =>
    (await open('ztf'))
      .crossmatch(await open('gaia'), { ...MATCH, how: 'left' })
      .crossmatch((await open('ztf', 'none')).select(['oid', 'name', 'x64']), {
        radiusArcsec: 3,
        neighbors: 2,
        suffixes: ['_a', '_b'],
      })
      .select(['oid_l_a', 'name_l_a', 'n64_r_a', 'seen_r_a', 'kind_l_a', 'oid_b', 'x64_b']),
  'few rows': async () => (await open('gaia')).query('source_id % 5000 = 0'),
};

/** Row counts of partitions, and the digest of each row in its place. */
async function rowsOf(dir: string) {
  const leaves = readdirSync(path.join(dir, 'dataset'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();
  const found: Record<string, unknown>[] = [];
  for (const leaf of leaves) {
    const file = path.join(dir, 'dataset', leaf);
    const [columns] = await session.rows(
      `SELECT string_agg(column_name || ' ' || column_type) AS all FROM (DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning=false))`,
    );
    const [rows] = await session.rows(
      `SELECT count(*) AS count, sum(hash(t)::HUGEINT)::VARCHAR AS sum FROM read_parquet('${file}', hive_partitioning=false, file_row_number=true) t`,
    );
    found.push({ leaf, ...columns, ...rows });
  }
  return found;
}

async function writersOf(dir: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT DISTINCT split_part(created_by, ' ', 1) AS writer FROM parquet_file_metadata('${dir}/dataset/Norder=*/Dir=*/*.parquet')`,
  );
  return rows.map(({ writer }) => String(writer));
}

/** What only the database writes, beside columns that it need not. */
const OTHERS: Readonly<Record<string, () => Promise<Catalog>>> = {
  'a computed column': async () =>
    (await open('gaia')).withColumns({ colour: 'phot_g_mean_mag - n8' }),
  'a column of lists': async () =>
    (await open('gaia')).crossmatchNested(await open('ztf'), { radiusArcsec: 5, name: 'lc' }),
  'a leaf that lacks a column': () => open('lacking'),
  'a leaf with a column of another type': () => open('drifting'),
};

/** Copies a catalog; one of its leaves is read through `select`. */
async function copyWith(name: string, select: string): Promise<void> {
  cpSync(temp('gaia'), temp(name), { recursive: true });
  const names = readdirSync(temp(name), { recursive: true, encoding: 'utf8' });
  const leaf = temp(
    name,
    names.filter((file) => /gaia\/dataset\/.*parquet$/.test(file)).sort()[1]!,
  );
  await session.rows(
    `COPY (SELECT ${select} FROM read_parquet('${leaf}')) TO '${leaf}.new' (FORMAT parquet)`,
  );
  renameSync(`${leaf}.new`, leaf);
}

describe('what the database has to write', () => {
  beforeAll(async () => {
    await copyWith('lacking', '* EXCLUDE (n16)');
    await copyWith('drifting', '* REPLACE (n16::INTEGER AS n16)');
  });

  test.each(Object.keys(OTHERS))('%s: is the same in every codec', async (name) => {
    const options: WriteHatsOptions = { rowsPerPartition: 1000, workers: 2, overwrite: true };
    const query = await OTHERS[name]!();
    const [zstd, snappy] = [temp('zstd'), temp('snappy')];
    const written = await query.writeHats(zstd, options);
    await query.writeHats(snappy, { ...options, compression: 'snappy' });
    expect(await writersOf(zstd)).toContain('DuckDB');
    expect(await rowsOf(zstd)).toEqual(await rowsOf(snappy));
    expect(written.rows).toBeGreaterThan(0);
  });
});

describe('what is written past the database', () => {
  test.each(Object.keys(QUERIES))('%s: is what it would write', async (name) => {
    const options: WriteHatsOptions = { rowsPerPartition: 1000, workers: 2, overwrite: true };
    const query = await QUERIES[name]!();
    const [past, through] = [temp('past'), temp('through')];
    const written = await query.writeHats(past, options);
    await query.writeHats(through, { ...options, compression: 'snappy' });
    expect(await writersOf(past)).toEqual(['crosshatch']);
    expect(await writersOf(through)).toEqual(['DuckDB']);
    const rows = await rowsOf(past);
    expect(rows).toEqual(await rowsOf(through));
    expect(rows.reduce((sum, { count }) => sum + Number(count), 0)).toBe(written.rows);
    expect(written.rows).toBeGreaterThan(0);
    // Its statistics are looked at when it is read again.
    const again = await openCatalog(past);
    expect(await again.query('_healpix_29 >= 0').count()).toBe(written.rows);
  });
});

test.each([0, 1.5, 23, Number.NaN])(
  'level %d of a codec is refused before any work',
  async (compressionLevel) => {
    const query = await open('gaia');
    const message = `compression level ${compressionLevel} is not a whole number from 1 to 22`;
    const [folder, file] = [temp('no-such'), temp('no-such.parquet')];
    await expect(query.writeHats(folder, { compressionLevel })).rejects.toThrow(message);
    await expect(query.writeParquet(file, { compressionLevel })).rejects.toThrow(message);
  },
);
