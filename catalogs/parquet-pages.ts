/** Pages of column chunks of flat columns: decompressed and decoded, as far as they are simple. */
import { zstdDecompressSync } from 'node:zlib';
import { snappyUncompress } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { unpackBits } from './page-loops.ts';
import {
  type ChunkTarget,
  decodeValues,
  dictionaryOf,
  type EncodedPage,
  NotSimple,
  spread,
  viewOf,
} from './parquet-page-values.ts';

type PageHeader = ReturnType<typeof parquetHeader>;

/**
 * Decodes all pages of a chunk into `target`. Returns false, or throws, where that cannot be done: there is another codec or
 * encoding, or nulls that are not wanted, or the chunk is damaged.
 *
 * @param isOptional the column may have nulls
 * @param checkStop called before each page; what it throws is passed on
 */
export function decodeChunk(
  chunk: Uint8Array,
  codec: string,
  isOptional: boolean,
  target: ChunkTarget,
  checkStop: () => void,
): boolean {
  const { width } = target;
  const rows = target.values.length / width;
  const reader = { view: viewOf(chunk), offset: 0 };
  let dictionary = new Int32Array(0);
  let at = 0;
  while (at < rows) {
    checkStop();
    const header = parquetHeader(reader);
    const body = chunk.subarray(reader.offset, reader.offset + header.compressed_page_size);
    if (body.length !== header.compressed_page_size) return false;
    reader.offset += body.length;
    if (header.type === 'DICTIONARY_PAGE') {
      const count = header.dictionary_page_header!.num_values;
      const bytes = decompress(body, codec, header.uncompressed_page_size);
      dictionary = dictionaryOf(bytes, count, target);
      continue;
    }
    const page = openPage(header, body, codec, isOptional);
    const end = at + page.rows;
    // Damage may have taken the number away.
    if (!(end >= at && end <= rows)) return false;
    if (page.levels !== null && target.valid === null) throw new NotSimple();
    const values = target.values.subarray(width * at, width * end);
    decodeValues(page, dictionary, values.subarray(0, width * page.present), target);
    if (page.levels !== null) {
      spread(values, width, page.levels, page.present);
      target.valid!.set(page.levels, at);
    }
    at = end;
  }
  return at === rows;
}

interface Page extends EncodedPage {
  readonly rows: number;
  /** 1 for each row that has a value, 0 for the others; null: all have. */
  readonly levels: Uint8Array | null;
}

function openPage(header: PageHeader, body: Uint8Array, codec: string, isOptional: boolean): Page {
  const first = header.data_page_header;
  if (header.type === 'DATA_PAGE' && first !== undefined) {
    const bytes = decompress(body, codec, header.uncompressed_page_size);
    const { num_values: rows, encoding } = first;
    if (!isOptional) return { encoding, rows, present: rows, levels: null, bytes };
    if (first.definition_level_encoding !== 'RLE') throw new NotSimple();
    const end = 4 + viewOf(bytes).getUint32(0, true);
    if (end > bytes.length) throw new NotSimple();
    return {
      encoding,
      rows,
      ...levelsOf(bytes.subarray(4, end), rows),
      bytes: bytes.subarray(end),
    };
  }
  const second = header.data_page_header_v2;
  if (header.type !== 'DATA_PAGE_V2' || second === undefined) throw new NotSimple();
  const { num_values: rows, encoding, definition_levels_byte_length: length } = second;
  const start = second.repetition_levels_byte_length;
  const packed = body.subarray(start + length);
  const bytes =
    second.is_compressed === false
      ? packed
      : decompress(packed, codec, header.uncompressed_page_size - start - length);
  if (!isOptional || second.num_nulls === 0) {
    return { encoding, rows, present: rows, levels: null, bytes };
  }
  return { encoding, rows, ...levelsOf(body.subarray(start, start + length), rows), bytes };
}

/** Definition levels of a flat column. */
function levelsOf(bytes: Uint8Array, rows: number): Pick<Page, 'levels' | 'present'> {
  if (isOneRun(bytes, rows)) return { levels: null, present: rows };
  const unpacked = unpackBits(bytes, rows);
  if (unpacked === null) throw new NotSimple();
  const { bits: levels, ones: present } = unpacked;
  return present === rows ? { levels: null, present } : { levels, present };
}

/** A single run of ones, as almost always. */
function isOneRun(bytes: Uint8Array, rows: number): boolean {
  let header = 0;
  let scale = 1;
  let at = 0;
  for (; at < bytes.length && at < 6; at++, scale *= 128) {
    header += (bytes[at]! & 0x7f) * scale;
    if (bytes[at]! < 0x80) break;
  }
  return header === 2 * rows && bytes[at + 1] === 1;
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
