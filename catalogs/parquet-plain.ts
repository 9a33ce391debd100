/**
 * Columns of flat types out of a local Parquet file, with their nulls, row group by row group. What is not simple (rare
 * encodings and codecs, damage) is left to the database.
 */
import { type ColumnMetaData, parquetSchema, type RowGroup } from 'hyparquet';
import {
  closeLocal,
  dataOf,
  decodeColumn,
  type LocalFile,
  openLocal,
  orNull,
  readMetadata,
} from './parquet-local.ts';
import type { ChunkTarget } from './parquet-page-values.ts';
import { parquetSchemaOf } from './parquet-schema.ts';
import { isHeldAs, plainType } from './plain-type.ts';
import type { Column } from './types.ts';

export interface PlainFile {
  /** All columns in the file's order; null where one of them is not a column that it holds. */
  readonly columns: readonly Column[] | null;
  /** Number of the first row of each row group and, last, of all rows. */
  readonly starts: readonly number[];
  /** Whether it has a column of that name, and holds its values as values of that DuckDB type are written. */
  holds(name: string, type: string): boolean;
  /**
   * Decodes a column that it holds, of row group `group`, to `target`, which has the room of all its rows. False where
   * that is not simple after all.
   *
   * @param checkStop called now and then; what it throws is passed on
   */
  read(name: string, group: number, target: ChunkTarget, checkStop: () => void): boolean;
  close(): void;
}

/** Null where the file cannot be read in this way, for whatever reason. */
export function openPlain(path: string): PlainFile | null {
  const file = openLocal(path);
  if (file === null) return null;
  const opened = orNull(() => plainFile(file));
  if (opened === null) closeLocal(file);
  return opened;
}

/** What the database calls its row numbers. */
const DATABASE_ROW = 'file_row_number';

interface Held {
  readonly type: string;
  readonly isOptional: boolean;
}

function plainFile(file: LocalFile): PlainFile | null {
  const metadata = readMetadata(file);
  if (metadata === null) return null;
  const columns = heldColumns(metadata);
  const starts = [0];
  for (const { num_rows } of metadata.row_groups) starts.push(starts.at(-1)! + Number(num_rows));
  if (starts.at(-1) !== Number(metadata.num_rows)) return null;
  const all = parquetSchemaOf(metadata.schema).columns;
  return {
    columns: all.every(({ name }) => columns.has(name)) ? all : null,
    starts,
    holds: (name, type) => columns.get(name)?.type === type,
    read: (name, group, target, checkStop) => {
      const { isOptional } = columns.get(name)!;
      const from: RowGroup = metadata.row_groups[group]!;
      const column = { name, isOptional };
      return orNull(() => decodeColumn(file, from, column, target, checkStop)) ?? false;
    },
    close: () => closeLocal(file),
  };
}

function heldColumns(metadata: NonNullable<ReturnType<typeof readMetadata>>): Map<string, Held> {
  const types = parquetSchemaOf(metadata.schema).columns;
  const elements = parquetSchema(metadata).children.map(({ element }) => element);
  const names = elements.map(({ name }) => name.toLowerCase());
  const held = new Map<string, Held>();
  // It refuses such a file: whether it is asked must not depend on what else is wanted.
  if (names.includes(DATABASE_ROW)) return held;
  for (const [i, element] of elements.entries()) {
    const { type } = types[i]!;
    const plain = plainType(type);
    const repetition = element.repetition_type;
    // The database takes names that differ in their case for one.
    const isAlone = names.indexOf(names[i]!) === names.lastIndexOf(names[i]!);
    if (!isAlone || plain === null || !isHeldAs(plain, element)) continue;
    if (repetition !== 'REQUIRED' && repetition !== 'OPTIONAL') continue;
    if (!metadata.row_groups.every((group) => isSimple(dataOf(group, element.name)))) continue;
    held.set(element.name, { type, isOptional: repetition === 'OPTIONAL' });
  }
  return held;
}

const CODECS: ReadonlySet<string> = new Set(['ZSTD', 'SNAPPY', 'UNCOMPRESSED']);

/** What `decodeChunk` does not know at all; of the others it knows most. */
const STRANGE: ReadonlySet<string> = new Set(['DELTA_BYTE_ARRAY']);

function isSimple(data: ColumnMetaData | undefined): boolean {
  return (
    data !== undefined &&
    CODECS.has(data.codec) &&
    !data.encodings.some((encoding) => STRANGE.has(encoding))
  );
}
