/**
 * Light curves through user code, summed: a whole process.
 *
 *     node bench/curves-run.ts CATALOG WORKERS
 *
 * Prints JSON: how many curves, points and what their magnitudes add up to.
 */
import { close, openCatalog } from 'crosshatch';

const [path = '', workers = '2'] = process.argv.slice(2);
const curves = await openCatalog(path);
const sums = curves.mapRows(
  { module: new URL('./sum-curve.ts', import.meta.url), export: 'sumCurve' },
  { columns: ['lc.mag'], returns: { points: 'double', total: 'double' } },
);
const table = await sums.aggregate(
  { n: 'count(*)', points: 'sum(points)', total: 'sum(total)' },
  { workers: Number(workers) },
);
const row = table.get(0)!.toJSON() as Record<string, bigint | number>;
console.log(
  JSON.stringify({
    ...{ rows: Number(row['n']), points: Number(row['points']), total: Number(row['total']) },
  }),
);
await close();
