/** Footers of Parquet files as plain data: rows, sizes, places and statistics of the column chunks. */
import {
  type ColumnMetaData,
  type ColumnChunk as FileChunk,
  type FileMetaData,
  type RowGroup as FileRowGroup,
  type MetadataOptions,
  parquetMetadata,
} from 'hyparquet';
import { type CrosshatchError, dataError, storageError } from '../partitioning/error.ts';
import { withFieldNotes } from './field-notes.ts';
import { parquetSchemaOf, type SchemaLeaf } from './parquet-schema.ts';
import { type Store, storeFor } from './store.ts';
import type { FileTail, ReadOptions } from './store-port.ts';
import type { Column } from './types.ts';

/**
 * A bound from the statistics: 64-bit integers as bigint, dates as days and timestamps as microseconds
 * (nanoseconds for TIMESTAMP_NS) since 1970.
 */
export type StatisticValue = number | bigint | string | boolean;

/** One column of one row group. */
export interface ColumnChunk {
  /** Top-level column. */
  readonly column: string;
  /** Dotted name as users write it: `lc.mag`. */
  readonly name: string;
  /** Dotted leaf path as the file has it: `lc.mag.list.element`. */
  readonly path: string;
  /** Where the chunk lies in its file: bytes [start, end). */
  readonly start: number;
  readonly end: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** Bounds of the values that are neither null nor NaN; absent where the file does not say. */
  readonly min?: StatisticValue;
  readonly max?: StatisticValue;
  readonly nullCount?: number;
}

export interface RowGroup {
  readonly rows: number;
  /** File of the row group relative to the footer's own directory; only `_metadata` files have it. */
  readonly file?: string;
  readonly columns: readonly ColumnChunk[];
}

export interface Footer {
  readonly rows: number;
  readonly rowGroups: readonly RowGroup[];
  readonly createdBy?: string;
  readonly keyValue: Readonly<Record<string, string>>;
  /** Top-level columns in file order, with units and descriptions where the file has them. */
  readonly schema: readonly Column[];
}

/** Enough for the footer of a usual leaf file, so that one read suffices. */
export const TAIL_BYTES = 1 << 16;
/** `PAR1`, little-endian. */
const MAGIC = 0x31524150;
/** `PARE`: the footer is encrypted. */
const ENCRYPTED_MAGIC = 0x45524150;

/**
 * Reads the footer of a Parquet file: one read of its tail, a second one where the footer is longer.
 * @param bytes size of the file, where it is known already
 * @throws the `data` error when the file is cut short or not Parquet, the `storage` error when it is missing
 */
export async function readFooter(
  path: string,
  store: Store = storeFor(path),
  bytes?: number,
): Promise<Footer> {
  return parseFooter((await readFooterBytes(path, store, bytes)).bytes, path);
}

/**
 * The closing bytes of a Parquet file that hold its footer, and what is known of the file.
 * @param bytes size of the file, where it is known already
 * @param tailBytes read at first: one read suffices where the footer is no longer
 * @throws as {@link readFooter} does
 */
export async function readFooterBytes(
  path: string,
  store: Store,
  bytes?: number,
  { tailBytes = TAIL_BYTES, ...options }: ReadOptions & { readonly tailBytes?: number } = {},
): Promise<FileTail> {
  const tail = await readTail(path, store, bytes, tailBytes, options);
  if (tail === undefined) throw storageError('no such file', path);
  const { size, etag } = tail.stat;
  if (size < 12) throw dataError(`not a Parquet file: it has only ${size} bytes`, path);
  const start = size - tail.bytes.length;
  const footerStart = size - footerBytes(tail.bytes, size, path);
  if (footerStart >= start) return tail;
  const rest = await store.readRange(path, footerStart, start, { ...options, etag });
  const whole = new Uint8Array(size - footerStart);
  whole.set(rest);
  whole.set(tail.bytes, rest.length);
  return { bytes: whole, stat: tail.stat };
}

async function readTail(
  path: string,
  store: Store,
  bytes: number | undefined,
  tailBytes: number,
  options: ReadOptions,
): Promise<FileTail | undefined> {
  if (store.readTail !== undefined) return store.readTail(path, tailBytes, options);
  const stat = bytes === undefined ? await store.stat(path) : { size: bytes };
  if (stat === undefined) return undefined;
  if (stat.size < 12) return { bytes: new Uint8Array(0), stat };
  const start = Math.max(0, stat.size - tailBytes);
  return { bytes: await store.readRange(path, start, stat.size, options), stat };
}

/** The footer at the end of `bytes` (a whole file or its tail). Throws like {@link readFooter}. */
export async function parseFooter(bytes: Uint8Array, where: string): Promise<Footer> {
  footerBytes(bytes, bytes.length, where);
  let metadata: FileMetaData;
  let schema: ReturnType<typeof parquetSchemaOf>;
  try {
    metadata = parquetMetadata(bytes, { parsers: RAW_VALUES, geoparquet: false });
    schema = parquetSchemaOf(metadata.schema);
  } catch (error) {
    throw unreadable((error as Error).message, where);
  }
  const keyValue: Record<string, string> = {};
  for (const { key, value } of metadata.key_value_metadata ?? []) keyValue[key] = value ?? '';
  return {
    rows: Number(metadata.num_rows),
    rowGroups: metadata.row_groups.map((group) => rowGroupOf(group, schema.leaves, where)),
    createdBy: metadata.created_by,
    keyValue,
    schema: await withFieldNotes(schema.columns, keyValue),
  };
}

/**
 * Compressed bytes of the given columns over all row groups: what reading them costs. A name is a top-level
 * column or a dotted part of one (`lc.mag`); without names, all columns.
 */
export function columnBytes(footer: Footer, columns?: readonly string[]): number {
  let bytes = 0;
  for (const group of footer.rowGroups) {
    for (const chunk of group.columns) {
      if (columns === undefined || columns.some((name) => isPartOf(chunk, name))) {
        bytes += chunk.compressedBytes;
      }
    }
  }
  return bytes;
}

function isPartOf(chunk: ColumnChunk, name: string): boolean {
  if (chunk.column === name || chunk.name === name) return true;
  return name.startsWith(`${chunk.column}.`) && chunk.name.startsWith(`${name}.`);
}

/** Length of the footer with its eight closing bytes. */
function footerBytes(tail: Uint8Array, fileBytes: number, where: string): number {
  if (tail.length < 8)
    throw dataError(`not a Parquet file: it has only ${tail.length} bytes`, where);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const magic = view.getUint32(tail.length - 4, true);
  if (magic === ENCRYPTED_MAGIC) throw unreadable('it is encrypted', where);
  if (magic !== MAGIC) {
    const hint = 'the file was cut short, is still being written, or is not Parquet';
    throw dataError('the file does not end with the mark of a Parquet file', where, hint);
  }
  const bytes = view.getUint32(tail.length - 8, true) + 8;
  if (bytes > fileBytes) {
    throw unreadable(`it claims ${bytes} bytes of a file of ${fileBytes}`, where);
  }
  return bytes;
}

function unreadable(reason: string, where: string): CrosshatchError {
  return dataError(`the Parquet footer cannot be read: ${reason}`, where);
}

/** Statistics as stored; what they mean is decided by the column's type below. */
const RAW_VALUES: MetadataOptions['parsers'] = {
  stringFromBytes: (bytes) => bytes,
  uuidFromBytes: (bytes) => bytes,
  dateFromDays: (days) => days,
  timestampFromMilliseconds: (value) => value * 1000n,
  timestampFromMicroseconds: (value) => value,
  timestampFromNanoseconds: (value) => value,
};

function rowGroupOf(group: FileRowGroup, leaves: readonly SchemaLeaf[], where: string): RowGroup {
  if (group.columns.length !== leaves.length) {
    const reason = `a row group has ${group.columns.length} of the ${leaves.length} columns`;
    throw unreadable(reason, where);
  }
  const file = group.columns[0]?.file_path;
  return {
    rows: Number(group.num_rows),
    ...(file === undefined ? {} : { file }),
    columns: group.columns.map((chunk, i) => chunkOf(chunk, leaves[i]!, where)),
  };
}

function chunkOf(chunk: FileChunk, leaf: SchemaLeaf, where: string): ColumnChunk {
  const data = chunk.meta_data;
  if (data === undefined) throw unreadable(`the column ${leaf.name} is encrypted`, where);
  const start = chunkStart(data);
  const compressedBytes = Number(data.total_compressed_size);
  const stats = data.statistics;
  const isOrdered = !/^(U[A-Z]+INT|UINTEGER|VARCHAR)$/.test(leaf.type);
  // The old min and max were compared as signed bytes: useless for text and unsigned numbers.
  const min = bound(stats?.min_value ?? (isOrdered ? stats?.min : undefined), leaf.type);
  const max = bound(stats?.max_value ?? (isOrdered ? stats?.max : undefined), leaf.type);
  return {
    column: leaf.path[0]!,
    name: leaf.name,
    path: leaf.path.join('.'),
    start,
    end: start + compressedBytes,
    compressedBytes,
    uncompressedBytes: Number(data.total_uncompressed_size),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(stats?.null_count === undefined ? {} : { nullCount: Number(stats.null_count) }),
  };
}

/** Where the first page of a chunk lies in its file. */
export function chunkStart(data: ColumnMetaData): number {
  const dataStart = Number(data.data_page_offset);
  const dictionaryStart = Number(data.dictionary_page_offset ?? 0);
  // Some writers store 0 for "no dictionary"; no page can lie at the very start of a file.
  return dictionaryStart > 0 ? Math.min(dictionaryStart, dataStart) : dataStart;
}

/** Types whose stored bounds compare as the values do; others (decimals, times, bytes) go without. */
const COMPARABLE =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|VARCHAR|DATE|TIMESTAMP|TIMESTAMP_NS)$/;

function bound(value: unknown, type: string): StatisticValue | undefined {
  if (value === undefined || !COMPARABLE.test(type)) return undefined;
  if (value instanceof Uint8Array) return type === 'VARCHAR' ? textBound(value) : undefined;
  return Number.isNaN(value) ? undefined : (value as StatisticValue);
}

/** Long texts are cut for the statistics, at any byte: a bound that is no longer text is none. */
function textBound(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
