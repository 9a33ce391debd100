/** Writes several HEALPix maps into one FITS table, a column for each, as healpy writes a list of maps. */
import { requestError } from '../partitioning/error.ts';
import { type Card, headerBytes, paddedBytes, primaryHeader } from './fits-write.ts';
import { writeLocalChunks } from './local-store.ts';
import { type ColumnLayout, CREATOR, placeCards, tableCards } from './sky-map-cards.ts';
import { UNSEEN } from './sky-map-write.ts';

/** Columns that a FITS table can have, less one for pixel numbers. */
const MAX_COLUMNS = 998;
/** Cells of a chunk, about: bounds the memory of a table of any width. */
const CHUNK_CELLS = 1 << 17;

export interface SparseMapColumn {
  readonly name: string;
  readonly unit?: string;
  /** What the column is of, where its name cannot say it. */
  readonly comment?: string;
  /** NESTED, ascending, without repeats. */
  readonly pixels: Float64Array;
  /** One for each of `pixels`. */
  readonly values: Float64Array;
  /** What stands in a pixel that has none. */
  readonly missing: number;
}

/**
 * Writes maps of one order, whole or not at all: equatorial, NESTED, doubles.
 *
 * @param partial only the pixels that some map has, with their numbers; otherwise every pixel of the sky
 */
export async function writeHealpixMaps(
  path: string,
  order: number,
  columns: readonly SparseMapColumn[],
  partial: boolean,
): Promise<void> {
  if (columns.length === 0) throw requestError('there is no map to write: no row has a category');
  if (columns.length > MAX_COLUMNS) {
    throw requestError(`a FITS table has room for ${MAX_COLUMNS} maps, not ${columns.length}`);
  }
  await writeLocalChunks(
    path,
    partial ? partialChunks(order, columns) : fullChunks(order, columns),
  );
}

function* fullChunks(order: number, columns: readonly SparseMapColumn[]): Generator<Uint8Array> {
  const cells = 12 * 4 ** order;
  const rowBytes = 8 * columns.length;
  yield primaryHeader();
  yield mapsHeader(columns, [
    ...tableCards(rowBytes, cells, columns.map(layoutOf)),
    ...placeCards(order, undefined),
  ]);
  const next = columns.map(() => 0);
  const step = Math.max(1, Math.floor(CHUNK_CELLS / columns.length));
  for (let from = 0; from < cells; from += step) {
    const to = Math.min(cells, from + step);
    const chunk = new DataView(new ArrayBuffer((to - from) * rowBytes));
    columns.forEach((column, c) => {
      const { pixels, values, missing } = column;
      let at = next[c]!;
      for (let pixel = from, place = 8 * c; pixel < to; pixel++, place += rowBytes) {
        const found = pixels[at] === pixel;
        chunk.setFloat64(place, found ? values[at]! : missing);
        if (found) at++;
      }
      next[c] = at;
    });
    yield new Uint8Array(chunk.buffer);
  }
  yield new Uint8Array(paddedBytes(cells * rowBytes) - cells * rowBytes);
}

function* partialChunks(order: number, columns: readonly SparseMapColumn[]): Generator<Uint8Array> {
  const all = union(columns);
  const pixelColumn = { name: 'PIXEL', form: 'K' };
  const rowBytes = 8 * (columns.length + 1);
  yield primaryHeader();
  yield mapsHeader(columns, [
    ...tableCards(rowBytes, all.length, [pixelColumn, ...columns.map(layoutOf)]),
    ...placeCards(order, all.length),
  ]);
  const next = columns.map(() => 0);
  const step = Math.max(1, Math.floor(CHUNK_CELLS / columns.length));
  for (let from = 0; from < all.length; from += step) {
    const to = Math.min(all.length, from + step);
    const chunk = new DataView(new ArrayBuffer((to - from) * rowBytes));
    for (let i = from, place = 0; i < to; i++, place += rowBytes) {
      chunk.setBigInt64(place, BigInt(all[i]!));
      columns.forEach(({ pixels, values, missing }, c) => {
        const found = pixels[next[c]!] === all[i];
        chunk.setFloat64(place + 8 * (c + 1), found ? values[next[c]!]! : missing);
        if (found) next[c]!++;
      });
    }
    yield new Uint8Array(chunk.buffer);
  }
  yield new Uint8Array(paddedBytes(all.length * rowBytes) - all.length * rowBytes);
}

function mapsHeader(columns: readonly SparseMapColumn[], cards: readonly Card[]): Uint8Array {
  const bad: Card[] = columns.some(({ missing }) => missing === UNSEEN)
    ? [['BAD_DATA', UNSEEN]]
    : [];
  return headerBytes(
    [...cards, ...bad, ['CREATOR', CREATOR]],
    columns.flatMap(({ comment }) => comment ?? []),
  );
}

/** The pixels of all maps, ascending, each once. */
function union(columns: readonly SparseMapColumn[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, { pixels }) => sum + pixels.length, 0));
  let length = 0;
  for (const { pixels } of columns) {
    all.set(pixels, length);
    length += pixels.length;
  }
  all.sort();
  return all.filter((pixel, i) => i === 0 || pixel !== all[i - 1]);
}

function layoutOf({ name, unit }: SparseMapColumn): ColumnLayout {
  return { name, form: 'D', ...(unit === undefined ? {} : { unit }) };
}
