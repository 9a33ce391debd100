/** The count maps that belong to a catalog: rows per HEALPix pixel. */
import { requestError } from '../partitioning/error.ts';
import { joinPath } from './path.ts';
import { listOf } from './properties.ts';
import { readSkyMap, type SkyMap, summedTo } from './sky-map-file.ts';
import { type Store, storeFor } from './store.ts';
import type { CatalogInfo } from './types.ts';

/**
 * The catalog's count map, summed to `order` when one is given. The coarsest stored map that is fine enough
 * is read: one of `hats_skymap_alt_orders`, else `skymap.fits`, else `point_map.fits`. Properties may
 * announce maps that do not exist; `undefined` when there is none at all.
 * @throws the `request` error when `order` is finer than the stored map, the `data` error for a damaged one
 */
export async function readCountMap(
  info: CatalogInfo,
  order?: number,
  store: Store = storeFor(info.path),
): Promise<SkyMap | undefined> {
  for (const name of candidates(info, order)) {
    const path = joinPath(info.path, name);
    if ((await store.stat(path)) === undefined) continue;
    const map = await readSkyMap(path, { store });
    if (order === undefined || order === map.order) return map;
    if (order > map.order) {
      throw requestError(
        `the count map of ${info.name} has order ${map.order}, coarser than order ${order}`,
        `ask for an order up to ${map.order}`,
        path,
      );
    }
    return summedTo(map, order);
  }
  return undefined;
}

function candidates(info: CatalogInfo, order: number | undefined): string[] {
  const defaults = ['skymap.fits', 'point_map.fits'];
  if (order === undefined) return defaults;
  const alternatives = listOf(info.properties.hats_skymap_alt_orders)
    .map(Number)
    .filter((stored) => stored >= order)
    .sort((a, b) => a - b);
  return [...alternatives.map((stored) => `skymap.${stored}.fits`), ...defaults];
}
