/** Three generated catalogs: stars, the objects of a survey that are some of them, and the objects' detections. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateCatalog, openCatalog, type RunSettings } from 'crosshatch';

export interface Sizes {
  readonly objects: number;
  /** Detections of an object, on average. */
  readonly perObject: number;
}

export interface Paths {
  readonly gaia: string;
  readonly ztf: string;
  readonly sources: string;
}

/** About 60,000 stars per square degree. */
const FIELD = { ra: 290, dec: 10 };
const STARS_PER_SQUARE_DEGREE = 60_000;

/** Makes what is not there yet below `dir`. */
export async function makeCatalogs(
  dir: string,
  { objects, perObject }: Sizes,
  settings: RunSettings = {},
): Promise<Paths> {
  const at = join(dir, `${objects}x${perObject}`);
  const paths = { gaia: join(at, 'gaia'), ztf: join(at, 'ztf'), sources: join(at, 'ztf_sources') };
  mkdirSync(at, { recursive: true });
  const stars = Math.ceil(1.2 * objects);
  const radiusDegrees = Math.min(90, Math.sqrt(stars / STARS_PER_SQUARE_DEGREE / Math.PI));
  const gaia = {
    kind: 'gaia' as const,
    rows: stars,
    seed: 1,
    rowsPerPartition: 200_000,
    cone: { ...FIELD, radiusArcsec: 3600 * radiusDegrees },
  };
  const ztf = { ...gaia, kind: 'ztf' as const, rows: objects, seed: 2, counterpartOf: gaia };
  const options = { ...settings, marginArcsec: 10 };
  if (!existsSync(paths.gaia)) await generateCatalog(paths.gaia, gaia, options);
  if (!existsSync(paths.ztf)) await generateCatalog(paths.ztf, ztf, options);
  if (!existsSync(paths.sources)) {
    const made = (await openCatalog(paths.ztf))
      .mapRows(
        { module: new URL('./detections.ts', import.meta.url), export: 'detections' },
        {
          columns: ['oid', 'meanmag', 'magrms'],
          returns: { mjd: 'double[]', mag: 'float[]', magerr: 'float[]' },
          constants: { perObject },
        },
      )
      .nestLists('lc', { mjd: 'mjd', mag: 'mag', magerr: 'magerr' })
      .withColumns({ objectid: 'oid' })
      .select(['objectid', 'ra', 'dec', 'fid', 'lc'])
      .explode('lc');
    const rowsPerPartition = 2_000_000;
    await made.writeHats(paths.sources, { ...options, rowsPerPartition });
  }
  return paths;
}
