/** Catalogs of light curves: those of the example, and one with each object's curve nested in its row. */
import { join } from 'node:path';
import { makeCatalogs, type Paths } from '../examples/light-curves/catalogs.ts';
import { openCatalog } from '../index.ts';
import { dataDir, madeOnce } from './data.ts';

/** Stars, objects and detections; made once. */
export function curveCatalogs(objects: number, perObject: number): Promise<Paths> {
  return makeCatalogs(join(dataDir, 'curves'), { objects, perObject });
}

/** A catalog with a row and a nested light curve for each object. */
export async function nestedCurves(objects: number, perObject: number): Promise<string> {
  const { ztf, sources } = await curveCatalogs(objects, perObject);
  const path = join(dataDir, 'curves', `${objects}x${perObject}`, 'nested');
  await madeOnce(path, async (at) => {
    const [left, right] = [await openCatalog(ztf), await openCatalog(sources)];
    await left
      .join(right, { on: ['oid', 'objectid'], nested: 'lc' })
      .select(['oid', 'ra', 'dec', 'lc.mjd', 'lc.mag', 'lc.magerr'])
      .writeHats(at);
  });
  return path;
}
