/** SQL text for reading the files of a scan, with the dataset's column names and types and a row number. */
import type { ExpressionInput } from '../expression/expression.ts';
import { nestOf } from '../expression/nest-type.ts';
import { quoteName, quoteText } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';
import type { StoredColumn } from './leaves.ts';

/** A file of a scan in a cell, and the number its first row has in the scan. */
export interface PlacedFile {
  readonly path: string;
  readonly firstRow: number;
  readonly rows: number;
  /** For an edge file: where its rows come from, with all their columns. */
  readonly sources?: readonly string[];
}

/** Name of the row-number column in the relations made here, beside aliases that cannot be called so. */
export const ROW_NUMBER = '__crosshatch_row';

/** Column of an edge file: the number of each row in the partition that it was copied from. */
export const SOURCE_ROW = '__crosshatch_source_row';

/**
 * `read_parquet(…)` over one leaf with the dataset's schema: columns that the leaf lacks become null, because the
 * schema-only file, read along, has them. Hive folders never become columns.
 */
export function leafRelation(spec: ScanSpec, path: string): string {
  const files =
    spec.schemaFile === undefined
      ? `[${quoteText(path)}]`
      : `[${quoteText(spec.schemaFile)}, ${quoteText(path)}]`;
  const byName = spec.schemaFile === undefined ? '' : ', union_by_name=true';
  return `read_parquet(${files}, hive_partitioning=false, file_row_number=true${byName})`;
}

/** A stored column, or one list of a nested one, with the dataset's type: type drift between leaves cannot show. */
function castColumn(spec: ScanSpec, { column, field }: StoredColumn): string {
  const type = columnType(spec, column);
  if (field === undefined) return `${quoteName(column)}::${type}`;
  const { form, fields } = nestOf(type)!;
  const element = fields.find(({ name }) => name === field)!.type;
  // Of a struct the reader then reads that field only.
  const list =
    form === 'lists'
      ? `struct_extract(${quoteName(column)}, ${quoteText(field)})`
      : `list_transform(${quoteName(column)}, lambda e: struct_extract(e, ${quoteText(field)}))`;
  return `${list}::${element}[]`;
}

function storedType(spec: ScanSpec, { column, field }: StoredColumn): string {
  const type = columnType(spec, column);
  if (field === undefined) return type;
  return `${nestOf(type)!.fields.find(({ name }) => name === field)!.type}[]`;
}

function columnType(spec: ScanSpec, name: string): string {
  const column = spec.allColumns.find((c) => c.name === name);
  if (column === undefined) throw new Error(`column ${name} is not in the scan of ${spec.label}`);
  return column.type;
}

/** Some columns of a leaf under their own names and types, and what expressions name, for filters to refer to. */
export function typedLeaf(
  spec: ScanSpec,
  path: string,
  columns: readonly string[],
  inputs: readonly ExpressionInput[],
): string {
  const stored = new Map<string, StoredColumn>(columns.map((column) => [column, { column }]));
  const computed = new Map<string, string>();
  const visit = (input: ExpressionInput): void => {
    if (!('sql' in input)) {
      stored.set(input.name, input);
      return;
    }
    input.inputs.forEach(visit);
    computed.set(input.name, input.sql);
  };
  inputs.forEach(visit);
  const list = [...stored].map(([name, of]) => `${castColumn(spec, of)} AS ${quoteName(name)}`);
  let sql = `(SELECT ${[...list, 'file_row_number'].join(', ')} FROM ${leafRelation(spec, path)})`;
  for (const [name, value] of computed)
    sql = `(SELECT *, ${value} AS ${quoteName(name)} FROM ${sql})`;
  return sql;
}

/** SQL of a relation whose columns are called c0, c1, …, beside {@link ROW_NUMBER}. */
export interface Relation {
  readonly sql: string;
  /** How many columns it has. */
  readonly columns: number;
}

/**
 * All files of a scan as one relation. Without files it has no rows: a left join meets cells to which the right side
 * has nothing to give.
 */
export function scanRelation(
  spec: ScanSpec,
  files: readonly PlacedFile[],
  stored: readonly StoredColumn[],
): Relation {
  const columns = stored.length;
  if (files.length === 0) return { sql: emptyRelation(spec, stored), columns };
  const list = stored.map((of, i) => `${castColumn(spec, of)} AS c${i}`);
  const kept = new Set(spec.columns.map(({ name }) => name));
  const beyond = stored.some(({ column }) => !kept.has(column));
  const parts = files.map((file) => {
    if (beyond && file.sources !== undefined) return sourceRelation(spec, file, stored);
    const row = file.firstRow === 0 ? 'file_row_number' : `file_row_number + ${file.firstRow}`;
    const select = [...list, `${row} AS ${ROW_NUMBER}`].join(', ');
    return `SELECT ${select} FROM ${leafRelation(spec, file.path)}`;
  });
  return { sql: parts.join(' UNION ALL '), columns };
}

/** The rows of an edge file out of the partition that they were copied from: it has the columns that were not. */
function sourceRelation(spec: ScanSpec, file: PlacedFile, stored: readonly StoredColumn[]): string {
  let firstRow = '0';
  const wholes = file.sources!.map((path) => {
    const list = stored.map((of, i) => `${castColumn(spec, of)} AS c${i}`);
    const row = `file_row_number + ${firstRow} AS row`;
    firstRow += ` + (SELECT num_rows FROM parquet_file_metadata(${quoteText(path)}))`;
    return `SELECT ${[...list, row].join(', ')} FROM ${leafRelation(spec, path)}`;
  });
  const list = stored.map((_, i) => `w.c${i} AS c${i}`);
  const row = `e.file_row_number + ${file.firstRow} AS ${ROW_NUMBER}`;
  return (
    `SELECT ${[...list, row].join(', ')} FROM (${wholes.join(' UNION ALL ')}) w ` +
    `JOIN read_parquet(${quoteText(file.path)}, hive_partitioning=false, file_row_number=true) e ` +
    `ON w.row = e.${SOURCE_ROW}`
  );
}

/** No files, as for a left join where the other side has no rows: the same columns and types, without rows. */
function emptyRelation(spec: ScanSpec, stored: readonly StoredColumn[]): string {
  const list = stored.map((of, i) => `NULL::${storedType(spec, of)} AS c${i}`);
  return `SELECT ${[...list, `0::BIGINT AS ${ROW_NUMBER}`].join(', ')} WHERE false`;
}

/** What user code of a step returned. */
export function madeRelation(
  table: string,
  step: number,
  names: readonly string[],
): Relation & { readonly prefix: string } {
  const list = names.map((name, i) => `${quoteName(name)} AS c${i}`);
  const sql = `SELECT ${[...list, ROW_NUMBER].join(', ')} FROM ${table}`;
  return { sql, columns: names.length, prefix: `m${step}` };
}
