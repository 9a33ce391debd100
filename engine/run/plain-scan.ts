/** Columns of a scan for rows that are known by their numbers, straight from the files, where these are simple. */
import type { ColumnValues } from '../../catalogs/parquet-encode.ts';
import { openPlain, type PlainFile } from '../../catalogs/parquet-plain.ts';
import { plainType } from '../../catalogs/plain-type.ts';
import { TextHeap } from '../../catalogs/text-heap.ts';
import type { ScanSpec } from '../task.ts';
import {
  chooseGroups,
  type NumberedRows,
  placeGroups,
  placesOf,
  type ReadFile,
  type RowRange,
  rowsIn,
} from './plain-rows.ts';
import { isBeyond, type PlacedFile } from './relation.ts';

/** Memory that columns are decoded into, one after the other. */
export interface DecodeMemory {
  words: Int32Array<ArrayBuffer>;
  valid: Uint8Array<ArrayBuffer>;
  /** Whether `valid` has other values than 1. */
  hasNulls: boolean;
}

/** For so many values at a time. */
export function decodeMemory(values: number): DecodeMemory {
  return { words: new Int32Array(2 * values), valid: new Uint8Array(values), hasNulls: true };
}

export interface PlainScan {
  /** For each row the place of its values among those that are read, −1 for no row; null: row i has value i. */
  readonly places: Int32Array | null;
  /** Whether a row has no values. */
  readonly mayMiss: boolean;
  /** How many values are read of each column. */
  readonly length: number;
  /**
   * The values of a column; too large where there are more texts than those; null where they cannot be read in this way
   * after all. They are overwritten by the next column that is read into that memory.
   *
   * @param textBytes most bytes of texts
   */
  read(
    name: string,
    memory: DecodeMemory,
    textBytes: number,
    checkStop: () => void,
  ): ColumnValues | 'too large' | null;
  close(): void;
}

/** Rows of a scan. */
export interface ScanRows {
  readonly spec: Pick<ScanSpec, 'allColumns' | 'columns'>;
  readonly files: readonly PlacedFile[];
  /** Their numbers, −1 for no row; null: all rows, in their order. */
  readonly ids: Int32Array | null;
}

/** All rows of the files, one after the other; null where one of these is not simple. */
export function plainRows(paths: readonly string[]): ScanRows | null {
  const files: PlacedFile[] = [];
  let columns: ScanRows['spec']['columns'] | null = null;
  let firstRow = 0;
  for (const path of paths) {
    const file = openPlain(path);
    if (file === null) return null;
    const rows = file.starts.at(-1)!;
    files.push({ path, firstRow, rows, isCut: false });
    columns ??= file.columns;
    firstRow += rows;
    file.close();
  }
  return columns === null ? null : { files, ids: null, spec: { columns, allColumns: columns } };
}

/** The columns `names` of those of the rows that are in the range; null where only the database can read them. */
export function openPlainScan(
  { spec, files, ids }: ScanRows,
  names: readonly string[],
  range: RowRange,
): PlainScan | null {
  const opened: PlainFile[] = [];
  const close = () => {
    for (const file of opened) file.close();
  };
  try {
    const scan = openAll(spec, files, names, opened);
    if (scan !== null) return readable({ spec, files, ids }, scan, range, close);
  } catch (error) {
    close();
    throw error;
  }
  close();
  return null;
}

interface OpenScan {
  readonly read: readonly ReadFile[];
  readonly numbers: readonly NumberedRows[];
}

function readable(
  { spec, ids }: ScanRows,
  { read, numbers }: OpenScan,
  range: RowRange,
  close: () => void,
): PlainScan {
  const rows = rowsIn({ read, numbers }, ids, range);
  chooseGroups(read, rows);
  const length = placeGroups(read);
  const types = new Map(spec.allColumns.map(({ name, type }) => [name, type]));
  return {
    places: rows === null ? null : placesOf(read, rows),
    mayMiss: rows?.includes(-1) === true,
    length,
    read: (name, memory, textBytes, checkStop) =>
      readColumn(read, length, [name, types.get(name)!], memory, textBytes, checkStop),
    close,
  };
}

/** Row numbers are 32-bit integers. */
const MOST_ROWS = 2 ** 31;

/** Null where a file is not simple. Those that are open go to `opened`. */
function openAll(
  spec: ScanRows['spec'],
  files: readonly PlacedFile[],
  names: readonly string[],
  opened: PlainFile[],
): OpenScan | null {
  // What edge files lack, only the database finds again.
  if (
    isBeyond(
      spec,
      names.map((column) => ({ column })),
    )
  )
    return null;
  const read: ReadFile[] = [];
  const numbers: NumberedRows[] = [];
  let firstRow = 0;
  for (const { path, firstRow: from, rows } of files) {
    const file = openPlain(path);
    if (file === null) return null;
    opened.push(file);
    if (!holdsAll(spec, file, names)) return null;
    numbers.push({ from, to: from + rows, firstRow });
    read.push({ file, firstRow, groups: [0, 0], place: 0 });
    firstRow += file.starts.at(-1)!;
    if (firstRow >= MOST_ROWS) return null;
  }
  return { read, numbers };
}

/** What the database calls its row numbers: it refuses a file that has such a column, whatever is wanted of it. */
const DATABASE_ROW = 'file_row_number';

function holdsAll(spec: ScanRows['spec'], file: PlainFile, names: readonly string[]): boolean {
  if (file.columns.some(({ name }) => name.toLowerCase() === DATABASE_ROW)) return false;
  return names.every((name) => {
    const column = spec.allColumns.find((candidate) => candidate.name === name);
    return column !== undefined && file.holds(name, column.type);
  });
}

function readColumn(
  files: readonly ReadFile[],
  length: number,
  [name, typeName]: readonly [name: string, type: string],
  memory: DecodeMemory,
  textBytes: number,
  checkStop: () => void,
): ColumnValues | 'too large' | null {
  const { width, form } = plainType(typeName)!;
  const texts = form === 'text' ? new TextHeap(textBytes) : undefined;
  const words = memory.words.subarray(0, (length * width) / 4);
  if (memory.hasNulls) memory.valid.fill(1);
  const valid = memory.valid.subarray(0, length);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const target = { width, ...(form === 'number' ? {} : { form: texts ?? ('boolean' as const) }) };
  for (const { file, groups, place } of files) {
    for (let group = groups[0]; group < groups[1]; group++) {
      const from = place + file.starts[group]!;
      const to = place + file.starts[group + 1]!;
      const values = bytes.subarray(width * from, width * to);
      const part = { ...target, values, valid: valid.subarray(from, to) };
      if (!file.read(name, group, part, checkStop)) return texts?.isFull ? 'too large' : null;
    }
  }
  memory.hasNulls = valid.includes(0);
  return { words, valid: memory.hasNulls ? valid : null, texts };
}
