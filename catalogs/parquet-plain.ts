/**
 * Columns of flat types out of a local Parquet file, with their nulls, row group by row group. What is not simple (rare
 * encodings and codecs, damage) is left to the database.
 */
import { type ColumnMetaData, parquetSchema, type RowGroup, type SchemaElement } from 'hyparquet';
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
  readonly groups: readonly RowGroup[];
  /** Number of the first row of each row group and, last, of all rows. */
  readonly starts: readonly number[];
  /** Names and DuckDB types of all columns, in the file's order. */
  readonly columns: readonly Column[];
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

interface Held {
  readonly type: string;
  readonly isOptional: boolean;
}

function plainFile(file: LocalFile): PlainFile | null {
  const metadata = readMetadata(file);
  if (metadata === null) return null;
  const { row_groups: groups } = metadata;
  const starts = [0];
  for (const { num_rows } of groups) starts.push(starts.at(-1)! + Number(num_rows));
  if (starts.at(-1) !== Number(metadata.num_rows)) return null;
  const { columns } = parquetSchemaOf(metadata.schema);
  // Damage may have taken a name away.
  if (columns.some(({ name }) => name === undefined)) return null;
  const elements = parquetSchema(metadata).children.map(({ element }) => element);
  const known = new Map<string, Held | null>();
  // Of hundreds of columns few are asked for.
  const held = (name: string): Held | null => {
    if (!known.has(name))
      known.set(
        name,
        orNull(() => heldColumn(name, columns, elements, groups)),
      );
    return known.get(name)!;
  };
  return {
    groups,
    starts,
    columns,
    holds: (name, type) => held(name)?.type === type,
    read: (name, group, target, checkStop) => {
      const column = { name, isOptional: held(name)!.isOptional };
      return orNull(() => decodeColumn(file, groups[group]!, column, target, checkStop)) ?? false;
    },
    close: () => closeLocal(file),
  };
}

/** Null for what is no flat column, alone of its name, of a type that is held as it is written. */
function heldColumn(
  name: string,
  columns: readonly Column[],
  elements: readonly SchemaElement[],
  groups: readonly RowGroup[],
): Held | null {
  // The database takes names that differ in their case for one.
  const alike = elements.filter((element) => element.name.toLowerCase() === name.toLowerCase());
  const [element] = alike;
  if (alike.length !== 1 || element?.name !== name) return null;
  const { type } = columns[elements.indexOf(element)]!;
  const plain = plainType(type);
  if (plain === null || !isHeldAs(plain, element)) return null;
  const repetition = element.repetition_type;
  if (repetition !== 'REQUIRED' && repetition !== 'OPTIONAL') return null;
  if (!groups.every((group) => isSimple(dataOf(group, name)))) return null;
  return { type, isOptional: repetition === 'OPTIONAL' };
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
