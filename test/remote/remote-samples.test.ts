/** Catalogs that others wrote, over the web: the same rows as from the disk, nested columns and plain tables too. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { rowsOf } from '../query/result-rows.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const spool = testSpool();
let web: WebServer;

describeShared('samples', () => {
  beforeAll(async () => {
    web = await serveFolder(sharedPath());
  });
  beforeEach(() => {
    spool.fresh();
  });
  afterAll(async () => {
    await close();
    await web.close();
  });

  /** Rows of a query of one sample, from the disk and from the web, as texts. */
  async function same(sample: string, query: (catalog: Catalog) => Catalog): Promise<number> {
    const rows = async (root: string) => {
      const table = await query(await openCatalog(`${root}/hats-samples/${sample}`)).collect();
      return rowsOf(table).map((row) =>
        JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
      );
    };
    const local = await rows(sharedPath());
    expect(await rows(web.url)).toEqual(local);
    return local.length;
  }

  test.each([
    'hats/small_sky',
    'hats/small_sky_healpix13',
    'hats/small_sky_npix_alt_suffix',
    'hats/small_sky_source',
    'lsdb/small_sky_order1_collection',
    'lsdb/small_sky_order3_source',
    'lsdb/small_sky_order1_default_columns',
  ])('%s', async (sample) => {
    expect(await same(sample, (catalog) => catalog)).toBeGreaterThan(0);
  });

  test('fields of a nested column, one by one', async () => {
    const nested = 'lsdb/small_sky_order1_nested_sources';
    expect(await same(nested, (sky) => sky.query('len(sources) > 100'))).toBeGreaterThan(0);
    expect(await same(nested, (sky) => sky.query('mean(sources.mag) > 15'))).toBeGreaterThan(0);
    // What is fetched of the column is that field, not all of them.
    spool.fresh();
    const start = web.sent();
    await (await openCatalog(`${web.url}/hats-samples/${nested}`))
      .query('mean(sources.mag) > 15')
      .count();
    const one = web.sent() - start;
    spool.fresh();
    await (await openCatalog(`${web.url}/hats-samples/${nested}`)).collect();
    expect(one).toBeLessThan((web.sent() - start - one) / 2);
  });

  test('a plain table becomes a catalog', async () => {
    const sky = await fromTable(`${web.url}/sky-data/hipparcos_j1991_celestia.parquet`, {
      ra: 'ra',
      dec: 'dec',
    }).open();
    const local = await fromTable(sharedPath('sky-data', 'hipparcos_j1991_celestia.parquet'), {
      ra: 'ra',
      dec: 'dec',
    }).open();
    expect(await sky.count()).toBe(await local.count());
  });
});
