/**
 * A light-curve generator: stars are matched with the objects of a survey, and the detections of each object, out of a
 * catalog of its own, become a light curve in a new catalog.
 *
 *     npm run example:light-curves -- [--objects 50000] [--per-object 100] [--dir FOLDER] [--workers N]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close, openCatalog } from 'crosshatch';
import { makeCatalogs } from './catalogs.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '50000' },
    'per-object': { type: 'string', default: '100' },
    dir: { type: 'string', default: 'example-output/light-curves' },
    workers: { type: 'string' },
  },
});

const sizes = { objects: Number(values.objects), perObject: Number(values['per-object']) };
const settings = values.workers === undefined ? {} : { workers: Number(values.workers) };
console.log(`making ${sizes.objects} objects with about ${sizes.perObject} detections each (once)`);
const paths = await makeCatalogs(values.dir, sizes, settings);

const gaia = await openCatalog(paths.gaia);
const ztf = await openCatalog(paths.ztf);
const ztfSources = await openCatalog(paths.sources);

const curves = gaia
  .crossmatch(ztf, { radiusArcsec: 1 })
  .join(ztfSources, { on: ['oid_ztf', 'objectid'], nested: 'lc' })
  .select(['source_id_gaia', 'ra_gaia', 'dec_gaia', 'oid_ztf', 'lc.mjd', 'lc.mag', 'lc.magerr']);

const output = join(values.dir, 'light_curves');
const written = await curves.writeHats(output, { ...settings, overwrite: true });
console.log(
  `${written.rows} light curves in ${written.partitions} partitions of ${output}: ` +
    `${written.seconds.toFixed(1)} s, ${written.cpuSeconds.toFixed(1)} CPU-s, ` +
    `${Math.round(written.peakRssBytes / 1e6)} MB`,
);

const found = await openCatalog(output);
const n = await found.query('len(lc) > 100').count(settings);
console.log(`${n} of them have more than 100 points`);
await close();
