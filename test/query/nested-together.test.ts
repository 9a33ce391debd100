/** Several expressions on nested columns in one query: what one is made of must never be taken for another's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close, openCatalog } from '../../index.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { rowsOf } from './result-rows.ts';

afterAll(() => close());

describeShared('expressions on several fields of one nested column', () => {
  let sky: Catalog;
  let values: { mag: number; mjd: number; ra: number }[];
  beforeAll(async () => {
    sky = await openCatalog(sharedPath('hats-samples', 'lsdb', 'small_sky_order1_nested_sources'));
    const columns = { mag: 'mean(sources.mag)', mjd: 'mean(sources.mjd)' };
    const table = await sky.withColumns(columns).select(['ra', 'mag', 'mjd']).collect();
    values = rowsOf(table) as unknown as typeof values;
    expect(values.length).toBe(131);
  });
  const middle = (of: 'mag' | 'mjd') => values.map((row) => row[of]).sort((a, b) => a - b)[65]!;

  test('as filters, one after the other and in one', async () => {
    const [mag, mjd] = [middle('mag'), middle('mjd')];
    const expected = values.filter((row) => row.mag < mag && row.mjd > mjd).length;
    expect(expected).toBeGreaterThan(10);
    expect(expected).toBeLessThan(60);
    const two = sky.query(`mean(sources.mag) < ${mag}`).query(`mean(sources.mjd) > ${mjd}`);
    expect(await two.count()).toBe(expected);
    const one = sky.query(`mean(sources.mag) < ${mag} and mean(sources.mjd) > ${mjd}`);
    expect(await one.count()).toBe(expected);
    const mixed = sky
      .withColumns({ shifted: 'ra + 1' })
      .query(`mean(sources.mag) < ${mag} and mean(sources.mjd) > ${mjd} and shifted > 0`);
    expect(await mixed.count()).toBe(expected);
  });

  test('as aggregates, and as keys of groups', async () => {
    const mean = (of: 'mag' | 'mjd') =>
      values.reduce((sum, row) => sum + row[of], 0) / values.length;
    const table = await sky.aggregate({
      mag: 'mean(mean(sources.mag))',
      mjd: 'mean(mean(sources.mjd))',
      first: 'max(sources.mag[1])',
      night: 'max(sources.mjd[1])',
    });
    const [row] = rowsOf(table);
    expect(row!['mag']).toBeCloseTo(mean('mag'), 9);
    expect(row!['mjd']).toBeCloseTo(mean('mjd'), 6);
    expect(Number(row!['first'])).toBeLessThan(100);
    expect(Number(row!['night'])).toBeGreaterThan(10_000);
    const by = ['floor(mean(sources.mag))', 'floor(mean(sources.mjd) / 10)'];
    const groups = rowsOf(
      await sky.aggregate({ n: 'count(*)', m: 'mean(mean(sources.source_ra))' }, { by }),
    );
    const expected = new Map<string, number>();
    for (const { mag, mjd } of values) {
      const key = `${Math.floor(mag)} ${Math.floor(mjd / 10)}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    expect(expected.size).toBeGreaterThan(2);
    const found = new Map(
      groups.map((group) => [`${group[by[0]!]} ${group[by[1]!]}`, Number(group['n'])]),
    );
    expect(found).toEqual(expected);
  });
});
