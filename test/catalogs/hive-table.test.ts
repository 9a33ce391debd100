/** Data sets in hive folders by HEALPix pixel, as IRSA publishes AllWISE: a small copy, made here in its layout. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeMergedMetadata } from '../../catalogs/merged-metadata.ts';
import { close, openCatalog, openCatalogInfo } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { openTestSession, type TestSession } from '../engine/duckdb-for-tests.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { rowsOf } from '../query/result-rows.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { testSpool } from '../remote/remote-fixture.ts';
import { serveFolder, type WebServer } from '../remote/web-server.ts';

const temp = tempFolder();
testSpool();
let session: TestSession;
let web: WebServer;

const ORDER = 5;
const rows: SkyRow[] = Array.from({ length: 3000 }, (_, id) => ({
  id,
  ra: 44 + (id % 60) / 15,
  dec: -1.5 + Math.floor(id / 60) / 15,
  tag: `J${id}`,
  mag: 8 + (id % 97) / 10,
}));

/** Columns of AllWISE that the copy has, and those that only its folders give. */
const COLUMNS = [
  { name: 'cntr', type: 'BIGINT' },
  { name: 'source_id', type: 'VARCHAR' },
  { name: 'ra', type: 'DOUBLE', unit: 'deg' },
  { name: 'dec', type: 'DOUBLE', unit: 'deg' },
  { name: 'w1mpro', type: 'DOUBLE', unit: 'mag' },
];

/** Writes `healpix_k0=…/healpix_k5=…/part0.snappy.parquet`, `_metadata` and `_common_metadata`. */
async function writeCopy(dir: string, of: readonly SkyRow[]): Promise<number> {
  const byPixel = Map.groupBy(of, ({ ra, dec }) => Number(hashPosition(ra, dec, ORDER)));
  const leaves: { path: string; rows: number }[] = [];
  for (const [pixel, inside] of [...byPixel].sort(([a], [b]) => a - b)) {
    const folder = `healpix_k0=${pixel >> 10}/healpix_k5=${pixel}`;
    mkdirSync(path.join(dir, folder), { recursive: true });
    const values = inside.map(
      (r) => `(${r.id}, '${r.tag}', ${r.ra}::DOUBLE, ${r.dec}::DOUBLE, ${r.mag}::DOUBLE)`,
    );
    const names = COLUMNS.map(({ name }) => name).join(', ');
    const casts = 'cntr::BIGINT AS cntr, source_id, ra, dec, w1mpro';
    const file = `${folder}/part0.snappy.parquet`;
    await session.run(
      `COPY (SELECT ${casts} FROM (VALUES ${values.join(', ')}) t(${names})) TO '${path.join(dir, file)}' (FORMAT parquet, COMPRESSION snappy)`,
    );
    leaves.push({ path: file, rows: inside.length });
  }
  await writeMergedMetadata({ datasetDir: dir, leaves, columns: COLUMNS, createdBy: 'test' });
  // The schema of the data set lists the columns of the folders too, which no file stores.
  await session.run(
    `COPY (SELECT 0::BIGINT AS cntr, '' AS source_id, 0.5::DOUBLE AS ra, 0.5::DOUBLE AS dec, 0.5::DOUBLE AS w1mpro,
     0::INTEGER AS healpix_k0, 0::INTEGER AS healpix_k5 LIMIT 0) TO '${dir}/_common_metadata' (FORMAT parquet)`,
  );
  return leaves.length;
}

let partitions: number;
beforeAll(async () => {
  session = await openTestSession();
  mkdirSync(temp('root'));
  partitions = await writeCopy(temp('root', 'wise-allwise.parquet'), rows);
  const shifted = rows.map((row) => ({ ...row, ra: row.ra + 1e-4 }));
  await makeCatalog(temp('root', 'hats'), rows, { name: 'hats', rowsPerPartition: 700 });
  await makeCatalog(temp('root', 'left'), shifted, { name: 'left', rowsPerPartition: 900 });
  web = await serveFolder(temp('root'));
});
afterAll(async () => {
  session.close();
  await close();
  await web.close();
});

describe('a data set in hive folders', () => {
  test('is a catalog with a partition per pixel', async () => {
    const info = await openCatalogInfo(temp('root', 'wise-allwise.parquet'));
    expect(info).toMatchObject({
      name: 'wise-allwise',
      type: 'object',
      raColumn: 'ra',
      decColumn: 'dec',
    });
    expect(info.columns.map(({ name }) => name)).toEqual(COLUMNS.map(({ name }) => name));
    expect(info.partitions).toHaveLength(partitions);
    expect(new Set(info.partitions.map(({ pixel }) => pixel.order))).toEqual(new Set([ORDER]));
    expect(info.partitions.reduce((sum, part) => sum + part.rows, 0)).toBe(rows.length);
  });

  test.each(['disk', 'web'])(
    'is matched like the same rows in HATS form, from the %s',
    async (from) => {
      const root = from === 'disk' ? temp('root') : web.url;
      const left = await openCatalog(`${root}/left`);
      const match = { radiusArcsec: 1, suffixes: ['_l', '_r'] } as const;
      const pairs = async (name: string, columns: string[]) => {
        const right = await openCatalog(`${root}/${name}`);
        return rowsOf(await left.crossmatch(right, match).select(columns).collect()).map((row) =>
          Object.values(row).map(String),
        );
      };
      const wise = await pairs('wise-allwise.parquet', [
        'id_l',
        'cntr_r',
        'source_id_r',
        'w1mpro_r',
      ]);
      const hats = await pairs('hats', ['id_l', 'id_r', 'tag_r', 'mag_r']);
      expect(wise).toHaveLength(rows.length);
      expect(wise).toEqual(hats);
    },
  );

  test('is searched by region and filter, as the left side too', async () => {
    const wise = await openCatalog(`${web.url}/wise-allwise.parquet`);
    const hats = await openCatalog(temp('root', 'hats'));
    const inside = { ra: 45, dec: 0, radius: 2000 };
    const count = (catalog: typeof wise, mag: string) =>
      catalog
        .query(`${mag} < 12`)
        .coneSearch(inside.ra, inside.dec, inside.radius)
        .crossmatch(hats, { radiusArcsec: 1, suffixes: ['_l', '_r'] })
        .count();
    const found = await count(wise, 'w1mpro');
    expect(found).toBeGreaterThan(0);
    expect(found).toBe(await count(hats, 'mag'));
  });

  test('without positions, or with folders of other kinds, is told from one', async () => {
    const dir = temp('no-positions');
    mkdirSync(path.join(dir, 'healpix_k0=0', 'healpix_k5=3'), { recursive: true });
    const leaf = `${dir}/healpix_k0=0/healpix_k5=3/part0.parquet`;
    await session.run(`COPY (SELECT 1 AS a) TO '${leaf}' (FORMAT parquet)`);
    await session.run(`COPY (SELECT 1 AS a LIMIT 0) TO '${dir}/_common_metadata' (FORMAT parquet)`);
    await expect(openCatalogInfo(dir)).rejects.toThrow('the data set has no columns ra and dec');
    rmSync(path.join(dir, 'healpix_k0=0'), { recursive: true });
    await expect(openCatalogInfo(dir)).rejects.toThrow('is a directory but not a catalog');
  });
});
