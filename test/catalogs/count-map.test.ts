import { describe, expect, test } from 'vitest';
import { readCountMap } from '../../catalogs/count-map.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { readSkyMap, summedTo } from '../../catalogs/sky-map-file.ts';
import type { CatalogInfo } from '../../catalogs/types.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { query } from './leaf-fixture.ts';

describe('summing maps', () => {
  const map = (values: number[], pixels?: number[]) => ({
    order: 1,
    ordering: 'NESTED' as const,
    kind: pixels === undefined ? ('implicit' as const) : ('explicit' as const),
    values: Int32Array.from(values),
    ...(pixels === undefined ? {} : { pixels: Float64Array.from(pixels) }),
  });

  test('adds the four children of each pixel', () => {
    const full = map(Array.from({ length: 48 }, (_, i) => i));
    const sums = Float64Array.from({ length: 12 }, (_, i) => 16 * i + 6);
    expect(summedTo(full, 0)).toEqual({
      order: 0,
      ordering: 'NESTED',
      kind: 'implicit',
      values: sums,
    });
    expect([...summedTo(full, 1).values]).toEqual([...full.values]);
    expect(() => summedTo(full, 2)).toThrow('a map of order 1 cannot be summed to order 2');
  });

  test('and of those listed only', () => {
    expect(summedTo(map([1, 2, 4, 8], [0, 3, 4, 47]), 0)).toEqual({
      order: 0,
      ordering: 'NESTED',
      kind: 'explicit',
      pixels: Float64Array.of(0, 1, 11),
      values: Float64Array.of(3, 4, 8),
    });
  });
});

describeShared('the maps of the sample catalogs', () => {
  const sample = (name: string) => sharedPath('hats-samples', name);
  const opened = (name: string) => openCatalogInfo(sample(name));
  const total = (values: ArrayLike<number | bigint>) =>
    Array.from(values, Number).reduce((sum, value) => sum + value, 0);

  async function histogram(info: CatalogInfo, order: number): Promise<Map<number, number>> {
    const files = info.partitions.flatMap((p) => p.files.map((file) => `'${file.path}'`));
    const shift = 2 * (info.healpix!.order - order);
    const rows = await query(
      `SELECT (${info.healpix!.name} >> ${shift})::DOUBLE AS pixel, count(*)::DOUBLE AS n
       FROM read_parquet([${files}], hive_partitioning = false) GROUP BY 1`,
    );
    return new Map(rows.map((row) => [Number(row.pixel), Number(row.n)]));
  }

  test.each([
    ['hats/small_sky_healpix13', 2],
    ['hats/small_sky_nested', 5],
    ['hats/small_sky_source', 6],
    ['hats/square_map', 1],
    ['lsdb/small_sky_left_xmatch', 2],
    ['lsdb/small_sky_order1_nested_sources', 5],
    ['lsdb/small_sky_xmatch', 4],
    ['lsdb/square_map', 0],
  ])('of %s is the histogram of its rows at order %d', async (name, order) => {
    const info = await opened(name);
    const map = (await readCountMap(info))!;
    expect([map.order, total(map.values)]).toEqual([order, info.totalRows]);
    const counted = await histogram(info, order);
    for (let i = 0; i < map.values.length; i += 1) {
      expect(Number(map.values[i])).toBe(counted.get(map.pixels?.[i] ?? i) ?? 0);
    }
  });

  test('at other orders come from the coarsest map that is fine enough', async () => {
    const info = await opened('hats/small_sky_source');
    for (let order = 0; order <= 6; order += 1) {
      const map = (await readCountMap(info, order))!;
      expect([map.order, map.values.length, total(map.values)]).toEqual([
        order,
        12 * 4 ** order,
        17_161,
      ]);
    }
    await expect(readCountMap(info, 7)).rejects.toMatchObject({
      tag: 'request',
      what: 'the count map of small_sky_source has order 6, coarser than order 7',
    });
    const direct = await readSkyMap(sample('hats/small_sky_source/skymap.4.fits'));
    expect((await readCountMap(info, 4))!.values).toEqual(direct.values);
    expect(total((await readCountMap(info, 3))!.values)).toBe(17_161);
  });

  test('may be announced and missing', async () => {
    expect(await readCountMap(await opened('hats/small_sky'))).toBeUndefined();
    expect(await readCountMap(await opened('hats/small_sky_npix_as_dir'), 3)).toBeUndefined();
  });
});
