/** HEALPix maps in FITS files: the count maps of HATS catalogs, and maps as healpy reads and writes them. */
import { type CrosshatchError, dataError } from '../partitioning/error.ts';
import { MAX_PIXEL_ORDER } from '../partitioning/pixel.ts';
import {
  type FitsHeader,
  type FitsSource,
  numberCard,
  openFits,
  readUnits,
  wordCard,
} from './fits.ts';
import {
  type BinaryTable,
  binaryTable,
  readTableColumn,
  type TableColumn,
  type TableValues,
} from './fits-table.ts';
import type { Store } from './store.ts';

export { type CountMap, type HealpixMap, writeCountMap, writeHealpixMap } from './sky-map-write.ts';

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
 * Reads the first HEALPix map of a FITS file (gzipped or not), given as a path or as bytes.
 * @throws the `data` error when there is none, or it is in RING order, in other than equatorial coordinates,
 * or does not have the pixels its header promises
 */
export async function readSkyMap(
  file: string | Uint8Array,
  options: ReadSkyMapOptions = {},
): Promise<SkyMap> {
  const source = await openFits(file, options.store);
  const table = await findMapTable(source);
  const { header } = table.unit;
  checkFrame(header, source.where);
  const order = mapOrder(header, source.where);
  const pixelColumn = isExplicit(header, table) ? table.columns[0] : undefined;
  const column = valueColumn(table, pixelColumn, options.column, source.where);
  const values = await readTableColumn(source, table, column);
  if (pixelColumn === undefined) {
    checkImplicit(header, order, values.length, source.where);
    return { order, ordering: 'NESTED', kind: 'implicit', values };
  }
  const numbers = await readTableColumn(source, table, pixelColumn);
  if (numbers.length !== values.length) {
    throw dataError(
      `the map has ${numbers.length} pixels and ${values.length} values`,
      source.where,
    );
  }
  const { pixels, sorted } = inOrder(numbers, values, order, source.where);
  return { order, ordering: 'NESTED', kind: 'explicit', values: sorted, pixels };
}

async function findMapTable(source: FitsSource): Promise<BinaryTable> {
  for (const unit of await readUnits(source)) {
    if (wordCard(unit.header, 'PIXTYPE') !== 'HEALPIX') continue;
    const table = binaryTable(unit, source.where);
    if (table !== undefined && table.columns.length > 0) return table;
  }
  throw dataError(
    'the file has no HEALPix map',
    source.where,
    'a map has the card PIXTYPE = HEALPIX',
  );
}

function checkFrame(header: FitsHeader, where: string): void {
  const ordering = wordCard(header, 'ORDERING') ?? 'missing';
  if (!ordering.startsWith('NEST')) {
    const hint =
      ordering === 'RING'
        ? 'reorder it, for example with healpy: hp.reorder(map, r2n=True)'
        : 'write it in NESTED order';
    throw dataError(`the map's pixel order is ${ordering}, not NESTED`, where, hint);
  }
  const frame = wordCard(header, 'COORDSYS') ?? 'C';
  if (!/^(C|CEL.*|Q|EQU.*|ICRS|FK5)$/.test(frame)) {
    const hint = 'transform it to equatorial coordinates (COORDSYS = C)';
    throw dataError(
      `the map is in the coordinate system ${frame}, not in equatorial ones`,
      where,
      hint,
    );
  }
}

function mapOrder(header: FitsHeader, where: string): number {
  const nside = numberCard(header, 'NSIDE');
  const order = numberCard(header, 'ORDER') ?? (nside === undefined ? undefined : Math.log2(nside));
  const isUsable =
    order !== undefined && Number.isInteger(order) && order >= 0 && order <= MAX_PIXEL_ORDER;
  if (isUsable && (nside === undefined || nside === 2 ** order)) return order;
  const found = `NSIDE ${nside ?? 'missing'}, ORDER ${numberCard(header, 'ORDER') ?? 'missing'}`;
  throw dataError(`the map has no order from 0 to ${MAX_PIXEL_ORDER}: ${found}`, where);
}

/** Where a header does not say, a first column of pixel numbers tells. */
function isExplicit(header: FitsHeader, table: BinaryTable): boolean {
  const scheme = wordCard(header, 'INDXSCHM');
  if (scheme !== undefined) return scheme === 'EXPLICIT';
  return table.columns.length > 1 && /^(PIXEL|PIX)$/i.test(table.columns[0]!.name);
}

function valueColumn(
  table: BinaryTable,
  pixelColumn: TableColumn | undefined,
  name: string | undefined,
  where: string,
): TableColumn {
  const candidates = table.columns.filter((column) => column !== pixelColumn);
  const found =
    name === undefined
      ? candidates[0]
      : candidates.find((column) => column.name.toUpperCase() === name.toUpperCase());
  if (found !== undefined) return found;
  const names = candidates.map((column) => column.name).join(', ');
  throw dataError(`the map has no value column ${name ?? ''}`.trimEnd(), where, `it has ${names}`);
}

function checkImplicit(header: FitsHeader, order: number, count: number, where: string): void {
  const pixels = 12 * 4 ** order;
  const first = numberCard(header, 'FIRSTPIX') ?? 0;
  const last = numberCard(header, 'LASTPIX') ?? pixels - 1;
  if (first !== 0 || last !== pixels - 1 || count !== pixels) {
    const what = `a map of order ${order} has ${pixels} pixels; this one has ${count} values for pixels`;
    throw dataError(`${what} ${first} to ${last}`, where);
  }
}

/** Pixel numbers ascending with their values; almost all writers store them so. */
function inOrder(
  numbers: TableValues,
  values: TableValues,
  order: number,
  where: string,
): { pixels: Float64Array; sorted: TableValues } {
  const pixels = Float64Array.from(numbers as ArrayLike<number>, Number);
  let ascending = true;
  for (let i = 1; i < pixels.length; i += 1) ascending &&= pixels[i]! > pixels[i - 1]!;
  let sorted = values;
  if (!ascending) {
    const places = Uint32Array.from(pixels.keys()).sort((a, b) => pixels[a]! - pixels[b]!);
    sorted = values.slice();
    places.forEach((place, i) => {
      sorted[i] = values[place]!;
    });
    pixels.sort();
  }
  for (let i = 0; i < pixels.length; i += 1) {
    const pixel = pixels[i]!;
    if (!(Number.isInteger(pixel) && pixel >= 0 && pixel < 12 * 4 ** order))
      throw badPixel(pixel, order, where);
    if (i > 0 && pixel === pixels[i - 1])
      throw dataError(`pixel ${pixel} is in the map twice`, where);
  }
  return { pixels, sorted };
}

function badPixel(pixel: number, order: number, where: string): CrosshatchError {
  return dataError(`pixel ${pixel} of the map does not exist at order ${order}`, where);
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
