/** A local Parquet file opened to take column chunks out of it, past the database. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ColumnMetaData, type FileMetaData, parquetMetadata, type RowGroup } from 'hyparquet';
import { CrosshatchError } from '../partitioning/error.ts';
import { KeptBytes } from './kept-bytes.ts';
import { chunkStart, TAIL_BYTES } from './parquet-footer.ts';
import { FOOTER_TAIL_BYTES, metadataLength } from './parquet-footer-parts.ts';
import type { ChunkTarget } from './parquet-page-values.ts';
import { decodeChunk } from './parquet-pages.ts';

/** Longer footers, of thousands of columns and row groups, cost more to take apart here than the database takes. */
const MOST_FOOTER_BYTES = 1 << 20;

export interface LocalFile {
  readonly fd: number;
  readonly size: number;
}

/** Null for every error but a stop: whoever reads the file instead says better what is wrong with it. */
export function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof CrosshatchError) throw error;
    return null;
  }
}

export function openLocal(path: string): LocalFile | null {
  try {
    const fd = openSync(path, 'r');
    return { fd, size: fstatSync(fd).size };
  } catch {
    return null;
  }
}

export function closeLocal({ fd }: LocalFile): void {
  closeSync(fd);
}

/** Null where it is longer than usual, or no whole file. Throws where it is damaged. */
export function readMetadata(file: LocalFile): FileMetaData | null {
  let tail = readBytes(file, Math.max(0, file.size - TAIL_BYTES), file.size);
  if (tail === null) return null;
  const length = metadataLength(tail) + FOOTER_TAIL_BYTES;
  if (length > MOST_FOOTER_BYTES) return null;
  if (length > tail.length) tail = readBytes(file, file.size - length, file.size);
  return tail === null ? null : parquetMetadata(tail, { geoparquet: false });
}

/** What a row group says of a flat column. */
export function dataOf({ columns }: RowGroup, name: string): ColumnMetaData | undefined {
  return columns.find(({ meta_data }) => isColumn(meta_data, name))?.meta_data;
}

export function hasNoNulls(group: RowGroup, column: string): boolean {
  const count = dataOf(group, column)?.statistics?.null_count;
  return count !== undefined && Number(count) === 0;
}

function isColumn(data: ColumnMetaData | undefined, name: string): boolean {
  return data?.path_in_schema.length === 1 && data.path_in_schema[0] === name;
}

/** Decodes a flat column of a row group; false, or it throws, where it is not simple ({@link decodeChunk}). */
export function decodeColumn(
  file: LocalFile,
  group: RowGroup,
  { name, isOptional }: { readonly name: string; readonly isOptional: boolean },
  target: ChunkTarget,
  checkStop: () => void,
): boolean {
  const chunk = group.columns.find(({ meta_data }) => isColumn(meta_data, name));
  const data = chunk?.meta_data;
  if (data === undefined || chunk?.file_path !== undefined) return false;
  const start = chunkStart(data);
  const end = start + Number(data.total_compressed_size);
  const bytes = readBytes(file, start, end, (length) => chunkBytes.take(length));
  return bytes !== null && decodeChunk(bytes, data.codec, isOptional, target, checkStop);
}

/** Chunks are read into it, one after the other. */
const chunkBytes = new KeptBytes();

/** Null where the file ends too early. What `into` gives for the length is overwritten by the next call for it. */
function readBytes(
  { fd, size }: LocalFile,
  start: number,
  end: number,
  into: (length: number) => Uint8Array = (length) => new Uint8Array(length),
): Uint8Array | null {
  if (!(start >= 0 && start <= end && end <= size)) return null;
  const bytes = into(end - start);
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(fd, bytes, at, bytes.length - at, start + at);
    if (count === 0) return null;
    at += count;
  }
  return bytes;
}
