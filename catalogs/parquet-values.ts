/**
 * Whole flat columns of eight bytes a value, straight out of a local Parquet file: positions and indices, which most
 * tasks read whole. DuckDB decodes them quickly, but takes longer to hand them over. What is not simple (nulls, other
 * types, rare encodings, damage) is left to it.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadata,
  parquetSchema,
  type RowGroup,
  type SchemaElement,
} from 'hyparquet';
import { CrosshatchError } from '../partitioning/error.ts';
import { chunkStart, TAIL_BYTES } from './parquet-footer.ts';
import { FOOTER_TAIL_BYTES, metadataLength } from './parquet-footer-parts.ts';
import { decodeChunk } from './parquet-pages.ts';

/** Longer footers, of thousands of columns and row groups, cost more to take apart here than the database takes. */
const MOST_FOOTER_BYTES = 1 << 20;

/** A column, and what it must be in the file. */
export interface WantedColumn {
  readonly name: string;
  readonly type: 'DOUBLE' | 'BIGINT';
}

/** Row groups by what their statistics say of a column of long integers; those that say nothing, or of nulls, are read. */
export interface GroupChoice {
  readonly column: string;
  readonly mayHold: (least: bigint, most: bigint) => boolean;
}

/** Row groups that are read, by the number of their first row. */
export interface RowSpan {
  readonly firstRow: number;
  readonly rows: number;
}

/** Columns of a file that can be read in this way. */
export interface OpenColumns {
  /** Rows of the whole file. */
  readonly fileRows: number;
  readonly spans: readonly RowSpan[];
  /**
   * All values of the columns, in their order, eight bytes for each row of the spans; null where they cannot be read
   * in this way after all.
   *
   * @param checkStop called now and then; what it throws is passed on
   */
  read(checkStop: () => void): ArrayBuffer[] | null;
  close(): void;
}

/** Looks at the footer; null where some of the columns cannot be read in this way, for whatever reason. */
export function openColumns(
  path: string,
  wanted: readonly WantedColumn[],
  choice?: GroupChoice,
): OpenColumns | null {
  const file = openFile(path);
  if (file === null) return null;
  const plan = orNull(() => planOf(file, wanted, choice));
  if (plan !== null) {
    return {
      fileRows: plan.fileRows,
      spans: plan.groups,
      read: (checkStop) => orNull(() => readPlanned(file, plan, checkStop)),
      close: () => closeSync(file.fd),
    };
  }
  closeSync(file.fd);
  return null;
}

/** False where the statistics of all row groups say that no value of a column is null. */
export function mayHoldNulls(path: string, column: string): boolean {
  const file = openFile(path);
  if (file === null) return true;
  try {
    const metadata = orNull(() => readMetadata(file));
    return metadata?.row_groups.every((group) => hasNoNulls(group, column)) !== true;
  } finally {
    closeSync(file.fd);
  }
}

/** Null for every error but a stop: whoever reads the file instead says better what is wrong with it. */
function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof CrosshatchError) throw error;
    return null;
  }
}

interface Plan {
  readonly fileRows: number;
  readonly groups: readonly (RowSpan & { readonly group: RowGroup })[];
  readonly columns: readonly { readonly name: string; readonly isOptional: boolean }[];
}

function planOf(
  file: OpenFile,
  wanted: readonly WantedColumn[],
  choice: GroupChoice | undefined,
): Plan | null {
  const metadata = readMetadata(file);
  if (metadata === null) return null;
  const inFile = parquetSchema(metadata).children.map(({ element }) => element);
  const columns: { name: string; isOptional: boolean }[] = [];
  for (const column of wanted) {
    const isOptional = optionalityOf(inFile, column);
    if (isOptional === null) return null;
    columns.push({ name: column.name, isOptional });
  }
  const groups: (RowSpan & { group: RowGroup })[] = [];
  let firstRow = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    if (choice === undefined || isChosen(group, choice)) groups.push({ firstRow, rows, group });
    firstRow += rows;
  }
  return firstRow === Number(metadata.num_rows) ? { fileRows: firstRow, groups, columns } : null;
}

function isChosen(group: RowGroup, { column, mayHold }: GroupChoice): boolean {
  const data = dataOf(group, column);
  const { min_value: least, max_value: most } = data?.statistics ?? {};
  if (data?.type !== 'INT64' || typeof least !== 'bigint' || typeof most !== 'bigint') return true;
  return mayHold(least, most) || !hasNoNulls(group, column);
}

function hasNoNulls(group: RowGroup, column: string): boolean {
  const count = dataOf(group, column)?.statistics?.null_count;
  return count !== undefined && Number(count) === 0;
}

function dataOf({ columns }: RowGroup, name: string): ColumnMetaData | undefined {
  return columns.find(({ meta_data }) => isColumn(meta_data, name))?.meta_data;
}

function readPlanned(
  file: OpenFile,
  { groups, columns }: Plan,
  checkStop: () => void,
): ArrayBuffer[] | null {
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const read: ArrayBuffer[] = [];
  for (const column of columns) {
    const values = new ArrayBuffer(8 * rows);
    if (!fillColumn(file, groups, column, values, checkStop)) return null;
    read.push(values);
  }
  return read;
}

interface OpenFile {
  readonly fd: number;
  readonly size: number;
}

function openFile(path: string): OpenFile | null {
  try {
    const fd = openSync(path, 'r');
    return { fd, size: fstatSync(fd).size };
  } catch {
    return null;
  }
}

/** Larger chunks get memory of their own, which goes with them. */
const MOST_KEPT_BYTES = 1 << 24;

/** Chunks are read into the same memory, one after the other: fresh pages cost as much as the reading. */
let chunkBytes = new Uint8Array(0);

/** Null where the file ends too early. What `into` gives for the length is overwritten by the next call for it. */
function readBytes(
  { fd, size }: OpenFile,
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

function chunkOf(length: number): Uint8Array {
  if (length > MOST_KEPT_BYTES) return new Uint8Array(length);
  if (chunkBytes.length < length) chunkBytes = new Uint8Array(Math.ceil(1.1 * length));
  return chunkBytes.subarray(0, length);
}

function readMetadata(file: OpenFile): FileMetaData | null {
  let tail = readBytes(file, Math.max(0, file.size - TAIL_BYTES), file.size);
  if (tail === null) return null;
  const length = metadataLength(tail) + FOOTER_TAIL_BYTES;
  if (length > MOST_FOOTER_BYTES) return null;
  if (length > tail.length) tail = readBytes(file, file.size - length, file.size);
  return tail === null ? null : parquetMetadata(tail, { geoparquet: false });
}

/** Whether its values may be null; null where it is not a flat column of that type, alone of its name. */
function optionalityOf(
  inFile: readonly SchemaElement[],
  { name, type }: WantedColumn,
): boolean | null {
  // The database takes names that differ in their case for one.
  const alike = inFile.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  const [element] = alike;
  if (alike.length !== 1 || element?.name !== name || !isOfType(element, type)) return null;
  if (element.repetition_type === 'REQUIRED') return false;
  return element.repetition_type === 'OPTIONAL' ? true : null;
}

function isOfType(element: SchemaElement, type: WantedColumn['type']): boolean {
  const { type: stored, converted_type: converted, logical_type: logical } = element;
  if (type === 'DOUBLE') {
    return stored === 'DOUBLE' && converted === undefined && logical === undefined;
  }
  const isWhole =
    logical === undefined || (logical.type === 'INTEGER' && logical.isSigned === true);
  return stored === 'INT64' && isWhole && (converted === undefined || converted === 'INT_64');
}

function fillColumn(
  file: OpenFile,
  groups: Plan['groups'],
  { name, isOptional }: { readonly name: string; readonly isOptional: boolean },
  values: ArrayBuffer,
  checkStop: () => void,
): boolean {
  let row = 0;
  for (const { rows, group } of groups) {
    const chunk = group.columns.find(({ meta_data }) => isColumn(meta_data, name));
    const data = chunk?.meta_data;
    if (data === undefined || chunk?.file_path !== undefined) return false;
    const start = chunkStart(data);
    const end = start + Number(data.total_compressed_size);
    const bytes = readBytes(file, start, end, chunkOf);
    if (bytes === null || 8 * (row + rows) > values.byteLength) return false;
    const target = new Uint8Array(values, 8 * row, 8 * rows);
    if (!decodeChunk(bytes, data.codec, isOptional, target, checkStop)) return false;
    row += rows;
  }
  return 8 * row === values.byteLength;
}

function isColumn(data: ColumnMetaData | undefined, name: string): boolean {
  return data?.path_in_schema.length === 1 && data.path_in_schema[0] === name;
}
