/**
 * Light curves for matched stars, written: a whole process that does what examples/light-curves does.
 *
 *     node bench/gather-run.ts GAIA ZTF SOURCES OUTPUT WORKERS
 */
import { close, openCatalog } from 'crosshatch';

const [gaia = '', ztf = '', sources = '', output = '', workers = '2'] = process.argv.slice(2);
const [stars, objects, detections] = await Promise.all(
  [gaia, ztf, sources].map((path) => openCatalog(path)),
);
const written = await stars!
  .crossmatch(objects!, { radiusArcsec: 1 })
  .join(detections!, { on: ['oid_ztf', 'objectid'], nested: 'lc' })
  .select(['source_id_gaia', 'ra_gaia', 'dec_gaia', 'oid_ztf', 'lc.mjd', 'lc.mag', 'lc.magerr'])
  .writeHats(output, { workers: Number(workers) });
console.log(JSON.stringify({ rows: written.rows }));
await close();
