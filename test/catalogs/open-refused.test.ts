/** Catalogs that do not open, and what is said about them. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leafPath } from '../../catalogs/leaf-files.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { formatProperties } from '../../catalogs/properties.ts';
import { CatalogFixture, OBJECT, PARTITION_LIST } from './catalog-fixture.ts';
import { writeLeaf, writeLeaves } from './leaf-fixture.ts';

let cat: CatalogFixture;
beforeEach(async () => {
  cat = await CatalogFixture.create();
});
afterEach(() => cat.remove());

describe('a partition that is listed but has no file', () => {
  test('is an error that names it', async () => {
    await cat.catalog();
    const file = cat.path(leafPath({ order: 1, pixel: 44 }));
    await rm(file);
    await expect(cat.open()).rejects.toMatchObject({
      tag: 'data',
      what: 'partition 1/44 is listed but its file is missing',
      where: file,
      hint: expect.stringContaining('--path-template'),
    });
  });

  test('is one too when the whole folder, or only a folder of that name is there', async () => {
    await cat.catalog();
    await rm(cat.path('dataset/Norder=2'), { recursive: true });
    await expect(cat.open()).rejects.toThrow('partition 2/3 is listed but its file is missing');
    await mkdir(cat.path('dataset/Norder=2/Dir=0/Npix=3.parquet'), { recursive: true });
    await expect(cat.open()).rejects.toThrow('partition 2/3 is listed but its file is missing');
  });

  test('and so it is with a template', async () => {
    await cat.catalog();
    await expect(cat.open({ pathTemplate: 'leaf/{order}/{dir}/{pixel}.pq' })).rejects.toMatchObject(
      {
        what: 'partition 2/3 is listed but its file is missing, and so are those of 3 other partitions',
        where: cat.path('leaf/2/0/3.pq'),
        hint: 'check the path template',
      },
    );
  });

  test('nothing at all is an error, not an empty catalog', async () => {
    await cat.properties();
    await cat.schema('SELECT 1.5::DOUBLE AS ra, 1.5::DOUBLE AS dec');
    await expect(cat.open()).rejects.toMatchObject({
      tag: 'data',
      what: 'no partitions found: partition_info.csv is missing, and there are no leaf files',
    });
  });
});

describe('what contradicts itself', () => {
  test('overlapping partitions are refused, listed or found', async () => {
    await cat.catalog();
    await writeFile(cat.path('partition_info.csv'), `${PARTITION_LIST}0,11\n`);
    await expect(cat.open()).rejects.toThrow('overlapping partitions: 0/11 contains 1/44');
    await rm(cat.path('partition_info.csv'));
    await writeLeaf(cat.path(leafPath({ order: 0, pixel: 11 })), {
      pixel: { order: 0, pixel: 11 },
      rows: 1,
    });
    await expect(cat.open()).rejects.toThrow('overlapping partitions: 0/11 contains 1/44');
  });

  test('position columns that are not in the schema are refused', async () => {
    await cat.catalog({ hats_col_ra: 'RAJ2000' });
    await expect(cat.open()).rejects.toMatchObject({
      tag: 'data',
      what: 'the properties name RAJ2000 as a position column, but the schema has none of that name',
      hint: expect.stringContaining('ra, dec'),
    });
  });

  test('an index column that is not there, or not of integers, counts as absent', async () => {
    await cat.catalog({ hats_col_healpix: 'healpix13', hats_col_healpix_order: 13 });
    expect((await cat.open()).healpix).toEqual({ name: '_healpix_29', order: 29 });
    await cat.properties({ hats_col_healpix: 'flags', hats_col_healpix_order: 3 });
    expect((await cat.open()).healpix).toEqual({ name: '_healpix_29', order: 29 });
    await cat.schema('SELECT 1.5::DOUBLE AS ra, 1.5::DOUBLE AS dec, 1.5::DOUBLE AS _healpix_29');
    expect((await cat.open()).healpix).toBeUndefined();
  });

  test('default columns that do not exist are left out', async () => {
    await cat.catalog({ hats_cols_default: ['gone', 'mag', 'lc.mjd'] });
    expect((await cat.open()).defaultColumns).toEqual(['mag', 'lc.mjd']);
    await cat.properties({ hats_cols_default: ['gone'] });
    expect((await cat.open()).defaultColumns).toBeUndefined();
  });

  test('a cut _common_metadata is an error', async () => {
    await cat.catalog();
    await writeFile(cat.path('dataset/_common_metadata'), 'PAR1 and no more than that');
    await expect(cat.open()).rejects.toMatchObject({
      tag: 'data',
      where: cat.path('dataset/_common_metadata'),
    });
  });
});

describe('what is no catalog says what it is', () => {
  const refusal = (file = cat.dir) => openCatalogInfo(file).catch((reason: unknown) => reason);

  test('nothing there', async () => {
    expect(await refusal(cat.path('none'))).toMatchObject({
      tag: 'request',
      message: `no catalog at ${cat.path('none')}\ncheck the path: there is no such directory, or it is empty`,
    });
  });

  test('a file', async () => {
    await writeFile(cat.path('table.parquet'), 'x');
    expect(await refusal(cat.path('table.parquet'))).toMatchObject({
      tag: 'request',
      what: `${cat.path('table.parquet')} is a file, not a catalog`,
    });
  });

  test('a directory of something else, or of catalogs', async () => {
    await writeFile(cat.path('readme'), 'x');
    expect(await refusal()).toMatchObject({
      tag: 'request',
      what: `${cat.dir} is a directory but not a catalog`,
      hint: 'a catalog has a file hats.properties or properties, a collection has collection.properties',
    });
    await mkdir(cat.path('gaia'));
    await writeFile(cat.path('gaia', 'hats.properties'), formatProperties(OBJECT));
    expect(await refusal()).toMatchObject({ hint: 'it contains a catalog: gaia' });
  });

  test('a HiPSCat catalog', async () => {
    await writeFile(cat.path('catalog_info.json'), '{}');
    expect(await refusal()).toMatchObject({
      tag: 'request',
      what: `${cat.dir} is a HiPSCat catalog, the format before HATS, which is not read`,
    });
  });

  test('an extension', async () => {
    const keys = {
      obs_collection: 'spectra',
      hats_primary_table_url: 'gaia',
      hats_col_assn_primary: 'id',
      hats_col_assn_join: 'id',
      hats_assn_join_table_url: 'spectra',
    };
    await writeFile(cat.path('spectra.properties'), formatProperties(keys));
    expect(await refusal(cat.path('spectra.properties'))).toMatchObject({
      tag: 'request',
      what: `${cat.path('spectra.properties')} describes an extension of gaia`,
    });
  });

  test('one at a place of another kind', async () => {
    expect(await refusal('gs://bucket/gaia')).toMatchObject({
      tag: 'request',
      what: 'gs:// is not a kind of path that can be read',
    });
  });
});

describe('collections', () => {
  test('refer to members elsewhere, and count those that cannot be read', async () => {
    await mkdir(cat.path('collection'));
    await writeLeaves(cat.path('main'));
    await writeFile(cat.path('main', 'partition_info.csv'), PARTITION_LIST);
    await writeFile(cat.path('main', 'hats.properties'), formatProperties(OBJECT));
    const collection = {
      obs_collection: 'c',
      hats_primary_table_url: '../main',
      all_margins: ['gone'],
      all_indexes: ['id', '../ids', 'band', cat.path('bands')],
    };
    const file = cat.path('collection', 'collection.properties');
    await writeFile(file, formatProperties(collection, 'collection'));
    const info = await openCatalogInfo(cat.path('collection'));
    expect(info).toMatchObject({
      path: cat.path('main'),
      collectionPath: cat.path('collection'),
      marginsAvailable: [{ name: 'gone' }],
      indexes: { id: cat.path('ids'), band: cat.path('bands') },
    });
    expect(info.margin).toBeUndefined();
    await expect(openCatalogInfo(cat.path('collection'), { margin: 'gone' })).rejects.toMatchObject(
      {
        tag: 'request',
        what: `no margin catalog at ${cat.path('collection', 'gone')}`,
      },
    );
    await writeFile(
      file,
      formatProperties({ ...collection, hats_primary_table_url: '.' }, 'collection'),
    );
    await expect(openCatalogInfo(cat.path('collection'))).rejects.toThrow('is itself a collection');
  });

  test('a directory with both kinds of properties is a catalog', async () => {
    await cat.catalog();
    await writeFile(
      cat.path('collection.properties'),
      'obs_collection=c\nhats_primary_table_url=x\n',
    );
    expect((await cat.open()).collectionPath).toBeUndefined();
  });
});
