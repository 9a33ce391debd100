/** Writes HEALPix maps as FITS: the count maps of HATS catalogs, and maps for healpy. */
import { requestError } from '../partitioning/error.ts';
import { MAX_PIXEL_ORDER } from '../partitioning/pixel.ts';
import { headerBytes, paddedBytes, primaryHeader, standardName } from './fits-write.ts';
import { writeLocalChunks } from './local-store.ts';
import type { MapFrame } from './map-table.ts';
import { type ColumnLayout, CREATOR, placeCards, tableCards } from './sky-map-cards.ts';

/** Cells written at a time: bounds the memory of a map of any order. */
const CELLS_PER_CHUNK = 1 << 16;
/** A full map of the next order would have 25 GB. */
const MAX_FULL_ORDER = 13;

export interface CountMap {
  readonly order: number;
  /** NESTED, ascending, without repeats; pixels left out count 0. */
  readonly pixels: Float64Array | Int32Array;
  /** Whole numbers, one per pixel. */
  readonly counts: Float64Array | BigInt64Array;
  /** Writes only the listed pixels; readers before hats 0.8 cannot read that. */
  readonly explicit?: boolean;
}

/**
 * Writes `skymap.fits` or `point_map.fits` of a HATS catalog, whole or not at all. The default form (all
 * pixels, 64-bit integers, COORDSYS CEL) is the one every reader of HATS accepts. The same counts give the
 * same bytes.
 */
export async function writeCountMap(path: string, map: CountMap): Promise<void> {
  const { order, pixels, counts } = map;
  checkOrder(order, map.explicit === true);
  checkPixels(order, pixels, counts.length);
  for (const count of counts) {
    if (!(count >= 0 && Number.isSafeInteger(Number(count)))) {
      throw new RangeError(`a count map cannot hold the count ${count}`);
    }
  }
  await writeLocalChunks(path, map.explicit ? explicitCounts(map) : implicitCounts(map));
}

function* implicitCounts({ order, pixels, counts }: CountMap): Generator<Uint8Array> {
  const cells = 12 * 4 ** order;
  yield primaryHeader();
  yield headerBytes([
    ...tableCards(8, cells, [{ name: 'VALUE', form: 'K' }]),
    ['PIXTYPE', 'HEALPIX'],
    ['ORDERING', 'NESTED'],
    ['COORDSYS', 'CEL'],
    ['EXTNAME', 'xtension'],
    ['NSIDE', 2 ** order],
    ['FIRSTPIX', 0],
    ['LASTPIX', cells - 1],
    ['INDXSCHM', 'IMPLICIT'],
    ['OBJECT', 'FULLSKY'],
    ['CREATOR', CREATOR],
  ]);
  let at = 0;
  for (let from = 0; from < cells; from += CELLS_PER_CHUNK) {
    const to = Math.min(cells, from + CELLS_PER_CHUNK);
    const chunk = new DataView(new ArrayBuffer((to - from) * 8));
    for (; at < pixels.length && pixels[at]! < to; at += 1) {
      setCount(chunk, (pixels[at]! - from) * 8, Number(counts[at]));
    }
    yield new Uint8Array(chunk.buffer);
  }
  yield padding(cells * 8);
}

function* explicitCounts({ order, pixels, counts }: CountMap): Generator<Uint8Array> {
  const columns = ['PIXEL', 'VALUE'].map((name) => ({ name, form: 'K' }));
  yield primaryHeader();
  yield headerBytes([
    ...tableCards(16, pixels.length, columns),
    ['PIXTYPE', 'HEALPIX'],
    ['INDXSCHM', 'EXPLICIT'],
    ['ORDERING', 'NESTED'],
    ['COORDSYS', 'C'],
    ['EXTNAME', 'xtension'],
    ['NSIDE', 2 ** order],
    ['OBS_NPIX', pixels.length],
    ['CREATOR', CREATOR],
  ]);
  for (let from = 0; from < pixels.length; from += CELLS_PER_CHUNK) {
    const to = Math.min(pixels.length, from + CELLS_PER_CHUNK);
    const chunk = new DataView(new ArrayBuffer((to - from) * 16));
    for (let i = from; i < to; i += 1) {
      setCount(chunk, (i - from) * 16, pixels[i]!);
      setCount(chunk, (i - from) * 16 + 8, Number(counts[i]));
    }
    yield new Uint8Array(chunk.buffer);
  }
  yield padding(pixels.length * 16);
}

/** A whole number below 2⁵³ as a big-endian 64-bit integer. */
function setCount(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value % 2 ** 32);
}

/** Values of a map, with their type. */
export interface MapColumn {
  /** One value for each pixel of the sky, or for each of `pixels`. */
  readonly values: Float64Array | Float32Array | Int32Array | BigInt64Array;
  /** Written with the letters that FITS has; `VALUE` where absent. */
  readonly name?: string;
  readonly unit?: string;
}

/** A map with one value per pixel, or with several. */
export type HealpixMap = {
  readonly order: number;
  /** NESTED, ascending, without repeats; absent for a map of the whole sky. */
  readonly pixels?: Float64Array | Int32Array;
  /** Frame of the pixels; equatorial where absent. */
  readonly frame?: MapFrame;
  /** Lines of comment: where the map comes from. */
  readonly comments?: readonly string[];
} & (MapColumn | { readonly columns: readonly MapColumn[] });

/** What HEALPix programs store for a pixel without a value. */
export const UNSEEN = -1.6375e30;

/**
 * Writes a map that healpy (`read_map(…, nest=True)`) and other HEALPix tools read, whole or not at all:
 * equatorial, NESTED, the type of the values kept. Pixels that are not listed read as UNSEEN in healpy.
 */
export async function writeHealpixMap(path: string, map: HealpixMap): Promise<void> {
  checkOrder(map.order, map.pixels !== undefined);
  const cells = 12 * 4 ** map.order;
  const columns = 'columns' in map ? map.columns : [map];
  if (columns.length === 0) throw new RangeError('a map needs a column of values');
  for (const { values } of columns) {
    if (map.pixels !== undefined) {
      checkPixels(map.order, map.pixels, values.length);
    } else if (values.length !== cells) {
      throw new RangeError(`a map of order ${map.order} has ${cells} values, not ${values.length}`);
    }
  }
  await writeLocalChunks(path, healpixChunks(map, columns));
}

function* healpixChunks(
  map: HealpixMap,
  columns: readonly MapColumn[],
): Generator<Uint8Array, void> {
  const { pixels } = map;
  const rows = columns[0]!.values.length;
  const valueBytes = columns.reduce((sum, { values }) => sum + values.BYTES_PER_ELEMENT, 0);
  const rowBytes = valueBytes + (pixels === undefined ? 0 : 8);
  const layout: ColumnLayout[] = columns.map(({ name, unit, values }) => ({
    name: standardName(name ?? 'VALUE'),
    form: formOf(values),
    unit,
  }));
  if (pixels !== undefined) layout.unshift({ name: 'PIXEL', form: 'K' });
  yield primaryHeader();
  yield headerBytes(
    [
      ...tableCards(rowBytes, rows, layout),
      ...placeCards(map.order, pixels?.length, map.frame),
      ...(layout.some(({ form }) => /^[DE]$/.test(form)) ? [['BAD_DATA', UNSEEN] as const] : []),
      ['CREATOR', CREATOR],
    ],
    map.comments,
  );
  for (let from = 0; from < rows; from += CELLS_PER_CHUNK) {
    const to = Math.min(rows, from + CELLS_PER_CHUNK);
    const chunk = new DataView(new ArrayBuffer((to - from) * rowBytes));
    let offset = 0;
    if (pixels !== undefined) {
      for (let i = from; i < to; i += 1) setCount(chunk, (i - from) * rowBytes, pixels[i]!);
      offset = 8;
    }
    for (const { values } of columns) {
      for (let i = from; i < to; i += 1) setValue(chunk, (i - from) * rowBytes + offset, values, i);
      offset += values.BYTES_PER_ELEMENT;
    }
    yield new Uint8Array(chunk.buffer);
  }
  yield padding(rows * rowBytes);
}

function formOf(values: MapColumn['values']): string {
  if (values instanceof Float64Array) return 'D';
  if (values instanceof Float32Array) return 'E';
  return values instanceof Int32Array ? 'J' : 'K';
}

function setValue(view: DataView, at: number, values: MapColumn['values'], i: number): void {
  if (values instanceof Float64Array) view.setFloat64(at, values[i]!);
  else if (values instanceof Float32Array) view.setFloat32(at, values[i]!);
  else if (values instanceof Int32Array) view.setInt32(at, values[i]!);
  else view.setBigInt64(at, values[i]!);
}

function padding(bytes: number): Uint8Array {
  return new Uint8Array(paddedBytes(bytes) - bytes);
}

function checkOrder(order: number, isPartial: boolean): void {
  const limit = isPartial ? MAX_PIXEL_ORDER : MAX_FULL_ORDER;
  if (Number.isInteger(order) && order >= 0 && order <= limit) return;
  throw requestError(
    `a map of order ${order} cannot be written`,
    `orders go from 0 to ${limit}${isPartial ? '' : ' for maps of the whole sky'}`,
  );
}

function checkPixels(order: number, pixels: Float64Array | Int32Array, values: number): void {
  if (pixels.length !== values) {
    throw new RangeError(`the map has ${pixels.length} pixels and ${values} values`);
  }
  let previous = -1;
  for (const pixel of pixels) {
    if (!(pixel > previous && Number.isInteger(pixel))) {
      throw new RangeError(`pixel ${pixel} follows pixel ${previous}: they must ascend`);
    }
    previous = pixel;
  }
  if (previous >= 12 * 4 ** order) {
    throw new RangeError(`pixel ${previous} does not exist at order ${order}`);
  }
}
