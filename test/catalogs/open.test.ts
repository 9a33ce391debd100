/** Opening catalogs that are incomplete or unusual in ways the sample catalogs are not. */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeCatalog } from '../../catalogs/describe.ts';
import { directoryNumber, leafPath, pixelOfPath } from '../../catalogs/leaf-files.ts';
import { localStore } from '../../catalogs/local-store.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import type { Store } from '../../catalogs/store.ts';
import type { Partition } from '../../catalogs/types.ts';
import { pixelText } from '../../partitioning/pixel.ts';
import { CatalogFixture, ROWS, TOTAL_ROWS } from './catalog-fixture.ts';
import { COLUMNS, NESTED_ORDER, PARTITIONS, query, writeLeaf } from './leaf-fixture.ts';

let cat: CatalogFixture;
beforeEach(async () => {
  cat = await CatalogFixture.create();
});
afterEach(() => cat.remove());

const pixels = (partitions: readonly Partition[]) => partitions.map((p) => pixelText(p.pixel));
const rowsOf = (partitions: readonly Partition[]) => partitions.map((p) => p.rows);

describe('what a catalog can do without', () => {
  test('metadata files: a leaf gives the schema, the share of bytes the rows', async () => {
    await cat.catalog();
    const info = await cat.open();
    expect(info.columns).toEqual(COLUMNS.map(({ name, type }) => ({ name, type })));
    // Files are read along with it: one with rows would bring them twice.
    expect(info.schemaFile).toBeUndefined();
    expect(pixels(info.partitions)).toEqual(NESTED_ORDER);
    const bytes = info.partitions.map((p) => p.files[0]!.bytes);
    const perByte = TOTAL_ROWS / bytes.reduce((a, b) => a + b);
    expect(rowsOf(info.partitions)).toEqual(bytes.map((b) => Math.round(b * perByte)));
    expect(info.partitions.some((p) => p.rowsExact)).toBe(false);
    expect(describeCatalog(info)).toMatchObject({
      rows: TOTAL_ROWS,
      rowsExact: false,
      partitions: 4,
    });
  });

  test('the number of rows: footers give it', async () => {
    await cat.catalog({ hats_nrows: undefined });
    const info = await cat.open();
    expect(info.totalRows).toBeUndefined();
    expect(rowsOf(info.partitions)).toEqual(ROWS);
    expect(describeCatalog(info)).toMatchObject({ rows: TOTAL_ROWS, rowsExact: true });
  });

  test('the partition list: leaf files give it', async () => {
    await cat.catalog();
    await rm(cat.path('partition_info.csv'));
    await writeFile(cat.path('dataset/Norder=1/Dir=0/Npix=1.parquet.md5'), 'x');
    await writeFile(cat.path('dataset/Norder=1/Dir=0/Npix=x.parquet'), 'x');
    await mkdir(cat.path('dataset/Norder=1/Dir=0/Npix=9.parquet'));
    expect(pixels((await cat.open()).partitions)).toEqual(NESTED_ORDER);
  });

  test('hats.properties: the old name will do', async () => {
    await cat.catalog();
    await rm(cat.path('hats.properties'));
    await cat.properties({ obs_collection: 'old' }, 'properties');
    expect((await cat.open()).name).toBe('old');
    await cat.properties();
    expect((await cat.open()).name).toBe('cat');
  });

  test('any row: an empty margin has a list and a schema only', async () => {
    await writeFile(cat.path('partition_info.csv'), 'Norder,Npix\n');
    await cat.schema('SELECT 1::BIGINT AS _healpix_29, 1.5::DOUBLE AS ra, 1.5::DOUBLE AS dec');
    await cat.properties({ hats_nrows: 0 });
    expect(await cat.open()).toMatchObject({ partitions: [], healpix: { name: '_healpix_29' } });
  });
});

describe('_metadata', () => {
  test('gives the exact rows of the files it names', async () => {
    await cat.catalog({ hats_nrows: 1 });
    await cat.metadata();
    const info = await cat.open();
    expect(rowsOf(info.partitions)).toEqual(ROWS);
    expect(info.partitions.every((p) => p.rowsExact)).toBe(true);
    expect(describeCatalog(info)).toMatchObject({ rows: TOTAL_ROWS, rowsExact: true });
  });

  test('gives the schema where _common_metadata is missing', async () => {
    await cat.catalog();
    await cat.metadata();
    await rm(cat.path('dataset', '_common_metadata'));
    const info = await cat.open();
    expect(info.schemaFile).toBeUndefined();
    expect(info.columns.map((column) => column.name)).toEqual(COLUMNS.map((c) => c.name));
  });

  test('is not believed where a file is shorter than it says', async () => {
    await cat.catalog();
    await cat.metadata();
    const pixel = { order: 2, pixel: 3 };
    await writeLeaf(cat.path(leafPath(pixel)), { pixel, rows: 10 });
    const { partitions } = await cat.open();
    expect(partitions.map((p) => p.rowsExact)).toEqual([false, true, true, true]);
  });

  test('is not believed where it names no files', async () => {
    await cat.catalog();
    await copyFile(cat.path(leafPath({ order: 1, pixel: 44 })), cat.path('dataset', '_metadata'));
    const { partitions } = await cat.open();
    expect(partitions.map((p) => p.rowsExact)).toEqual([false, false, false, false]);
  });

  test('leads to files whose names the rule does not give, with or without a list', async () => {
    await cat.catalog();
    for (const { pixel } of PARTITIONS) {
      const file = cat.path(leafPath(pixel));
      await rename(file, file.replace('parquet', 'pq'));
    }
    await expect(cat.open()).rejects.toThrow('the catalog schema could not be loaded');
    await cat.metadata((file) => file.replace('parquet', 'pq'));
    const listed = await cat.open();
    expect(listed.partitions[0]!.files[0]!.path).toBe(cat.path('dataset/Norder=2/Dir=0/Npix=3.pq'));
    expect(rowsOf(listed.partitions)).toEqual(ROWS);
    await rm(cat.path('partition_info.csv'));
    expect((await cat.open()).partitions).toEqual(listed.partitions);
    await rm(cat.path('dataset/Norder=2/Dir=0/Npix=3.pq'));
    await expect(cat.open()).rejects.toThrow('partition 2/3 is listed but its file is missing');
  });
});

describe('names of leaf files', () => {
  test('a template', async () => {
    const pixel = { order: 6, pixel: 12_345 };
    await writeLeaf(cat.path('leaf/6/10000-12345.pq'), { pixel, rows: 3 });
    await writeFile(cat.path('partition_info.csv'), 'Norder,Npix\n6,12345\n');
    await cat.properties({ hats_nrows: 3 });
    const { partitions } = await cat.open({ pathTemplate: 'leaf/{order}/{dir}-{pixel}.pq' });
    expect(partitions[0]!.files[0]!.path).toBe(cat.path('leaf/6/10000-12345.pq'));
  });

  test.each([
    ['parquet/{pixel}', 'lacks {order} or {pixel}'],
    ['parquet/{order}', 'lacks {order} or {pixel}'],
    ['{norder}/{order}_{pixel}', 'has the unknown part {norder}'],
  ])('the template %s is refused', async (pathTemplate, problem) => {
    await cat.catalog();
    await expect(cat.open({ pathTemplate })).rejects.toMatchObject({
      tag: 'request',
      what: `the path template '${pathTemplate}' ${problem}`,
    });
  });

  test('a template needs the list', async () => {
    await cat.catalog();
    await rm(cat.path('partition_info.csv'));
    await expect(cat.open({ pathTemplate: '{order}/{pixel}' })).rejects.toThrow(
      'a path template needs a partition list',
    );
  });

  test('a folder with several files per partition', async () => {
    const folder = cat.path('dataset/Norder=1/Dir=0/Npix=44');
    const pixel = { order: 1, pixel: 44 };
    await writeLeaf(path.join(folder, 'b.parquet'), { pixel, rows: 3 });
    await writeLeaf(path.join(folder, 'a.parquet'), { pixel, rows: 4 });
    await writeFile(path.join(folder, '.hidden'), 'x');
    await writeFile(path.join(folder, '_SUCCESS'), '');
    await cat.properties({ hats_npix_suffix: '/', hats_nrows: undefined });
    for (const list of [undefined, 'Norder,Npix\n1,44\n']) {
      if (list !== undefined) await writeFile(cat.path('partition_info.csv'), list);
      const { partitions } = await cat.open();
      expect(partitions).toMatchObject([{ rows: 7, rowsExact: true }]);
      expect(partitions[0]!.files.map((file) => path.basename(file.path))).toEqual([
        'a.parquet',
        'b.parquet',
      ]);
    }
    await mkdir(cat.path('dataset/Norder=1/Dir=0/Npix=45'));
    await writeFile(cat.path('partition_info.csv'), 'Norder,Npix\n1,44\n1,45\n');
    await expect(cat.open()).rejects.toThrow('partition 1/45 is listed but its file is missing');
  });

  test.each([
    [0, 0],
    [9999, 0],
    [10_000, 10_000],
    [12_345, 10_000],
    [12 * 4 ** 24 - 1, 3_377_699_720_520_000],
  ])('pixel %d is in Dir=%d', (pixel, expected) => {
    expect(directoryNumber(pixel)).toBe(expected);
  });

  test.each([
    ['Norder=1/Dir=0/Npix=44.parquet', '1/44'],
    ['/Norder=0/Dir=0/Npix=4.parquet', '0/4'],
    ['Norder%3D6/Dir%3D10000/Npix%3D12345.parquet', '6/12345'],
    ['Norder=1/x/Norder=2/Dir=0/Npix=7/Npix=8/part0.parquet', '2/8'],
    ['Norder=1/Npix=48', undefined],
    ['index/part.0.parquet', undefined],
    ['50%.parquet', undefined],
  ])('%s is of pixel %s', (file, expected) => {
    const pixel = pixelOfPath(file);
    expect(pixel && pixelText(pixel)).toBe(expected);
  });
});

describe('hive columns', () => {
  const schema =
    'SELECT 1.5::DOUBLE AS ra, 1.5::DOUBLE AS dec, 1::INTEGER AS Norder, 0 AS Npix, 0 AS Dir';

  test('of the schema are dropped when leaves do not store them', async () => {
    await cat.catalog();
    await cat.schema(schema);
    expect((await cat.open()).columns.map((column) => column.name)).toEqual(['ra', 'dec']);
  });

  test('stay when leaves do', async () => {
    await mkdir(cat.path('dataset/Norder=1/Dir=0'), { recursive: true });
    await query(
      `COPY (${schema}) TO '${cat.path(leafPath({ order: 1, pixel: 44 }))}' (FORMAT parquet)`,
    );
    await writeFile(cat.path('partition_info.csv'), 'Norder,Npix\n1,44\n');
    await cat.schema(schema);
    await cat.properties();
    const names = (await cat.open()).columns.map((column) => column.name);
    expect(names).toEqual(['ra', 'dec', 'Norder', 'Npix', 'Dir']);
  });
});

test('opening takes a few small reads, one listing per folder of leaves', async () => {
  await cat.catalog();
  await cat.schema('SELECT 1.5::DOUBLE AS ra, 1.5::DOUBLE AS dec');
  const calls: string[] = [];
  const note = (call: string, file: string) => {
    calls.push(`${call} ${path.relative(cat.dir, file)}`);
  };
  const store: Store = {
    ...localStore,
    stat: (file) => {
      note('stat', file);
      return localStore.stat(file);
    },
    readRange: (file, start, end) => {
      note('read', file);
      return localStore.readRange(file, start, end);
    },
    readAll: (file, maxBytes) => {
      note('read', file);
      return localStore.readAll(file, maxBytes);
    },
    list: (folder) => {
      note('list', folder);
      return localStore.list(folder);
    },
  };
  await openCatalogInfo(cat.dir, {}, store);
  expect(calls).toEqual([
    'stat hats.properties',
    'read hats.properties',
    'stat partition_info.csv',
    'read partition_info.csv',
    'stat dataset/_metadata',
    'list dataset/Norder=2/Dir=0',
    'list dataset/Norder=1/Dir=0',
    'stat dataset/_common_metadata',
    'read dataset/_common_metadata',
  ]);
});

test('the description of a catalog adds up', async () => {
  await cat.catalog({ hats_frame: 'equatorial', hats_coordinate_epoch: '2016.0', hats_order: 9 });
  const about = describeCatalog(await cat.open());
  expect(about).toMatchObject({
    name: 'cat',
    path: cat.dir,
    orders: [
      { order: 1, partitions: 3 },
      { order: 2, partitions: 1 },
    ],
    files: 4,
    frame: 'equatorial',
    epoch: '2016.0',
    raColumn: 'ra',
    decColumn: 'dec',
  });
  expect(about.skyFraction).toBeCloseTo(3 / 48 + 1 / 192, 15);
  expect(JSON.parse(JSON.stringify(about))).toEqual(about);
});
