/**
 * Light curves through user code, summed: a whole process.
 *
 *     node bench/curves-run.ts CATALOG WORKERS
 *
 * Prints JSON: how many curves and points, and what their times, magnitudes and errors add up to.
 */
import { close, openCatalog } from 'crosshatch';

const [path = '', workers = '2'] = process.argv.slice(2);
const curves = await openCatalog(path);
const sums = curves.mapRows(
  { module: new URL('./sum-curve.ts', import.meta.url), export: 'sumCurve' },
  {
    columns: ['lc.mjd', 'lc.mag', 'lc.magerr'],
    returns: { points: 'double', mjd: 'double', mag: 'double', magerr: 'double' },
  },
);
const table = await sums.aggregate(
  {
    n: 'count(*)',
    points: 'sum(points)',
    mjd: 'sum(mjd)',
    mag: 'sum(mag)',
    magerr: 'sum(magerr)',
  },
  { workers: Number(workers) },
);
const row = table.get(0)!.toJSON() as Record<string, bigint | number>;
const [rows, points] = [Number(row['n']), Number(row['points'])];
console.log(
  JSON.stringify({ rows, points, totals: ['mjd', 'mag', 'magerr'].map((name) => row[name]) }),
);
await close();
