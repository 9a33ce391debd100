/** HEALPix maps in FITS files: the count maps of HATS catalogs, and maps as healpy reads and writes them. */
import { dataError } from '../partitioning/error.ts';
import type { TableValues } from './fits-table.ts';
import { readMapTable } from './map-table.ts';
import type { Store } from './store.ts';

export {
  type CountMap,
  type HealpixMap,
  type MapColumn,
  UNSEEN,
  writeCountMap,
  writeHealpixMap,
} from './sky-map-write.ts';

/** A map over the pixels of one HEALPix order, in NESTED numbering. */
export interface SkyMap {
  readonly order: number;
  readonly ordering: 'NESTED';
  /** `implicit`: one value for each of the 12 · 4^order pixels; `explicit`: only for those in `pixels`. */
  readonly kind: 'implicit' | 'explicit';
  readonly values: TableValues;
  /** Explicit maps only: ascending, without repeats. */
  readonly pixels?: Float64Array;
}

export interface ReadSkyMapOptions {
  /** Name of the value column; the first one otherwise. */
  readonly column?: string;
  readonly store?: Store;
}

/**
 * Reads one column of the first HEALPix map of a FITS file (gzipped or not), given as a path or as bytes.
 * @throws the `data` error when there is none, or it is in other than equatorial coordinates, or does not have
 * the pixels its header promises
 */
export async function readSkyMap(
  file: string | Uint8Array,
  options: ReadSkyMapOptions = {},
): Promise<SkyMap> {
  const { order, frame, pixels, columns } = await readMapTable(file, { ...options, first: true });
  if (frame !== 'C') {
    throw dataError(
      `the map is in ${frame === 'G' ? 'galactic' : 'ecliptic'} coordinates, not in equatorial ones`,
      typeof file === 'string' ? file : 'FITS bytes',
      'transform it to equatorial coordinates (COORDSYS = C)',
    );
  }
  const { values } = columns[0]!;
  return pixels === undefined
    ? { order, ordering: 'NESTED', kind: 'implicit', values }
    : { order, ordering: 'NESTED', kind: 'explicit', values, pixels };
}

/**
 * A count map at a coarser (or the same) order: each pixel gets the sum over its children.
 * @throws RangeError when `order` is finer than the map's
 */
export function summedTo(map: SkyMap, order: number): SkyMap {
  if (!(order >= 0 && order <= map.order)) {
    throw new RangeError(`a map of order ${map.order} cannot be summed to order ${order}`);
  }
  const perPixel = 4 ** (map.order - order);
  const { values, pixels } = map;
  if (pixels === undefined) {
    const sums = new Float64Array(12 * 4 ** order);
    for (let i = 0; i < values.length; i += 1) {
      sums[Math.floor(i / perPixel)]! += Number(values[i]);
    }
    return { order, ordering: 'NESTED', kind: 'implicit', values: sums };
  }
  const parents = new Float64Array(pixels.length);
  const sums = new Float64Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i += 1) {
    const parent = Math.floor(pixels[i]! / perPixel);
    if (count === 0 || parents[count - 1] !== parent) {
      parents[count] = parent;
      count += 1;
    }
    sums[count - 1]! += Number(values[i]);
  }
  return {
    order,
    ordering: 'NESTED',
    kind: 'explicit',
    values: sums.slice(0, count),
    pixels: parents.slice(0, count),
  };
}
