/** Every sample catalog of the Python reference opens, or says why not. Numbers are from its README. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeCatalog } from '../../catalogs/describe.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import type { CatalogType } from '../../catalogs/types.ts';
import { describeShared, sharedPath } from '../shared-data.ts';

const sample = (name: string) => sharedPath('hats-samples', name);

type Case = [name: string, type: CatalogType, rows: number, partitions: number, orders: string];

const catalogs: Case[] = [
  ['hats/small_sky', 'object', 131, 1, '0'],
  ['hats/small_sky_healpix13', 'object', 131, 1, '0'],
  ['hats/small_sky_nested', 'object', 131, 13, '1 2'],
  ['hats/small_sky_npix_alt_suffix', 'object', 131, 1, '0'],
  ['hats/small_sky_npix_as_dir', 'object', 131, 1, '0'],
  ['hats/small_sky_o1_collection', 'object', 131, 4, '1'],
  ['hats/small_sky_o1_collection/small_sky_order1', 'object', 131, 4, '1'],
  ['hats/small_sky_o1_collection/small_sky_order1_margin', 'margin', 47, 7, '0 1'],
  ['hats/small_sky_o1_collection/small_sky_order1_margin_10arcs', 'margin', 0, 0, ''],
  ['hats/small_sky_source', 'source', 17_161, 14, '0 1 2'],
  ['hats/small_sky_to_small_sky_order1', 'association', 131, 4, '1'],
  ['hats/square_map', 'map', 12, 12, '1'],
  ['lsdb/small_sky', 'object', 131, 1, '0'],
  ['lsdb/small_sky_healpix13', 'object', 131, 4, '1'],
  ['lsdb/small_sky_healpix13/small_sky_healpix13', 'object', 131, 4, '1'],
  ['lsdb/small_sky_healpix13/small_sky_healpix13_1deg', 'margin', 23, 5, '0 1'],
  ['lsdb/small_sky_healpix13/small_sky_healpix13_2deg', 'margin', 47, 7, '0 1'],
  ['lsdb/small_sky_left_xmatch', 'object', 132, 5, '1 2'],
  ['lsdb/small_sky_npix_alt_suffix', 'object', 131, 1, '0'],
  ['lsdb/small_sky_npix_as_dir', 'object', 131, 1, '0'],
  ['lsdb/small_sky_order1_collection', 'object', 131, 4, '1'],
  ['lsdb/small_sky_order1_collection/small_sky_order1', 'object', 131, 4, '1'],
  ['lsdb/small_sky_order1_collection/small_sky_order1_margin_1deg', 'margin', 23, 5, '0 1'],
  ['lsdb/small_sky_order1_collection/small_sky_order1_margin_2deg', 'margin', 47, 7, '0 1'],
  ['lsdb/small_sky_order1_default_columns', 'object', 131, 4, '1'],
  ['lsdb/small_sky_order1_nested_sources', 'object', 131, 4, '1'],
  ['lsdb/small_sky_order1_nested_sources/catalog', 'object', 131, 4, '1'],
  [
    'lsdb/small_sky_order1_nested_sources/small_sky_order1_nested_sources_margin',
    'margin',
    47,
    7,
    '0 1',
  ],
  ['lsdb/small_sky_order1_no_pandas_meta', 'object', 131, 4, '1'],
  ['lsdb/small_sky_order1_source_collection', 'source', 17_161, 5, '1'],
  ['lsdb/small_sky_order1_source_collection/small_sky_order1_source', 'source', 17_161, 5, '1'],
  [
    'lsdb/small_sky_order1_source_collection/small_sky_order1_source_margin',
    'margin',
    6388,
    7,
    '0 1',
  ],
  ['lsdb/small_sky_order3_source', 'source', 17_161, 43, '3'],
  ['lsdb/small_sky_order3_source_margin', 'margin', 5102, 35, '2 3'],
  ['lsdb/small_sky_source', 'source', 17_161, 14, '1 2'],
  ['lsdb/small_sky_source_margin', 'margin', 1717, 14, '1 2'],
  ['lsdb/small_sky_to_o1source', 'association', 131, 4, '1'],
  ['lsdb/small_sky_xmatch', 'object', 111, 3, '1'],
  ['lsdb/small_sky_xmatch_margin', 'margin', 39, 7, '0 1'],
  ['lsdb/square_map', 'map', 12, 12, '0'],
];

const schemaMissing = /^the catalog schema could not be loaded \(/;
const isIndex = (column: string) => new RegExp(`is an index catalog: .* each ${column} lies`);

const refused: [name: string, tag: string, message: RegExp][] = [
  ['hats/info_only/catalog', 'data', schemaMissing],
  ['hats/info_only/dataset', 'data', schemaMissing],
  ['hats/info_only/margin_cache', 'data', schemaMissing],
  ['hats/info_only/index_catalog', 'request', isIndex('id')],
  [
    'hats/info_only/collection',
    'data',
    /^the primary table of the collection small_sky_01 is missing/,
  ],
  ['hats/small_sky_o1_collection/small_sky_order1_id_index', 'request', isIndex('id')],
  ['hats/small_sky_source_object_index', 'request', isIndex('object_id')],
  ['lsdb/raw/small_sky_no_metadata', 'data', schemaMissing],
  ['lsdb/small_sky_healpix13/small_sky_healpix13_id', 'request', isIndex('id')],
  ['lsdb/small_sky_order1_collection/small_sky_order1_id_index', 'request', isIndex('id')],
  [
    'lsdb/small_sky_order1_custom_tree',
    'data',
    /^partition 1\/44 is listed but its file is missing, and so are those of 3 other partitions .*\n.*--path-template/,
  ],
  [
    'lsdb/small_sky_order1_nested_sources/small_sky_order1_object_id_index',
    'request',
    isIndex('id'),
  ],
  [
    'lsdb/small_sky_order1_nested_sources/small_sky_order1_source_id_index',
    'request',
    isIndex('sources.source_id'),
  ],
  [
    'lsdb/small_sky_order1_source_collection/small_sky_order1_source_band_index',
    'request',
    isIndex('band'),
  ],
  [
    'lsdb/small_sky_order1_source_collection/small_sky_order1_source_object_id_index',
    'request',
    isIndex('object_id'),
  ],
];

describeShared('sample catalogs', () => {
  test('are all in one of the tables', () => {
    const root = sharedPath('hats-samples');
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(^|\.)properties$/.test(path.basename(file)))
      .map((file) => path.dirname(file));
    const listed = [...catalogs.map(([name]) => name), ...refused.map(([name]) => name)];
    expect([...new Set(found)].sort()).toEqual(listed.sort());
  });

  test.each(catalogs)(
    '%s is a catalog of type %s',
    async (name, type, rows, partitions, orders) => {
      const info = await openCatalogInfo(sample(name));
      const about = describeCatalog(info);
      expect([about.type, about.rows, about.partitions]).toEqual([type, rows, partitions]);
      expect(about.orders.map((entry) => entry.order).join(' ')).toBe(orders);
      const hasFiles = name !== 'hats/small_sky_to_small_sky_order1';
      expect(about.rowsExact).toBe(hasFiles);
      expect(about.files).toBe(hasFiles ? partitions : 0);
      expect(about.bytes > 0).toBe(hasFiles && partitions > 0);
      expect(structuredClone(info)).toEqual(info);
    },
  );

  test.each(refused)('%s is refused (%s)', async (name, tag, message) => {
    const error = await openCatalogInfo(sample(name)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ tag, message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(sample(name));
  });
});

describeShared('what is known of a sample catalog', () => {
  test('position, index, columns, schema file', async () => {
    const info = await openCatalogInfo(sample('lsdb/small_sky_order1_default_columns'));
    expect(info).toMatchObject({
      path: sample('lsdb/small_sky_order1_default_columns'),
      name: 'small_sky_order1_default_columns',
      raColumn: 'ra',
      decColumn: 'dec',
      healpix: { name: '_healpix_29', order: 29 },
      defaultColumns: ['ra', 'dec', 'id'],
      totalRows: 131,
      schemaFile: sample('lsdb/small_sky_order1_default_columns/dataset/_common_metadata'),
      marginsAvailable: [],
      indexes: {},
    });
    expect(info.columns).toEqual([
      { name: '_healpix_29', type: 'BIGINT' },
      { name: 'id', type: 'BIGINT' },
      { name: 'ra', type: 'DOUBLE' },
      { name: 'dec', type: 'DOUBLE' },
      { name: 'ra_error', type: 'BIGINT' },
      { name: 'dec_error', type: 'BIGINT' },
    ]);
    expect(info.properties.hats_version).toBe('v1.0');
  });

  test('partitions in NESTED order with their files', async () => {
    const info = await openCatalogInfo(sample('lsdb/small_sky_left_xmatch'));
    expect(info.partitions.map((p) => [p.pixel.order, p.pixel.pixel])).toEqual([
      [2, 66],
      [1, 44],
      [1, 45],
      [1, 46],
      [1, 47],
    ]);
    expect(info.partitions[0]!.files).toEqual([
      {
        path: sample('lsdb/small_sky_left_xmatch/dataset/Norder=2/Dir=0/Npix=66.parquet'),
        bytes: expect.any(Number),
      },
    ]);
  });

  test('a spatial index of another order under another name', async () => {
    const info = await openCatalogInfo(sample('hats/small_sky_healpix13'));
    expect(info.healpix).toEqual({ name: 'healpix13', order: 13 });
  });

  test('stored hive columns are columns', async () => {
    const info = await openCatalogInfo(sample('hats/small_sky_nested'));
    const names = info.columns.map((column) => column.name);
    expect(names).toEqual(expect.arrayContaining(['Norder', 'Npix', 'Dir', 'lc', '_healpix_29']));
  });

  test('leaf names of other kinds', async () => {
    const suffix = await openCatalogInfo(sample('hats/small_sky_npix_alt_suffix'));
    expect(suffix.partitions[0]!.files[0]!.path).toMatch(/Npix=11\.parq$/);
    const folder = await openCatalogInfo(sample('hats/small_sky_npix_as_dir'));
    expect(folder.partitions[0]!.files[0]!.path).toMatch(/Npix=11\/part0\.parquet$/);
    const tree = await openCatalogInfo(sample('lsdb/small_sky_order1_custom_tree'), {
      pathTemplate: 'parquet/{order}_{pixel}.parquet',
    });
    expect(tree.partitions.map((p) => p.files[0]!.path)).toEqual(
      [44, 45, 46, 47].map((pixel) =>
        sample(`lsdb/small_sky_order1_custom_tree/parquet/1_${pixel}.parquet`),
      ),
    );
    // _metadata speaks of other files, so the rows are estimates.
    expect(tree.partitions.map((p) => p.rowsExact)).toEqual([false, false, false, false]);
    expect(describeCatalog(tree).rows).toBe(131);
    const estimated = tree.partitions.reduce((sum, p) => sum + p.rows, 0);
    expect(Math.abs(estimated - 131)).toBeLessThanOrEqual(2);
  });
});

describeShared('sample collections', () => {
  const collection = 'hats/small_sky_o1_collection';

  test('open with their default margin', async () => {
    const info = await openCatalogInfo(sample(collection));
    expect(info).toMatchObject({
      path: sample(`${collection}/small_sky_order1`),
      collectionPath: sample(collection),
      marginsAvailable: [
        { name: 'small_sky_order1_margin', thresholdArcsec: 7200 },
        { name: 'small_sky_order1_margin_10arcs', thresholdArcsec: 10 },
      ],
      margin: {
        name: 'small_sky_order1_margin',
        thresholdArcsec: 7200,
        catalog: { type: 'margin' },
      },
      indexes: { id: sample(`${collection}/small_sky_order1_id_index`) },
    });
    expect(describeCatalog(info).margins).toEqual([
      { name: 'small_sky_order1_margin', thresholdArcsec: 7200, inUse: true },
      { name: 'small_sky_order1_margin_10arcs', thresholdArcsec: 10, inUse: false },
    ]);
  });

  test('open with another margin, by name or path, or with none', async () => {
    const other = 'small_sky_order1_margin_10arcs';
    for (const margin of [other, sample(`${collection}/${other}`)]) {
      const info = await openCatalogInfo(sample(collection), { margin });
      expect(info.margin).toMatchObject({ name: other, thresholdArcsec: 10 });
      expect(info.margin?.catalog.partitions).toEqual([]);
    }
    const none = await openCatalogInfo(sample(collection), { margin: 'none' });
    expect(none.margin).toBeUndefined();
    expect(none.marginsAvailable).toHaveLength(2);
  });

  test('have only the margins they list', async () => {
    await expect(openCatalogInfo(sample(collection), { margin: 'wide' })).rejects.toMatchObject({
      tag: 'request',
      what: "the collection small_sky_o1_collection has no margin 'wide'",
      hint: 'it has small_sky_order1_margin, small_sky_order1_margin_10arcs; or give the path of one, or none',
    });
  });

  test('a single catalog takes a margin by path', async () => {
    const margin = sample('lsdb/small_sky_xmatch_margin');
    const info = await openCatalogInfo(sample('lsdb/small_sky_xmatch'), { margin });
    expect(info.margin).toMatchObject({ thresholdArcsec: 8245.167388361773 });
    expect(describeCatalog(info).margins).toEqual([
      { name: 'small_sky_xmatch_margin', thresholdArcsec: 8245.167388361773, inUse: true },
    ]);
    await expect(
      openCatalogInfo(sample('lsdb/small_sky_xmatch'), { margin: 'some_margin' }),
    ).rejects.toMatchObject({
      tag: 'request',
      what: "no margin 'some_margin' for small_sky_xmatch",
    });
  });

  test.each([
    ['lsdb/small_sky_xmatch', 'lsdb/small_sky', 'is a catalog of type object, not a margin'],
    ['lsdb/small_sky', collection, 'is a collection, not a margin catalog'],
    ['lsdb/small_sky', 'lsdb/small_sky_xmatch_margin', 'its column ra_error is DOUBLE, not BIGINT'],
    ['lsdb/small_sky', 'lsdb/small_sky_source_margin', 'its right ascension is source_ra, not ra'],
    [
      'lsdb/small_sky',
      'lsdb/small_sky_healpix13/small_sky_healpix13_1deg',
      'it lacks the column _healpix_29',
    ],
  ])('%s with %s: %s', async (name, margin, problem) => {
    await expect(openCatalogInfo(sample(name), { margin: sample(margin) })).rejects.toMatchObject({
      tag: 'request',
      what: expect.stringContaining(problem),
    });
  });

  test('dotted fields can be indexed', async () => {
    const info = await openCatalogInfo(sample('lsdb/small_sky_order1_nested_sources'));
    expect(Object.keys(info.indexes)).toEqual(['id', 'sources.source_id']);
  });

  test('a properties file can be named itself', async () => {
    const file = sample(`${collection}/collection.properties`);
    expect((await openCatalogInfo(file)).collectionPath).toBe(sample(collection));
    const margin = sample(`${collection}/small_sky_order1_margin/hats.properties`);
    expect((await openCatalogInfo(margin)).type).toBe('margin');
  });
});
