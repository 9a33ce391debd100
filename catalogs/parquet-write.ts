/** Parquet files of encoded column chunks. Numbers of fields are those of parquet.thrift. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { EncodedChunk } from './parquet-encode.ts';
import { footerTail, joinFooter, MAGIC } from './parquet-footer-parts.ts';
import { CODEC_NUMBERS, type PageCodec } from './parquet-page-write.ts';
import { emptyFooter, PHYSICAL } from './parquet-schema-write.ts';
import { THRIFT, ThriftWriter } from './parquet-thrift.ts';
import { plainType } from './plain-type.ts';
import type { Column } from './types.ts';
import { VERSION } from './version.ts';
import { writeError } from './write-error.ts';

/** One row group: a chunk of each column. */
export type EncodedGroup = readonly EncodedChunk[];

/**
 * A file of flat columns in the making; chunks are encoded for the types of its columns with its codec. Everything throws the
 * `storage` error; what was written until then stays.
 */
export class GroupWriter {
  readonly #path: string;
  readonly #columns: readonly Column[];
  readonly #codec: PageCodec;
  #fd: number | null;
  readonly #groups: Uint8Array[] = [];
  #rows = 0;
  #at = 0;

  constructor(path: string, columns: readonly Column[], codec: PageCodec) {
    this.#path = path;
    this.#columns = columns;
    this.#codec = codec;
    this.#fd = this.#try(() => openSync(path, 'w'));
  }

  add(group: EncodedGroup): void {
    this.#begin();
    const place = { start: this.#at, number: this.#groups.length };
    this.#groups.push(rowGroup(this.#columns, group, this.#codec, place));
    this.#rows += group[0]?.rows ?? 0;
    this.#write(group.flatMap(({ parts }) => parts));
  }

  /** Writes the footer and closes the file. */
  end(): void {
    this.#begin();
    const footer = emptyFooter(this.#columns, `crosshatch version ${VERSION}`);
    const metadata = joinFooter({ ...footer, rows: this.#rows, rowGroups: this.#groups });
    this.#write([metadata, footerTail(metadata.length)]);
    this.close();
  }

  /** Closes the file as it is, once. */
  close(): void {
    const fd = this.#fd;
    // Also where that fails: its number may be another file's by now.
    this.#fd = null;
    if (fd !== null) this.#try(() => closeSync(fd));
  }

  #begin(): void {
    if (this.#at === 0) this.#write([MAGIC]);
  }

  #write(parts: readonly Uint8Array[]): void {
    this.#try(() => {
      for (const part of parts) {
        for (let at = 0; at < part.length; ) at += writeSync(this.#fd!, part, at);
        this.#at += part.length;
      }
    });
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw writeError(error, this.#path);
    }
  }
}

function rowGroup(
  columns: readonly Column[],
  group: EncodedGroup,
  codec: PageCodec,
  { start, number }: { readonly start: number; readonly number: number },
): Uint8Array {
  const writer = new ThriftWriter().field(0, 1, THRIFT.list).list(THRIFT.struct, group.length);
  let at = start;
  let uncompressed = 0;
  for (const [i, chunk] of group.entries()) {
    columnChunk(writer, columns[i]!, chunk, codec, at);
    at += chunk.bytes;
    uncompressed += chunk.uncompressedBytes;
  }
  writer.field(1, 2, THRIFT.i64).zigzag(uncompressed);
  writer.field(2, 3, THRIFT.i64).zigzag(group[0]?.rows ?? 0);
  writer.field(3, 5, THRIFT.i64).zigzag(start);
  writer.field(5, 6, THRIFT.i64).zigzag(at - start);
  return writer.field(6, 7, THRIFT.i16).zigzag(number).stop().bytes();
}

function columnChunk(
  writer: ThriftWriter,
  { name, type }: Column,
  chunk: EncodedChunk,
  { compression }: PageCodec,
  start: number,
): void {
  // What once told where the metadata are that follow here.
  writer.field(0, 2, THRIFT.i64).zigzag(0).field(2, 3, THRIFT.struct);
  writer.field(0, 1, THRIFT.i32).zigzag(PHYSICAL[plainType(type)!.physical]);
  writer.field(1, 2, THRIFT.list).list(THRIFT.i32, chunk.encodings.length);
  for (const encoding of chunk.encodings) writer.zigzag(encoding);
  writer.field(2, 3, THRIFT.list).list(THRIFT.binary, 1).text(name);
  writer.field(3, 4, THRIFT.i32).zigzag(CODEC_NUMBERS[compression]);
  writer.field(4, 5, THRIFT.i64).zigzag(chunk.rows);
  writer.field(5, 6, THRIFT.i64).zigzag(chunk.uncompressedBytes);
  writer.field(6, 7, THRIFT.i64).zigzag(chunk.bytes);
  writer.field(7, 9, THRIFT.i64).zigzag(start + chunk.dictionaryBytes);
  if (chunk.dictionaryBytes > 0) writer.field(9, 11, THRIFT.i64).zigzag(start);
  writer.field(chunk.dictionaryBytes > 0 ? 11 : 9, 12, THRIFT.struct);
  writer.field(0, 3, THRIFT.i64).zigzag(chunk.nulls);
  if (chunk.bounds !== null) {
    const [least, most] = chunk.bounds;
    writer.field(3, 5, THRIFT.binary).binary(most).field(5, 6, THRIFT.binary).binary(least);
  }
  writer.stop().stop().stop();
}
