/** Regions of leaves of many row groups: those that can hold rows are read, and rows keep the numbers of the file. */
import { readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { Float64, Int32, makeVector, Table, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog, type Region } from '../../index.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';
import { distanceArcsec } from './oracle.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const ROWS = 24_000;
const CENTRE = { ra: 359.5, dec: 41 };
const WIDTH = 3;

/** Positions of a field over RA 0, both catalogs with one of its own; every fourth row lies near one of the other. */
function positions(shift: number): { ra: Float64Array; dec: Float64Array } {
  const [ra, dec] = [new Float64Array(ROWS), new Float64Array(ROWS)];
  for (let i = 0; i < ROWS; i++) {
    const own = i % 4 === 0 ? shift / 3600 : shift;
    ra[i] = (CENTRE.ra + WIDTH * (((i * 0.618034) % 1) - 0.5) + own / 7 + 360) % 360;
    dec[i] = CENTRE.dec + WIDTH * (((i * 0.754878) % 1) - 0.5) + own / 11;
  }
  return { ra, dec };
}

const LEFT = positions(0);
const RIGHT = positions(0.7);

/** Writes a catalog whose leaves have row groups of 2048 rows. */
async function write(
  name: string,
  { ra, dec }: typeof LEFT,
  noPosition: readonly number[] = [],
  index = '_healpix_29',
): Promise<void> {
  const numbers = Array.from({ length: ROWS }, (_, i) => i);
  const table = new Table({
    n: vectorFromArray(numbers, new Int32()),
    ra: makeVector(ra),
    dec: makeVector(dec),
    mag: vectorFromArray(
      numbers.map((n) => n / 8),
      new Float64(),
    ),
  } as never);
  const options = { ra: 'ra', dec: 'dec', name } as const;
  await fromTable(table, options).writeHats(temp(name), { workers: 1 });
  const session = await openTestSession();
  for (const file of readdirSync(temp(name), { recursive: true, encoding: 'utf8' })) {
    if (!/Npix=\d+\.parquet$/.test(file)) continue;
    const leaf = path.join(temp(name), file);
    const list = `* REPLACE (CASE WHEN n IN (${[-1, ...noPosition].join(', ')}) THEN 'nan'::DOUBLE ELSE ra END AS ra, ${index} AS _healpix_29)`;
    await session.run(
      `COPY (SELECT ${list} FROM '${leaf}' ORDER BY _healpix_29) TO '${leaf}.new' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    renameSync(`${leaf}.new`, leaf);
  }
  session.close();
}

beforeAll(async () => {
  await write('left', LEFT);
  await write('right', RIGHT);
  await write('unplaced', LEFT, ringAround(CASES[0]!));
  await write('unindexed', LEFT, [], 'CASE WHEN n % 3 > 0 THEN _healpix_29 END');
});

const CASES: Region[] = [
  { kind: 'cone', ra: 359.1, dec: 41.4, radiusArcsec: 900 },
  { kind: 'cone', ra: 0.05 - 360, dec: 40.2, radiusArcsec: 4000 },
  { kind: 'box', ra: [359.7, 0.4], dec: [40.5, 40.9] },
  {
    kind: 'polygon',
    vertices: [
      [359, 40],
      [0.5, 40.5],
      [359.5, 42],
    ],
  },
  { kind: 'cone', ra: 120, dec: -3, radiusArcsec: 3600 },
];

const insideLeft = (region: Region) => [...regionRows(region, LEFT.ra, LEFT.dec)];

/** Rows that are not in the region, but near enough that some share a row group with rows that are. */
function ringAround(region: Region): number[] {
  const { ra, dec } = region as { ra: number; dec: number };
  return Array.from({ length: ROWS }, (_, i) => i).filter((i) => {
    const arcsec = distanceArcsec({ ra: LEFT.ra[i]!, dec: LEFT.dec[i]! }, { ra, dec });
    return arcsec > 2000 && arcsec < 2600;
  });
}

function searched(catalog: Catalog, region: Region): Catalog {
  switch (region.kind) {
    case 'cone':
      return catalog.coneSearch(region.ra, region.dec, region.radiusArcsec);
    case 'box':
      return catalog.boxSearch(region.ra, region.dec);
    case 'polygon':
      return catalog.polygonSearch(region.vertices);
    default:
      throw new Error(region.kind);
  }
}

/** Every pair within the radius, by declination first. */
function pairsWithin(lefts: readonly number[], radiusArcsec: number): [number, number][] {
  const byDec = Array.from({ length: ROWS }, (_, i) => i).sort(
    (a, b) => RIGHT.dec[a]! - RIGHT.dec[b]!,
  );
  const reach = radiusArcsec / 3600;
  return lefts.flatMap((l) => {
    const left = { ra: LEFT.ra[l]!, dec: LEFT.dec[l]! };
    let from = 0;
    let to = ROWS;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (RIGHT.dec[byDec[middle]!]! < left.dec - reach) from = middle + 1;
      else to = middle;
    }
    const found: [number, number][] = [];
    for (; from < ROWS && RIGHT.dec[byDec[from]!]! <= left.dec + reach; from++) {
      const r = byDec[from]!;
      if (distanceArcsec(left, { ra: RIGHT.ra[r]!, dec: RIGHT.dec[r]! }) <= radiusArcsec)
        found.push([l, r]);
    }
    return found;
  });
}

describe.each(CASES)('$kind', (region) => {
  test('has the rows inside, with their columns', async () => {
    const catalog = searched(await openCatalog(temp('left')), region);
    const expected = insideLeft(region).map((n) => ({ n, mag: n / 8 }));
    const rows = rowsOf(await catalog.select(['n', 'mag']).collect());
    expect(rows.sort((a, b) => Number(a['n']) - Number(b['n']))).toEqual(expected);
    expect(await catalog.count()).toBe(expected.length);
  });

  test('matches with all that is near, also beyond its border', async () => {
    const expected = pairsWithin(insideLeft(region), 30);
    const left = searched(await openCatalog(temp('left')), region);
    const matched = left.crossmatch(await openCatalog(temp('right')), {
      radiusArcsec: 30,
      neighbors: 50,
      suffixes: ['', '_right'],
    });
    const rows = rowsOf(await matched.select(['n', 'n_right', 'mag_right']).collect());
    const pairs = rows.map((row) => [Number(row['n']), Number(row['n_right'])]);
    expect(pairs.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)).toEqual(
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    );
    for (const row of rows) expect(row['mag_right']).toBe(Number(row['n_right']) / 8);
  });
});

test('rows without a position beside a region are nobody’s business', async () => {
  const [region] = CASES as [Region];
  const near = searched(await openCatalog(temp('unplaced')), region);
  expect(await near.count()).toBe(insideLeft(region).length);
  const all = await openCatalog(temp('unplaced'));
  const right = await openCatalog(temp('right'));
  await expect(all.crossmatch(right, { radiusArcsec: 1 }).count()).rejects.toThrow(
    'unusable position',
  );
});

test.each(CASES)(
  'rows without an index are rows of a region by their positions: $kind',
  async (region) => {
    const found = searched(await openCatalog(temp('unindexed')), region);
    const expected = insideLeft(region).length;
    expect(await found.count()).toBe(expected);
    expect(await found.query('mag >= 0').count()).toBe(expected);
  },
);

test('rows without an index are neighbours over the border of a partition too', async () => {
  const left = await openCatalog(temp('right'));
  const counts: number[] = [];
  for (const name of ['left', 'unindexed']) {
    const right = await openCatalog(temp(name));
    counts.push(await left.crossmatch(right, { radiusArcsec: 1 }).count());
  }
  expect(counts[0]).toBeGreaterThan(1000);
  expect(counts[1]).toBe(counts[0]);
});
