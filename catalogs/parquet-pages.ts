/** Pages of column chunks of eight bytes a value: decompressed and decoded, as far as they are simple. */
import { zstdDecompressSync } from 'node:zlib';
import { snappyUncompress } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { joinStreams, unpackDeltas } from './page-loops.ts';

type PageHeader = ReturnType<typeof parquetHeader>;

/** What is not simple. */
class NotSimple extends Error {
  constructor() {
    super('not a simple page');
  }
}

/**
 * Decodes all pages of a chunk into `target`, eight bytes a value. Returns false, or throws, where that cannot be done:
 * there are nulls, or another codec or encoding, or the chunk is damaged.
 *
 * @param isOptional the column may have nulls
 * @param checkStop called before each page; what it throws is passed on
 */
export function decodeChunk(
  chunk: Uint8Array,
  codec: string,
  isOptional: boolean,
  target: Uint8Array,
  checkStop: () => void,
): boolean {
  const reader = { view: viewOf(chunk), offset: 0 };
  let dictionary = new Uint8Array(0);
  let at = 0;
  while (at < target.length) {
    checkStop();
    const header = parquetHeader(reader);
    const body = chunk.subarray(reader.offset, reader.offset + header.compressed_page_size);
    if (body.length !== header.compressed_page_size) return false;
    reader.offset += body.length;
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = decompress(body, codec, header.uncompressed_page_size);
      continue;
    }
    const page = openPage(header, body, codec, isOptional);
    const end = at + 8 * page.values;
    // Damage may have taken the number away.
    if (!(end >= at && end <= target.length)) return false;
    decodeValues(page, dictionary, target.subarray(at, end));
    at = end;
  }
  return at === target.length;
}

interface Page {
  readonly encoding: string;
  readonly values: number;
  /** Encoded values, without levels. */
  readonly bytes: Uint8Array;
}

function openPage(header: PageHeader, body: Uint8Array, codec: string, isOptional: boolean): Page {
  const first = header.data_page_header;
  if (header.type === 'DATA_PAGE' && first !== undefined) {
    const bytes = decompress(body, codec, header.uncompressed_page_size);
    const { num_values: values, encoding } = first;
    const levels = isOptional
      ? levelsWithoutNulls(bytes, values, first.definition_level_encoding)
      : 0;
    return { encoding, values, bytes: bytes.subarray(levels) };
  }
  const second = header.data_page_header_v2;
  if (header.type !== 'DATA_PAGE_V2' || second === undefined || second.num_nulls !== 0) {
    throw new NotSimple();
  }
  const levels = second.definition_levels_byte_length + second.repetition_levels_byte_length;
  const packed = body.subarray(levels);
  const bytes =
    second.is_compressed === false
      ? packed
      : decompress(packed, codec, header.uncompressed_page_size - levels);
  return { encoding: second.encoding, values: second.num_values, bytes };
}

/** Bytes that the definition levels take; throws where one of them says null. */
function levelsWithoutNulls(bytes: Uint8Array, values: number, encoding: string): number {
  if (encoding !== 'RLE') throw new NotSimple();
  const view = viewOf(bytes);
  const end = 4 + view.getUint32(0, true);
  if (end > bytes.length) throw new NotSimple();
  if (isOneRun(view, end, values)) return end;
  const reader = { view, offset: 4 };
  const levels = new Uint8Array(values);
  readRleBitPackedHybrid(reader, 1, levels, end - 4);
  if (levels.includes(0)) throw new NotSimple();
  return end;
}

/** Levels [4, end) that are a single run of ones, as almost always. */
function isOneRun(view: DataView, end: number, values: number): boolean {
  const reader = { view, offset: 4 };
  const header = readVarInt(reader);
  return (
    (header & 1) === 0 &&
    header >>> 1 === values &&
    reader.offset < end &&
    view.getUint8(reader.offset) === 1
  );
}

function decompress(bytes: Uint8Array, codec: string, length: number): Uint8Array<ArrayBuffer> {
  const out = decompressed(bytes, codec, length);
  if (out.length !== length) throw new NotSimple();
  return out;
}

function decompressed(bytes: Uint8Array, codec: string, length: number): Uint8Array<ArrayBuffer> {
  // Room for all of it at once, and a byte more, or a second piece would be begun.
  if (codec === 'ZSTD') return zstdDecompressSync(bytes, { chunkSize: Math.max(64, length + 1) });
  if (codec === 'UNCOMPRESSED') return bytes as Uint8Array<ArrayBuffer>;
  if (codec !== 'SNAPPY') throw new NotSimple();
  const out = new Uint8Array(length);
  snappyUncompress(bytes, out);
  return out;
}

function decodeValues(page: Page, dictionary: Uint8Array, target: Uint8Array): void {
  const { encoding, bytes } = page;
  if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') {
    lookUp(bytes, dictionary, target);
  } else if (encoding === 'PLAIN' && bytes.length === target.length) {
    target.set(bytes);
  } else if (encoding === 'BYTE_STREAM_SPLIT' && bytes.length === target.length) {
    joinStreams(bytes, target);
  } else if (encoding !== 'DELTA_BINARY_PACKED' || !unpackDeltas(bytes, target)) {
    throw new NotSimple();
  }
}

function lookUp(bytes: Uint8Array, dictionary: Uint8Array, target: Uint8Array): void {
  const words = new Int32Array(target.buffer, target.byteOffset, target.length / 4);
  // A copy, as it may lie anywhere.
  const entries = new Int32Array(new Uint8Array(dictionary).buffer);
  const numbers = new Int32Array(target.length / 8);
  const width = bytes[0]!;
  // The decoder shifts by what no longer fits into 32 bits beyond; so many entries no dictionary has.
  if (!(width <= 24)) throw new NotSimple();
  // Of no bits: all of them are the first.
  if (width > 0)
    readRleBitPackedHybrid({ view: viewOf(bytes), offset: 1 }, width, numbers, bytes.length - 1);
  const count = entries.length >> 1;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (number >= count) throw new NotSimple();
    words[2 * i] = entries[2 * number]!;
    words[2 * i + 1] = entries[2 * number + 1]!;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
