/** HEALPix maps of any frame and numbering in FITS files, with one or several values per pixel. */
import { type CrosshatchError, dataError } from '../partitioning/error.ts';
import { MAX_INT32_ORDER } from '../partitioning/healpix.ts';
import { MAX_PIXEL_ORDER } from '../partitioning/pixel.ts';
import { ringToNested, ringToNestedPixel } from '../partitioning/ring.ts';
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
import { standardName } from './fits-write.ts';
import type { Store } from './store.ts';

/** Letter of a celestial frame: equatorial, galactic, ecliptic. */
export type MapFrame = 'C' | 'G' | 'E';

export interface MapTable {
  readonly order: number;
  readonly frame: MapFrame;
  /** NESTED, ascending, without repeats; absent: values are those of all pixels of the sky in turn. */
  readonly pixels?: Float64Array;
  /** In the order of the file, or the one that was asked for. */
  readonly columns: readonly {
    readonly name: string;
    readonly unit?: string;
    readonly values: TableValues;
  }[];
}

export interface ReadMapOptions {
  /** Name of a value column: reads that one alone. */
  readonly column?: string;
  /** Reads the first value column alone. */
  readonly first?: boolean;
  readonly store?: Store;
}

/**
 * Reads the first HEALPix map of a FITS file (gzipped or not), given as a path or as bytes; one in RING order is
 * turned to NESTED.
 * @throws the `data` error when there is none, or it does not have the pixels its header promises
 */
export async function readMapTable(
  file: string | Uint8Array,
  options: ReadMapOptions = {},
): Promise<MapTable> {
  const source = await openFits(file, options.store);
  const { where } = source;
  const table = await findMapTable(source);
  const { header } = table.unit;
  const frame = frameOf(header, where);
  const isRing = isRingOrder(header, where);
  const order = mapOrder(header, where);
  const pixelColumn = isExplicit(header, table) ? table.columns[0] : undefined;
  const wanted = valueColumns(table, pixelColumn, options, where);
  const places = await pixelPlaces(source, table, pixelColumn, { order, isRing });
  const columns: MapTable['columns'][number][] = [];
  for (const { name, unit, ...column } of wanted) {
    const stored = await readTableColumn(source, table, { name, ...column });
    if (places.pixels === undefined) checkImplicit(header, order, stored.length, where);
    else checkCount(places.pixels.length, stored.length, where);
    const values = places.from === undefined ? stored : taken(stored, places.from);
    columns.push({ name, ...(unit === undefined ? {} : { unit }), values });
  }
  const { pixels } = places;
  return { order, frame, ...(pixels === undefined ? {} : { pixels }), columns };
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

function frameOf(header: FitsHeader, where: string): MapFrame {
  const name = wordCard(header, 'COORDSYS') ?? 'C';
  if (/^(C|CEL.*|Q|EQU.*|ICRS|FK5)$/.test(name)) return 'C';
  if (/^G(AL.*)?$/.test(name)) return 'G';
  if (/^E(CL.*)?$/.test(name)) return 'E';
  throw dataError(`the map is in the unknown coordinate system ${name}`, where);
}

function isRingOrder(header: FitsHeader, where: string): boolean {
  const ordering = wordCard(header, 'ORDERING') ?? 'missing';
  if (ordering.startsWith('NEST')) return false;
  if (ordering === 'RING') return true;
  throw dataError(
    `the map's pixel order is ${ordering}, neither NESTED nor RING`,
    where,
    'write it in NESTED order',
  );
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

function valueColumns(
  table: BinaryTable,
  pixelColumn: TableColumn | undefined,
  { column: name, first }: ReadMapOptions,
  where: string,
): TableColumn[] {
  const candidates = table.columns.filter((column) => column !== pixelColumn);
  if (name === undefined && candidates.length > 0) {
    return first === true ? candidates.slice(0, 1) : candidates;
  }
  const found = candidates.filter((column) => sameName(column.name, name ?? ''));
  if (found.length > 0) return found.slice(0, 1);
  const names = candidates.map((column) => column.name).join(', ');
  throw dataError(`the map has no value column ${name ?? ''}`.trimEnd(), where, `it has ${names}`);
}

/** Names were written with the letters that FITS has. */
function sameName(stored: string, asked: string): boolean {
  const wanted = [asked, standardName(asked)].map((name) => name.toUpperCase());
  return wanted.includes(stored.toUpperCase());
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

function checkCount(pixels: number, values: number, where: string): void {
  if (pixels === values) return;
  throw dataError(`the map has ${pixels} pixels and ${values} values`, where);
}

/** NESTED pixel numbers in ascending order, and the rows they come from where those are in another one. */
interface Places {
  readonly pixels?: Float64Array;
  readonly from?: Float64Array;
}

async function pixelPlaces(
  source: FitsSource,
  table: BinaryTable,
  pixelColumn: TableColumn | undefined,
  { order, isRing }: { readonly order: number; readonly isRing: boolean },
): Promise<Places> {
  if (pixelColumn === undefined) return isRing ? { from: ringRows(order, source.where) } : {};
  const numbers = await readTableColumn(source, table, pixelColumn);
  const stored = Float64Array.from(numbers as ArrayLike<number>, Number);
  checkPixels(stored, order, source.where);
  const pixels = isRing ? nestedNumbers(stored, order) : stored;
  return inOrder(pixels, source.where);
}

function checkPixels(pixels: Float64Array, order: number, where: string): void {
  for (const pixel of pixels) {
    if (!(Number.isInteger(pixel) && pixel >= 0 && pixel < 12 * 4 ** order)) {
      throw badPixel(pixel, order, where);
    }
  }
}

function badPixel(pixel: number, order: number, where: string): CrosshatchError {
  return dataError(`pixel ${pixel} of the map does not exist at order ${order}`, where);
}

/** For each NESTED pixel the row of a whole map in RING order. */
function ringRows(order: number, where: string): Float64Array {
  if (order > MAX_INT32_ORDER) {
    throw dataError(`a whole map of order ${order} does not fit into memory`, where);
  }
  const rows = new Float64Array(12 * 4 ** order);
  const nested = ringToNested(
    order,
    Int32Array.from({ length: rows.length }, (_, i) => i),
  );
  for (let i = 0; i < rows.length; i += 1) rows[nested[i]!] = i;
  return rows;
}

function nestedNumbers(ring: Float64Array, order: number): Float64Array {
  if (order <= MAX_INT32_ORDER)
    return Float64Array.from(ringToNested(order, Int32Array.from(ring)));
  return ring.map((pixel) => Number(ringToNestedPixel(order, BigInt(pixel))));
}

/** Almost all writers store pixels in ascending order. */
function inOrder(pixels: Float64Array, where: string): Places {
  let ascending = true;
  for (let i = 1; i < pixels.length; i += 1) ascending &&= pixels[i]! > pixels[i - 1]!;
  if (ascending) return { pixels };
  const from = Float64Array.from(pixels.keys()).sort((a, b) => pixels[a]! - pixels[b]!);
  const sorted = from.map((row) => pixels[row]!);
  for (let i = 1; i < sorted.length; i += 1) {
    if (sorted[i] === sorted[i - 1]) {
      throw dataError(`pixel ${sorted[i]} is in the map twice`, where);
    }
  }
  return { pixels: sorted, from };
}

function taken(values: TableValues, rows: Float64Array): TableValues {
  const result = values.slice();
  for (let i = 0; i < rows.length; i += 1) result[i] = values[rows[i]!]!;
  return result;
}
