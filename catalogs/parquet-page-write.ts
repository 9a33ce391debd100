/** Pages of a column chunk: encoded values, compressed, with their headers. Numbers are those of parquet.thrift. */
import { constants, zstdCompressSync } from 'node:zlib';
import { inBlocks } from '../partitioning/in-blocks.ts';
import { KeptBytes } from './kept-bytes.ts';
import { THRIFT, ThriftWriter } from './parquet-thrift.ts';

export interface PageCodec {
  readonly compression: 'zstd' | 'uncompressed';
  readonly level?: number | undefined;
}

export const CODEC_NUMBERS = { uncompressed: 0, zstd: 6 } as const;

/** Numbers of the encodings. */
export const ENCODING = {
  plain: 0,
  rle: 3,
  deltas: 5,
  deltaLengths: 6,
  dictionary: 8,
  split: 9,
} as const;

/** The least and the greatest value of a chunk, encoded. */
export type Bounds = readonly [least: Uint8Array, most: Uint8Array];

/** Values of a page, encoded, and the dictionary that they are numbers of. */
export interface EncodedValues {
  readonly encoding: number;
  readonly bytes: Uint8Array;
  /** Null: unknown, or there are none but NaN. */
  readonly bounds: Bounds | null;
  readonly dictionary?: { readonly entries: number; readonly bytes: Uint8Array };
}

export interface Page {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly bytes: number;
  readonly uncompressedBytes: number;
}

/** A page of `rows` rows of a column that may have nulls; `levels`: whether each has a value, null: all have. */
export function dataPage(
  rows: number,
  levels: Uint8Array | null,
  { encoding, bytes }: EncodedValues,
  codec: PageCodec,
): Page {
  const body = joined(levelBytes(levels, rows), bytes);
  const about = (writer: ThriftWriter) => {
    writer.field(0, 1, THRIFT.i32).zigzag(rows).field(1, 2, THRIFT.i32).zigzag(encoding);
    writer
      .field(2, 3, THRIFT.i32)
      .zigzag(ENCODING.rle)
      .field(3, 4, THRIFT.i32)
      .zigzag(ENCODING.rle);
  };
  // Of numbers that are encoded level 1 leaves as much as the usual one, sooner.
  const isNumber = encoding === ENCODING.split || encoding === ENCODING.deltas;
  const level = codec.level ?? (isNumber ? 1 : undefined);
  return page({ type: 0, field: 5, about }, body, { ...codec, level });
}

export function dictionaryPage(
  { entries, bytes }: NonNullable<EncodedValues['dictionary']>,
  codec: PageCodec,
): Page {
  const about = (writer: ThriftWriter) => {
    writer.field(0, 1, THRIFT.i32).zigzag(entries);
    writer.field(1, 2, THRIFT.i32).zigzag(ENCODING.plain);
  };
  return page({ type: 2, field: 7, about }, bytes, codec);
}

interface PageKind {
  readonly type: number;
  /** Of the page header: where what is said about this kind of page stands. */
  readonly field: number;
  readonly about: (writer: ThriftWriter) => void;
}

function page({ type, field, about }: PageKind, body: Uint8Array, codec: PageCodec): Page {
  const packed = compressed(body, codec);
  const writer = new ThriftWriter().field(0, 1, THRIFT.i32).zigzag(type);
  writer.field(1, 2, THRIFT.i32).zigzag(body.length);
  writer.field(2, 3, THRIFT.i32).zigzag(packed.length);
  about(writer.field(3, field, THRIFT.struct));
  const header = writer.stop().stop().bytes();
  return {
    header,
    body: packed,
    bytes: header.length + packed.length,
    uncompressedBytes: header.length + body.length,
  };
}

function compressed(body: Uint8Array, { compression, level }: PageCodec): Uint8Array {
  if (compression === 'uncompressed') return body.slice();
  const params = level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level };
  // Room for all of it at once, as it grows by less than a hundredth at most.
  const chunkSize = Math.ceil(1.01 * body.length) + 128;
  return zstdCompressSync(body, { params, chunkSize });
}

/** Definition levels, with their length before them. */
function levelBytes(levels: Uint8Array | null, rows: number): Uint8Array {
  const packed = new ThriftWriter();
  if (levels === null) {
    packed.varint(2 * rows).byte(1);
  } else {
    const bits = new Uint8Array(Math.ceil(rows / 8));
    inBlocks(bits.length, (from, to) => packBits(levels, from, to, bits));
    packed.varint(2 * bits.length + 1).raw(bits);
  }
  const out = new Uint8Array(4 + packed.length);
  new DataView(out.buffer).setUint32(0, packed.length, true);
  out.set(packed.bytes(), 4);
  return out;
}

function packBits(levels: Uint8Array, from: number, to: number, bits: Uint8Array): void {
  for (let k = from; k < to; k++) {
    const row = 8 * k;
    let byte = 0;
    // Beyond the last row there is nothing, which counts as 0.
    for (let b = 0; b < 8; b++) byte |= levels[row + b]! << b;
    bits[k] = byte;
  }
}

/** Pages are put together in it, one after the other. */
const bodyBytes = new KeptBytes();

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const body = bodyBytes.take(first.length + second.length);
  body.set(first);
  body.set(second, first.length);
  return body;
}
