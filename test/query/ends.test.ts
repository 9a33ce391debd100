/** All ends of a query tell the same rows in the same order: tables, batches, files, catalogs, maps, counts, limits. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WriteFileOptions } from '../../engine/ends/write-file.ts';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import {
  type Catalog,
  type CrossmatchOptions,
  close,
  fromTable,
  openCatalog,
  type RunSettings,
} from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { digestOf } from './file-tree.ts';
import { hardSky } from './hard-sky.ts';
import { makeCatalog, skyTable } from './make-catalog.ts';
import { byId, inSpatialOrder, naiveMatch } from './oracle.ts';
import { type ResultRow, rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const tiny = smallRuntime(50);
afterAll(async () => {
  await tiny.close();
  await close();
});

const SKY = hardSky({
  seed: 42,
  places: ['corners', 'edges', 'seam', 'north pole'],
  spreadDegrees: 0.5,
  scatterDegrees: 20 / 3600,
  leftRows: 300,
  rightRows: 300,
  duplicates: 0.15,
});

/** All within a radius: a match of this form runs in threads, however small it is. */
const MATCH = {
  radiusArcsec: 45.5,
  neighbors: 'all',
  how: 'left',
  suffixes: ['_l', '_r'],
} as const;
const MACHINES: readonly RunSettings[] = [
  { workers: 1, memoryBytes: 300e6 },
  { workers: 3, memoryBytes: 4e9 },
];
/** The order of everything: the columns of both sides, then the distance. */
const COLUMNS = ['_healpix_29', 'id_l', 'ra_l', 'dec_l', 'tag_l', 'mag_l', 'id_r', 'ra_r', 'dec_r'];

let match: Catalog;
let cut: Catalog;
let rows: ResultRow[];
beforeAll(async () => {
  await makeCatalog(temp('left'), SKY.left, { name: 'left', rowsPerPartition: 50 });
  await makeCatalog(temp('right'), SKY.right, { name: 'right', rowsPerPartition: 120 });
  match = (await openCatalog(temp('left'))).crossmatch(await openCatalog(temp('right')), MATCH);
  const left = await openWith(temp('left'), tiny);
  cut = left.crossmatch(await openWith(temp('right'), tiny), MATCH);
  rows = rowsOf(await match.collect());
});

test('the rows that brute force gives', async () => {
  expect((await cut.run()).stats.splits).toBeGreaterThan(0);
  const expected = naiveMatch(SKY.left, SKY.right, MATCH, byId);
  expect(rows.map((row) => [row['id_l'], row['id_r']])).toEqual(
    expected.map(({ left, right }) => [left.id, right?.id ?? null]),
  );
  expect(Object.keys(rows[0]!)).toEqual([...COLUMNS, 'tag_r', 'mag_r', '_dist_arcsec']);
});

test('batches', async () => {
  const found: ResultRow[] = [];
  for await (const batch of match) {
    const names = batch.schema.names.map(String);
    for (let i = 0; i < batch.numRows; i++) {
      found.push(Object.fromEntries(names.map((name) => [name, batch.getChild(name)!.get(i)])));
    }
  }
  expect(found).toEqual(rows);
});

type WriteFile = (catalog: Catalog, file: string, options?: WriteFileOptions) => Promise<unknown>;

const FILES: readonly (readonly [format: string, write: WriteFile])[] = [
  ['parquet', (catalog, file, options) => catalog.writeParquet(file, options)],
  ['csv', (catalog, file, options) => catalog.writeCsv(file, options)],
  ['arrow', (catalog, file, options) => catalog.writeArrow(file, options)],
];

test.each(FILES)('a %s file, the same bytes from every machine', async (format, write) => {
  const digests = new Set<string>();
  for (const [i, machine] of MACHINES.entries()) {
    await write(match, temp(`${i}.${format}`), machine);
    digests.add(digestOf(temp(`${i}.${format}`)));
  }
  await write(cut, temp(`cut.${format}`));
  digests.add(digestOf(temp(`cut.${format}`)));
  expect(digests.size).toBe(1);
});

test('a Parquet file as the table of a new catalog', async () => {
  const file = temp('again.parquet');
  await match.select(['id_l', 'ra_l', 'dec_l', 'id_r', '_dist_arcsec']).writeParquet(file);
  const source = fromTable(file, { ra: 'ra_l', dec: 'dec_l' });
  await source.writeHats(temp('again'), { rowsPerPartition: 100 });
  const again = rowsOf(await (await openCatalog(temp('again'))).collect());
  expect(again.map((row) => [row['id_l'], row['id_r'], row['_dist_arcsec']])).toEqual(
    rows.map((row) => [row['id_l'], row['id_r'], row['_dist_arcsec']]),
  );
});

test('a catalog, whose position and index are there whatever is selected', async () => {
  const selected = match.select(['mag_r', 'id_l']);
  await selected.writeHats(temp('selected'), { name: 'selected', rowsPerPartition: 150 });
  const catalog = await openCatalog(temp('selected'));
  const names = ['_healpix_29', 'ra_l', 'dec_l', 'mag_r', 'id_l'];
  expect(catalog.columns.map(({ name }) => name)).toEqual(names);
  const expected = rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
  expect(rowsOf(await catalog.collect())).toEqual(expected);
  const flat = rowsOf(await selected.collect());
  expect(flat).toEqual(rows.map((row) => ({ mag_r: row['mag_r'], id_l: row['id_l'] })));
});

test('a map counts output rows at the left position', async () => {
  const order = 7;
  const expected = new Map<number, number>();
  for (const row of rows) {
    const pixel = Number(hashPosition(row['ra_l'] as number, row['dec_l'] as number, order));
    expected.set(pixel, (expected.get(pixel) ?? 0) + 1);
  }
  const sorted = [...expected].sort(([a], [b]) => a - b);
  for (const catalog of [match, cut, match.query('id_l >= 0')]) {
    const { pixels, values: counts } = await catalog.skymap({ order });
    expect([...pixels].map((pixel, i) => [pixel, counts[i]])).toEqual(sorted);
  }
});

describe('a limit', () => {
  test('takes the first rows in spatial order, on every machine', async () => {
    for (const count of [0, 1, 133, rows.length, rows.length + 1]) {
      const first = rows.slice(0, count);
      expect(rowsOf(await match.limit(count).collect(MACHINES[count % 2]))).toEqual(first);
      expect(await cut.limit(count).count()).toBe(first.length);
    }
    expect(rowsOf(await cut.limit(77).collect())).toEqual(rows.slice(0, 77));
    const map = await cut.limit(77).skymap({ order: 4 });
    expect(map.values.reduce((sum, n) => sum + n, 0)).toBe(77);
  });

  test('of a scan, and of a limit', async () => {
    const left = await openCatalog(temp('left'));
    const ids = inSpatialOrder(SKY.left).map(({ id }) => id);
    const idsOf = async (catalog: Catalog) =>
      rowsOf(await catalog.select(['id']).collect()).map(({ id }) => id);
    expect(await idsOf(left.limit(77))).toEqual(ids.slice(0, 77));
    expect(await idsOf(left.limit(77).limit(200))).toEqual(ids.slice(0, 77));
    expect(await idsOf(left.limit(200).limit(77))).toEqual(ids.slice(0, 77));
    await left.limit(77).writeHats(temp('first'), { rowsPerPartition: 30 });
    expect(await idsOf(await openCatalog(temp('first')))).toEqual(ids.slice(0, 77));
  });

  test('before a filter or a match acts before it, after them on what they give', async () => {
    const left = await openCatalog(temp('left'));
    const right = await openCatalog(temp('right'));
    const some = inSpatialOrder(SKY.left);
    const isEven = ({ id }: { readonly id: number }) => id % 2 === 0;
    const idsOf = async (catalog: Catalog) =>
      rowsOf(await catalog.select(['id']).collect()).map(({ id }) => id);
    expect(await idsOf(left.limit(100).query('id % 2 = 0'))).toEqual(
      some
        .slice(0, 100)
        .filter(isEven)
        .map(({ id }) => id),
    );
    expect(await idsOf(left.query('id % 2 = 0').limit(100))).toEqual(
      some
        .filter(isEven)
        .slice(0, 100)
        .map(({ id }) => id),
    );
    const options: CrossmatchOptions = { ...MATCH, how: 'inner', neighbors: 2 };
    const pairsOf = async (catalog: Catalog) =>
      rowsOf(await catalog.collect()).map((row) => [row['id_l'], row['id_r']]);
    const naive = (l: typeof some, r: typeof some) =>
      naiveMatch(l, r, options, byId).map((pair) => [pair.left.id, pair.right!.id]);
    const rightFirst = inSpatialOrder(SKY.right).slice(0, 150);
    expect(await pairsOf(left.limit(150).crossmatch(right, options))).toEqual(
      naive(some.slice(0, 150), SKY.right),
    );
    expect(await pairsOf(left.crossmatch(right.limit(150), options))).toEqual(
      naive(SKY.left, rightFirst),
    );
    expect(await pairsOf(left.crossmatch(right, options).limit(99))).toEqual(
      naive(SKY.left, SKY.right).slice(0, 99),
    );
  });
});

test('a table in memory is a catalog like others', async () => {
  const table = fromTable(skyTable(SKY.left), { ra: 'ra', dec: 'dec', name: 'left' });
  const opened = await table.open();
  const found = opened.crossmatch(await openCatalog(temp('right')), MATCH);
  expect(rowsOf(await found.collect())).toEqual(rows);
});
