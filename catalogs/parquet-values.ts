/**
 * Whole flat columns of eight bytes a value, straight out of a local Parquet file: positions and indices, which most
 * tasks read whole. DuckDB decodes them quickly, but takes longer to hand them over. What is not simple (nulls, other
 * types, rare encodings, damage) is left to it.
 */
import { parquetSchema, type RowGroup, type SchemaElement } from 'hyparquet';
import {
  closeLocal,
  dataOf,
  decodeColumn,
  hasNoNulls,
  type LocalFile,
  openLocal,
  orNull,
  readMetadata,
} from './parquet-local.ts';

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
  const file = openLocal(path);
  if (file === null) return null;
  const plan = orNull(() => planOf(file, wanted, choice));
  if (plan !== null) {
    return {
      fileRows: plan.fileRows,
      spans: plan.groups,
      read: (checkStop) => orNull(() => readPlanned(file, plan, checkStop)),
      close: () => closeLocal(file),
    };
  }
  closeLocal(file);
  return null;
}

/** False where the statistics of all row groups say that no value of a column is null. */
export function mayHoldNulls(path: string, column: string): boolean {
  const file = openLocal(path);
  if (file === null) return true;
  try {
    const metadata = orNull(() => readMetadata(file));
    return metadata?.row_groups.every((group) => hasNoNulls(group, column)) !== true;
  } finally {
    closeLocal(file);
  }
}

interface Plan {
  readonly fileRows: number;
  readonly groups: readonly (RowSpan & { readonly group: RowGroup })[];
  readonly columns: readonly { readonly name: string; readonly isOptional: boolean }[];
}

function planOf(
  file: LocalFile,
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

function readPlanned(
  file: LocalFile,
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
  file: LocalFile,
  groups: Plan['groups'],
  column: Plan['columns'][number],
  values: ArrayBuffer,
  checkStop: () => void,
): boolean {
  let row = 0;
  for (const { rows, group } of groups) {
    if (8 * (row + rows) > values.byteLength) return false;
    const bytes = new Uint8Array(values, 8 * row, 8 * rows);
    const target = { width: 8, values: bytes, valid: null } as const;
    if (!decodeColumn(file, group, column, target, checkStop)) return false;
    row += rows;
  }
  return 8 * row === values.byteLength;
}
