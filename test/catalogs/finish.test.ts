import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FinishOptions, finishCatalog, leafPath } from '../../catalogs/finish-catalog.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { readSkyMap } from '../../catalogs/sky-map-file.ts';
import { VERSION } from '../../catalogs/version.ts';
import { pixelText } from '../../partitioning/pixel.ts';
import { finishOptions, MAP, propertiesOf } from './finish-fixture.ts';
import { COLUMNS, NESTED_ORDER, PARTITIONS, temporaryFolder, writeLeaves } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await remove();
});

const options = (changes: Partial<FinishOptions> = {}) => finishOptions(dir, changes);

describe('a finished catalog', () => {
  test('has every file of the format and no other', async () => {
    await writeLeaves(dir);
    await finishCatalog(options());
    const files = await readdir(dir, { recursive: true, withFileTypes: true });
    const names = files
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
    expect(names.sort()).toEqual(
      [
        'dataset/Norder=1/Dir=0/Npix=1.parquet',
        'dataset/Norder=1/Dir=0/Npix=44.parquet',
        'dataset/Norder=1/Dir=0/Npix=47.parquet',
        'dataset/Norder=2/Dir=0/Npix=3.parquet',
        'dataset/_common_metadata',
        'dataset/_metadata',
        'hats.properties',
        'partition_info.csv',
        'point_map.fits',
        'properties',
        'skymap.fits',
      ].sort(),
    );
  });

  test('states what HATS asks for, in the order of the reference', async () => {
    vi.stubEnv('SOURCE_DATE_EPOCH', '1700000000');
    await writeLeaves(dir);
    const { bytes } = await finishCatalog(
      options({
        maxRows: 2500,
        defaultColumns: ['ra', 'dec', 'mag'],
        extraProperties: { hats_frame: 'equatorial', hats_nrows: '7', note: 'a\\b: c = d' },
      }),
    );
    const text = await readFile(path.join(dir, 'hats.properties'), 'utf8');
    expect(text).toBe(await readFile(path.join(dir, 'properties'), 'utf8'));
    // 3 of 48 order-1 pixels and 1 of 192 order-2 pixels.
    expect(text).toBe(
      `#HATS catalog
obs_collection=stars
dataproduct_type=object
hats_nrows=2806
hats_col_ra=ra
hats_col_dec=dec
hats_cols_default=ra dec mag
hats_col_healpix=_healpix_29
hats_col_healpix_order=29
hats_npix_suffix=.parquet
hats_skymap_order=2
hats_max_rows=2500
hats_estsize=${Math.ceil(bytes / 1024)}
moc_sky_fraction=0.067708
hats_frame=equatorial
note=a\\\\b: c = d
hats_order=2
hats_builder=crosshatch ${VERSION}
hats_creation_date=2023-11-14T22:13UTC
hats_release_date=2025-08-22
hats_version=v1.0
`,
    );
  });

  test('opens with its partitions, rows, columns and notes', async () => {
    await writeLeaves(dir);
    await finishCatalog(options());
    const info = await openCatalogInfo(dir);
    expect(info.columns).toEqual(COLUMNS);
    expect(info.totalRows).toBe(2806);
    expect(info.partitions.map((p) => pixelText(p.pixel))).toEqual(NESTED_ORDER);
    expect(info.partitions.map((p) => [p.rows, p.rowsExact])).toEqual(
      [2500, 1, 300, 5].map((rows) => [rows, true]),
    );
    expect(info.healpix).toEqual({ name: '_healpix_29', order: 29 });
    expect(info.properties.hats_builder).toBe(`crosshatch ${VERSION}`);
  });

  test('lists its partitions in NESTED order', async () => {
    await writeLeaves(dir);
    await finishCatalog(options());
    const list = await readFile(path.join(dir, 'partition_info.csv'), 'utf8');
    expect(list).toBe('Norder,Npix\n2,3\n1,1\n1,44\n1,47\n');
  });

  test('has two equal maps that count its rows', async () => {
    await writeLeaves(dir);
    await finishCatalog(options());
    const map = await readFile(path.join(dir, 'skymap.fits'));
    expect(map.equals(await readFile(path.join(dir, 'point_map.fits')))).toBe(true);
    const { order, values } = await readSkyMap(path.join(dir, 'skymap.fits'));
    expect(order).toBe(2);
    const filled = Array.from(values as ArrayLike<unknown>, Number).flatMap((n, i) =>
      n ? [[i, n]] : [],
    );
    expect(filled).toEqual([
      [3, 2500],
      [4, 1],
      [176, 300],
      [190, 5],
    ]);
  });

  test('is the same bytes again, whatever the order of the partitions', async () => {
    vi.stubEnv('SOURCE_DATE_EPOCH', '1700000000');
    await writeLeaves(dir);
    const again = path.join(dir, 'again');
    await cp(path.join(dir, 'dataset'), path.join(again, 'dataset'), { recursive: true });
    await finishCatalog(options());
    await finishCatalog(options({ dir: again, partitions: [...PARTITIONS].reverse() }));
    for (const name of await readdir(again, { recursive: true })) {
      if (!/metadata$|properties$|csv$|fits$/.test(name)) continue;
      const copy = await readFile(path.join(again, name));
      expect([name, copy.equals(await readFile(path.join(dir, name)))]).toEqual([name, true]);
    }
  });

  test('without rows it opens too, with all its columns', async () => {
    const map = { order: 0, pixels: new Float64Array(), counts: new Float64Array() };
    await finishCatalog(options({ partitions: [], map }));
    const info = await openCatalogInfo(dir);
    expect(info.columns).toEqual(COLUMNS);
    expect(info.partitions).toEqual([]);
    expect(info.totalRows).toBe(0);
    expect((await propertiesOf(dir)).moc_sky_fraction).toBe('0.0');
    expect(await readFile(path.join(dir, 'partition_info.csv'), 'utf8')).toBe('Norder,Npix\n');
  });

  test('default columns whose names cannot be listed give way to all columns', async () => {
    await writeLeaves(dir);
    await finishCatalog(options({ defaultColumns: ['ra', 'band name'] }));
    expect(await propertiesOf(dir)).not.toHaveProperty('hats_cols_default');
  });
});

describe('finishing refuses', () => {
  test('a map that does not count every row', async () => {
    await writeLeaves(dir);
    const counts = Float64Array.of(2500, 1, 300, 4);
    await expect(finishCatalog(options({ map: { ...MAP, counts } }))).rejects.toMatchObject({
      tag: 'internal',
      what: 'the map counts 2805 of 2806 rows',
    });
  });

  test('a partition without its file', async () => {
    await writeLeaves(dir);
    await rm(path.join(dir, leafPath({ order: 1, pixel: 44 })));
    await expect(finishCatalog(options())).rejects.toThrow('the file of partition 1/44 is missing');
  });

  test('a file that belongs to no partition', async () => {
    await writeLeaves(dir);
    await writeFile(path.join(dir, 'dataset/Norder=1/Dir=0/Npix=5.parquet.part'), '');
    await expect(finishCatalog(options())).rejects.toThrow('belongs to no partition');
  });

  test('overlapping partitions', async () => {
    const inner = { pixel: { order: 2, pixel: 188 }, rows: 3 };
    await writeLeaves(dir, [...PARTITIONS, inner]);
    const partitions = [...PARTITIONS, inner];
    await expect(finishCatalog(options({ partitions, map: undefined }))).rejects.toThrow(
      '1/47 contains 2/188',
    );
  });

  test.runIf(existsSync('/dev/full'))(
    'a disk that is full, and leaves nothing that opens',
    async () => {
      for (const name of ['partition_info.csv', 'properties', 'dataset/_metadata']) {
        await writeLeaves(dir);
        // Every write to this device fails as on a full disk.
        await symlink('/dev/full', path.join(dir, name));
        await expect(finishCatalog(options())).rejects.toMatchObject({
          tag: 'storage',
          what: 'the disk is full',
          where: path.join(dir, name),
          hint: expect.stringContaining('free some space'),
        });
        await expect(openCatalogInfo(dir)).rejects.toThrow();
        const opened = await Promise.all(
          (await readdir('/proc/self/fd')).map((fd) =>
            readlink(`/proc/self/fd/${fd}`).catch(() => ''),
          ),
        );
        expect(opened).not.toContain('/dev/full');
        await rm(dir, { recursive: true });
        await mkdir(dir);
      }
    },
  );
});
