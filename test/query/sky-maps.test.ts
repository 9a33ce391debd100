/** What can be done with a map once it is made: look-ups, all pixels, FITS files of one map and of several. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSkyMap } from '../../catalogs/sky-map-file.ts';
import { type Catalog, CrosshatchError, close, openCatalog } from '../../index.ts';
import { type GroupRow, groupRowsOf, writeGroupRows } from './group-twin.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

/** What healpy takes for a pixel without a value. */
const UNSEEN = -1.6375e30;

let rows: GroupRow[];
let catalog: Catalog;
beforeAll(async () => {
  rows = groupRowsOf({ seed: 8, leftRows: 150 }, false);
  await writeGroupRows(temp('catalog'), rows, 60);
  catalog = await openCatalog(temp('catalog'));
});

test('values by pixel, and of all pixels', async () => {
  const map = await catalog.skymap({ order: 2, value: 'max(id)' });
  expect([map.name, map.isCount, map.rows, map.unit]).toEqual(['max(id)', false, 150, undefined]);
  const [first] = map.pixels;
  expect(map.at(first!)).toBe(map.values[0]);
  const missing = [...Array(192).keys()].find((pixel) => !map.pixels.includes(pixel))!;
  expect(map.at(missing)).toBeUndefined();
  const all = map.dense();
  expect(all.length).toBe(192);
  expect([all[first!], all[missing]]).toEqual([map.values[0], Number.NaN]);
  expect(map.dense(-1)[missing]).toBe(-1);
  const count = await catalog.skymap({ order: 2 });
  expect([count.name, count.at(missing), count.dense()[missing]]).toEqual(['COUNT', 0, 0]);
  expect(count.dense().reduce((a, b) => a + b)).toBe(150);
});

test('several maps at a time', async () => {
  const values = [
    'mean(mag)',
    'max(id) - min(id)',
    'count_if(flag)',
    'sum(big) / count(*)',
    'std(ra)',
  ];
  const ask = (value: string) => catalog.query('id > 3').skymap({ order: 2, value });
  const alone: Float64Array[] = [];
  for (const value of values) alone.push((await ask(value)).values);
  const together = await Promise.all(values.map(ask));
  expect(together.map((map) => map.values)).toEqual(alone);
});

test('a deep map is not spread out', async () => {
  const map = await catalog.skymap({ order: 13, value: 'mean(id)' });
  expect(map.pixels.length).toBeGreaterThan(100);
  expect(() => map.dense()).toThrow(
    'a map of order 13 has 805306368 pixels, too many to hold them all\nUse pixels and values, or an order of at most 12.',
  );
});

test('a unit stays with what has it', async () => {
  const positions = ['mean(ra)', 'min(dec)', 'std(ra)', 'sum(ra)'];
  const others = ['var(ra)', 'count(ra)', 'mean(ra * 2)', 'max(ra) - min(ra)'];
  const units = async (values: readonly string[]) =>
    Promise.all(values.map(async (value) => (await catalog.skymap({ order: 0, value })).unit));
  const unit = catalog.columns.find(({ name }) => name === 'ra')!.unit;
  expect(await units(positions)).toEqual([unit, unit, unit, unit]);
  expect(await units(others)).toEqual([undefined, undefined, undefined, undefined]);
});

describe('FITS', () => {
  test('a map of values: every pixel of the sky, or those that have one', async () => {
    const map = await catalog.skymap({ order: 3, value: 'mean(mag)' });
    await map.writeFits(temp('full.fits'));
    const full = await readSkyMap(temp('full.fits'), { column: 'mean(mag)' });
    expect([full.kind, full.values]).toEqual(['implicit', map.dense(UNSEEN)]);
    const deep = await catalog.skymap({ order: 12, value: 'mean(mag)' });
    await deep.writeFits(temp('deep.fits'));
    expect(await readSkyMap(temp('deep.fits'))).toMatchObject({
      pixels: deep.pixels,
      values: deep.values,
    });
    await expect(map.writeFits(temp('hats.fits'), 'hats')).rejects.toThrow(
      'the form hats is for counts of rows',
    );
  });

  test.each([4, 11])('maps of categories in one table, at order %i', async (order) => {
    const maps = await catalog.skymap({ order, value: 'mean(mag)', by: 'tag' });
    const file = temp(`tags-${order}.fits`);
    await maps.writeFits(file);
    // Names have the letters of FITS, and differ in more than letter case.
    const names = ['tag', 'tag_B', 'tag_a', 'tag_b_2', 'tag_2', 'tag_3', 'tag_4', 'tag_null'];
    expect(maps.categories).toEqual(['', 'B', 'a', 'b', 'é', 'ﬀ', '𝔄', null]);
    for (const [i, [, map]] of [...maps].entries()) {
      const found = await readSkyMap(file, { column: names[i]! });
      const values = Array.from(found.values as Float64Array);
      const pixels = found.pixels ?? values.keys();
      const seen = Array.from(pixels, (pixel, p) => [pixel, values[p]]).filter(
        ([, value]) => value !== UNSEEN,
      );
      expect(seen).toEqual(Array.from(map.pixels, (pixel, p) => [pixel, map.values[p]]));
    }
  });

  test('counts of categories: 0 where there are no rows', async () => {
    const maps = await catalog.skymap({ order: 1, by: 'id % 2' });
    expect(maps.categories).toEqual([0n, 1n]);
    await maps.writeFits(temp('odd.fits'));
    const found = await readSkyMap(temp('odd.fits'), { column: 'id_2_1' });
    expect(found.values).toEqual(maps.get(1n)!.dense());
  });

  test('no category at all', async () => {
    const maps = await catalog.query('id < 0').skymap({ order: 1, by: 'tag' });
    const error = await maps.writeFits(temp('none.fits')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CrosshatchError);
    expect((error as Error).message).toBe('there is no map to write: no row has a category');
  });
});
