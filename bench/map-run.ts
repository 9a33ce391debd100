/**
 * A sky map of all rows of a catalog, or a count of them: a whole process.
 *
 *     node bench/map-run.ts map|circle|filter CATALOG WORKERS
 *
 * A plain count would read nothing but footers. `circle` counts the rows in one that holds them all, so that positions
 * are tested as those of a map are; `filter` lets the database count those that pass an expression that all pass.
 * Prints the number of rows.
 */
import { type Catalog, close, openCatalog } from 'crosshatch';

const ORDER = 10;
const HALF_SKY_ARCSEC = 90 * 3600;

const [what = '', path = '', workers = '2'] = process.argv.slice(2);
console.log(await rowsBy(await openCatalog(path), { workers: Number(workers) }));
await close();

async function rowsBy(catalog: Catalog, run: { readonly workers: number }): Promise<number> {
  switch (what) {
    case 'map':
      return (await catalog.skymap({ order: ORDER, ...run })).rows;
    case 'circle':
      return catalog.coneSearch(290, 10, HALF_SKY_ARCSEC).count(run);
    case 'filter':
      return catalog.query('ra + dec > -999').count(run);
    default:
      throw new Error(`nothing is called ${what}`);
  }
}
