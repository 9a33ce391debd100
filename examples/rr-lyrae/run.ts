/**
 * The reference program: stars with proper motions, matched with the objects of a survey, joined with their light curves,
 * each classified in the workers; RR Lyrae stars are kept, mapped and drawn.
 *
 *     npm run example:rr-lyrae -- [--dir FOLDER] [--workers N]
 *
 * Sample data are looked for in CROSSHATCH_SHARED (default ../shared); without them the light curves are synthetic.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close, openCatalog } from 'crosshatch';
import { prepareCatalogs } from './catalogs.ts';
import { checkPeriods } from './check.ts';
import { returns } from './classify.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: 'example-output/rr-lyrae' },
    workers: { type: 'string' },
  },
});
const settings = values.workers === undefined ? {} : { workers: Number(values.workers) };
const shared = process.env['CROSSHATCH_SHARED'] ?? join(import.meta.dirname, '../../../shared');

const prepared = await prepareCatalogs(values.dir, shared);
console.log(
  prepared.real
    ? 'real light curves, of Stripe 82 and ZTF'
    : 'no sample data: synthetic light curves',
);

const varstarClassify = {
  module: new URL('./classify.ts', import.meta.url),
  export: 'classify',
  returns,
};

const gaia = await openCatalog(prepared.gaia);
const ztf = await openCatalog(prepared.objects);
const ztfSources = await openCatalog(prepared.sources);

const classified = gaia
  .query('pm > 10')
  .crossmatch(ztf, { radiusArcsec: 1 })
  .join(ztfSources, { on: ['oid_ztf', 'objectid'], nested: 'lc' })
  .forEach(varstarClassify, { columns: ['lc.mjd', 'lc.mag', 'lc.magerr', 'lc.band'] });

// Classified once, and kept: light curves, features and all.
const output = join(values.dir, 'classified');
await classified.writeHats(output, { ...settings, overwrite: true });
const stars = await openCatalog(output);

const rrLyrae = stars.query('pRRLy > 0.5');
const map = await rrLyrae.skymap({ ...settings, order: 5 });
await map.writeFits(join(values.dir, 'rrlyrae.fits'));
const picture = join(values.dir, 'rrlyrae.png');
await map.mollview(picture, { title: 'RR Lyrae stars', unit: 'stars per pixel' });
console.log(`a map of ${map.summary.rows} RR Lyrae stars: ${picture}`);

const source = prepared.real ? 'published' : 'synthetic';
console.log(await checkPeriods(stars, source, settings));
await close();
