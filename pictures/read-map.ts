/** Reads maps of FITS files as maps that can be drawn. */
import type { TableValues } from '../catalogs/fits-table.ts';
import { readMapTable } from '../catalogs/map-table.ts';
import { checkOptions } from '../partitioning/options.ts';
import { DrawableMap } from './drawable-map.ts';
import { isUnseen } from './project.ts';

export interface ReadSkyMapOptions {
  /** Name of the column of values; the first one otherwise. */
  readonly column?: string;
}

/**
 * Reads a HEALPix map of a FITS file, gzipped or not, NESTED or RING, of the whole sky or a part of it, in
 * equatorial, galactic or ecliptic coordinates. Pixels that are UNSEEN or NaN are left out.
 * @throws the `data` error for a file that holds none
 */
export async function readMapFile(
  file: string,
  options: ReadSkyMapOptions = {},
): Promise<DrawableMap> {
  checkOptions('readSkyMap', options, { column: true });
  const { order, frame, pixels, columns } = await readMapTable(file, { ...options, first: true });
  const { name, unit, values } = columns[0]!;
  return new DrawableMap({ order, frame, name, unit, ...held(pixels, values) });
}

/** Pixels with a value, and their values as doubles. */
function held(
  pixels: Float64Array | undefined,
  stored: TableValues,
): { pixels: Float64Array; values: Float64Array } {
  const places = new Float64Array(stored.length);
  const values = new Float64Array(stored.length);
  let count = 0;
  for (let i = 0; i < stored.length; i++) {
    const value = Number(stored[i]);
    if (Number.isNaN(value) || isUnseen(value)) continue;
    places[count] = pixels === undefined ? i : pixels[i]!;
    values[count] = value;
    count += 1;
  }
  return { pixels: places.slice(0, count), values: values.slice(0, count) };
}
