/** Column chunks of flat types: rows picked out of a column, as one page each. */
import { inBlocks } from '../partitioning/in-blocks.ts';
import { type PageValues, pageValues } from './page-loops.ts';
import {
  type Bounds,
  dataPage,
  dictionaryPage,
  ENCODING,
  type EncodedValues,
  type PageCodec,
} from './parquet-page-write.ts';
import type { PlainType } from './plain-type.ts';
import { encodeTexts } from './text-encode.ts';
import type { TextHeap } from './text-heap.ts';

/** Values of a column. */
export interface ColumnValues {
  /** Two words for each value of eight bytes, one for each of four; texts are their numbers in `texts`. */
  readonly words: Int32Array;
  /** For each value whether it is one, or null; null: all are. */
  readonly valid: Uint8Array | null;
  readonly texts?: TextHeap | undefined;
}

/** Rows, by where their values stand among those of a column. */
export interface PickedRows {
  /** Of each row the place of its value, −1 for a null; null: row i is value i. */
  readonly places: Int32Array | null;
  /** False: no place is −1. */
  readonly mayMiss: boolean;
  /** Half-open range of rows. */
  readonly from: number;
  readonly to: number;
}

/** A column chunk, and what its metadata say. */
export interface EncodedChunk {
  /** Its bytes, in their order. */
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly uncompressedBytes: number;
  /** Bytes of the dictionary page, which comes first; 0: there is none. */
  readonly dictionaryBytes: number;
  readonly encodings: readonly number[];
  readonly rows: number;
  readonly nulls: number;
  /** Null: unknown, or there are no values but NaN. */
  readonly bounds: Bounds | null;
}

/** Encodes the rows of one row group, one at least; null where their texts are too long for a page. */
export function encodeChunk(
  type: PlainType,
  values: ColumnValues,
  rows: PickedRows,
  codec: PageCodec,
): EncodedChunk | null {
  const count = rows.to - rows.from;
  const page = pageValues(count, type.width);
  const { present, levels } = pick(type, values, rows, page);
  const encoded = encodeValues(type, values, page, present);
  if (encoded === null) return null;
  const data = dataPage(count, levels, encoded, codec);
  const { dictionary } = encoded;
  const first = dictionary === undefined ? [] : [dictionaryPage(dictionary, codec)];
  const pages = [...first, data];
  return {
    parts: pages.flatMap(({ header, body }) => [header, body]),
    bytes: pages.reduce((sum, { bytes }) => sum + bytes, 0),
    uncompressedBytes: pages.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0),
    dictionaryBytes: first[0]?.bytes ?? 0,
    encodings: [...first.map(() => ENCODING.plain), ENCODING.rle, encoded.encoding],
    rows: count,
    nulls: count - present,
    bounds: encoded.bounds,
  };
}

interface Picked {
  /** Rows that have a value: these stand one after the other. */
  readonly present: number;
  /** For each row whether it has one; null: all have. */
  readonly levels: Uint8Array | null;
}

function pick(
  { width }: PlainType,
  { words, valid }: ColumnValues,
  rows: PickedRows,
  page: PageValues,
): Picked {
  const { places, from, to, mayMiss } = rows;
  const count = to - from;
  if (places === null) {
    page.words.set(words.subarray((from * width) / 4, (to * width) / 4));
  } else {
    inBlocks(count, (start, end) => {
      if (width === 8) copyLongs(words, places, from, start, end, page.words);
      else copyWords(words, places, from, start, end, page.words);
    });
  }
  if (valid === null && !mayMiss) return { present: count, levels: null };
  const levels = new Uint8Array(count);
  inBlocks(count, (start, end) => findLevels(valid, places, from, start, end, levels));
  const present = page.compact(levels);
  return { present, levels: present === count ? null : levels };
}

function copyLongs(
  words: Int32Array,
  places: Int32Array,
  first: number,
  start: number,
  end: number,
  out: Int32Array,
): void {
  for (let i = start; i < end; i++) {
    const place = 2 * orFirst(places[first + i]!);
    out[2 * i] = words[place]!;
    out[2 * i + 1] = words[place + 1]!;
  }
}

function copyWords(
  words: Int32Array,
  places: Int32Array,
  first: number,
  start: number,
  end: number,
  out: Int32Array,
): void {
  for (let i = start; i < end; i++) out[i] = words[orFirst(places[first + i]!)]!;
}

/** For no place the first one, without a branch: its value is left out afterwards. */
function orFirst(place: number): number {
  return place & ~(place >> 31);
}

function findLevels(
  valid: Uint8Array | null,
  places: Int32Array | null,
  first: number,
  start: number,
  end: number,
  levels: Uint8Array,
): void {
  for (let i = start; i < end; i++) {
    const place = places === null ? first + i : places[first + i]!;
    levels[i] = place < 0 ? 0 : valid === null ? 1 : valid[place]!;
  }
}

function encodeValues(
  { form, kind, width }: PlainType,
  { texts }: ColumnValues,
  page: PageValues,
  present: number,
): EncodedValues | null {
  if (present === 0) return { encoding: ENCODING.plain, bytes: new Uint8Array(0), bounds: null };
  const words = page.words.subarray(0, (present * width) / 4);
  if (form === 'text') return encodeTexts(texts!, words.slice());
  if (form === 'boolean') return encodeBooleans(words);
  const bounds = page.bounds(present, kind);
  if (kind === 'float') {
    return { encoding: ENCODING.split, bytes: page.split(present), bounds: withZeros(bounds) };
  }
  if (width === 4 && areFarApart(bounds!, kind === 'signed')) {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    return { encoding: ENCODING.plain, bytes, bounds };
  }
  return { encoding: ENCODING.deltas, bytes: page.deltas(present), bounds };
}

/** 32-bit integers whose differences may need a 33rd bit, which readers refuse. */
function areFarApart(bounds: Bounds, isSigned: boolean): boolean {
  const [least, most] = bounds.map((bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
    return isSigned ? view.getInt32(0, true) : view.getUint32(0, true);
  }) as [number, number];
  return most - least >= 2 ** 31 || most >= 2 ** 31;
}

/** Zeros are equal whatever their sign: as a bound one stands for both. */
function withZeros(bounds: Bounds | null): Bounds | null {
  if (bounds === null) return null;
  const [least, most] = bounds;
  const last = least.length - 1;
  if (isZero(least)) least[last] = 0x80;
  if (isZero(most)) most[last] = 0;
  return bounds;
}

/** Little-endian: the sign is the first bit of the last byte. */
function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte, i) => (i === bytes.length - 1 ? byte & 0x7f : byte) === 0);
}

function encodeBooleans(words: Int32Array): EncodedValues {
  const bytes = new Uint8Array(Math.ceil(words.length / 8));
  let trues = 0;
  for (let i = 0; i < words.length; i++) {
    bytes[i >> 3]! |= words[i]! << (i & 7);
    trues += words[i]!;
  }
  const least = Uint8Array.of(trues === words.length ? 1 : 0);
  return { encoding: ENCODING.plain, bytes, bounds: [least, Uint8Array.of(trues > 0 ? 1 : 0)] };
}
