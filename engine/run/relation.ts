/** SQL text for reading the files of a scan, with the dataset's column names and types and a row number. */
import type { ExpressionInput } from '../expression/expression.ts';
import { narrowestField, nestOf } from '../expression/nest-type.ts';
import { quoteName, quoteText } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';
import type { LeafFile } from './file-shapes.ts';
import type { MadeColumn, StoredColumn } from './leaves.ts';

/** A file of a scan in a cell, and the number its first row has in the scan. */
export interface PlacedFile extends LeafFile {
  readonly firstRow: number;
  /** Rows that have numbers: all, or those up to the last one that passed a filter. */
  readonly rows: number;
  readonly isCut: boolean;
  /** For an edge file: where its rows come from, with all their columns. */
  readonly sources?: readonly LeafFile[];
}

/** Name of the row-number column in the relations made here, beside aliases that cannot be called so. */
export const ROW_NUMBER = '__crosshatch_row';

/** Column of an edge file: the number of each row in the partition that it was copied from. */
export const SOURCE_ROW = '__crosshatch_source_row';

/**
 * `read_parquet(…)` over one leaf with the dataset's schema: columns that the leaf lacks become null, because the
 * schema-only file, read along, has them. Hive folders never become columns.
 */
function leafRelation(spec: ScanSpec, path: string): string {
  const files =
    spec.schemaFile === undefined
      ? `[${quoteText(path)}]`
      : `[${quoteText(spec.schemaFile)}, ${quoteText(path)}]`;
  const byName = spec.schemaFile === undefined ? '' : ', union_by_name=true';
  return `read_parquet(${files}, hive_partitioning=false, file_row_number=true${byName})`;
}

/**
 * The same over several leaves that have every column asked for; `file_index` counts them from 1. Each is brought
 * to the types of the schema-only file on its own: a common type of all would round long integers wherever
 * one leaf has floats.
 */
function leavesRelation(spec: ScanSpec, paths: readonly string[]): string {
  const files = [spec.schemaFile!, ...paths].map(quoteText).join(', ');
  return `read_parquet([${files}], hive_partitioning=false, file_row_number=true)`;
}

/** A stored column, or one list of a nested one, with the dataset's type: type drift between leaves cannot show. */
function castColumn(spec: ScanSpec, file: LeafFile, { column, field }: StoredColumn): string {
  const type = columnType(spec, column);
  const lacking = file.lacks?.get(column) ?? [];
  if (field !== undefined) return castField(column, type, field, lacking);
  if (lacking.length === 0) return `${quoteName(column)}::${type}`;
  const pack = nestOf(type)!.fields.map(
    ({ name }) => `${quoteText(name)}: ${castField(column, type, name, lacking)}`,
  );
  return `CASE WHEN ${quoteName(column)} IS NULL THEN NULL ELSE {${pack.join(', ')}} END`;
}

/** Of a struct the reader then reads that field only; one that the file lacks is null for every element. */
function castField(
  column: string,
  type: string,
  field: string,
  lacking: readonly string[],
): string {
  const { form, fields } = nestOf(type)!;
  const element = fields.find(({ name }) => name === field)!.type;
  if (form === 'structs') {
    return `list_transform(${quoteName(column)}, lambda e: struct_extract(e, ${quoteText(field)}))::${element}[]`;
  }
  if (!lacking.includes(field)) {
    return `struct_extract(${quoteName(column)}, ${quoteText(field)})::${element}[]`;
  }
  const present = fields.filter(({ name }) => !lacking.includes(name));
  if (present.length === 0) return `NULL::${element}[]`;
  const like = narrowestField({ form, fields: present });
  return `list_transform(struct_extract(${quoteName(column)}, ${quoteText(like)}), lambda e: NULL)::${element}[]`;
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
  file: LeafFile,
  columns: readonly string[],
  inputs: readonly ExpressionInput[],
): string {
  const { list, computed } = typedColumns(spec, file, columns, inputs);
  const select = [...list, 'file_row_number'].join(', ');
  return computed(`(SELECT ${select} FROM ${leafRelation(spec, file.path)})`);
}

/** The same of several leaves that lack nothing; `file_index` tells them apart, from 1. */
export function typedLeaves(
  spec: ScanSpec,
  paths: readonly string[],
  columns: readonly string[],
  inputs: readonly ExpressionInput[],
): string {
  const { list, computed } = typedColumns(spec, { path: '' }, columns, inputs);
  const select = [...list, 'file_row_number', 'file_index'].join(', ');
  return computed(`(SELECT ${select} FROM ${leavesRelation(spec, paths)})`);
}

function typedColumns(
  spec: ScanSpec,
  file: LeafFile,
  columns: readonly string[],
  inputs: readonly ExpressionInput[],
) {
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
  return {
    list: [...stored].map(([name, of]) => `${castColumn(spec, file, of)} AS ${quoteName(name)}`),
    computed: (from: string): string => {
      let sql = from;
      for (const [name, value] of computed)
        sql = `(SELECT *, ${value} AS ${quoteName(name)} FROM ${sql})`;
      return sql;
    },
  };
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
  const beyond = isBeyond(spec, stored);
  const parts = files.map((file) => {
    if (beyond && file.sources !== undefined) return sourceRelation(spec, file, stored);
    const row = file.firstRow === 0 ? 'file_row_number' : `file_row_number + ${file.firstRow}`;
    const list = stored.map((of, i) => `${castColumn(spec, file, of)} AS c${i}`);
    const select = [...list, `${row} AS ${ROW_NUMBER}`].join(', ');
    return `SELECT ${select} FROM ${leafRelation(spec, file.path)}${numbered(file, '')}`;
  });
  return { sql: parts.join(' UNION ALL '), columns };
}

/** The numbers after the last one of a file are those of the next file's rows. */
function numbered({ rows, isCut }: PlacedFile, prefix: string): string {
  return isCut ? ` WHERE ${prefix}file_row_number < ${rows}` : '';
}

/** Whether columns are wanted that edge files do not have. */
export function isBeyond(
  spec: Pick<ScanSpec, 'columns'>,
  stored: readonly StoredColumn[],
): boolean {
  const kept = new Set(spec.columns.map(({ name }) => name));
  return stored.some(({ column }) => !kept.has(column));
}

/** The rows of an edge file out of the partition that they were copied from: it has the columns that were not. */
function sourceRelation(spec: ScanSpec, file: PlacedFile, stored: readonly StoredColumn[]): string {
  let firstRow = '0';
  const wholes = file.sources!.map((source) => {
    const { path } = source;
    const list = stored.map((of, i) => `${castColumn(spec, source, of)} AS c${i}`);
    const row = `file_row_number + ${firstRow} AS row`;
    firstRow += ` + (SELECT num_rows FROM parquet_file_metadata(${quoteText(path)}))`;
    return `SELECT ${[...list, row].join(', ')} FROM ${leafRelation(spec, path)}`;
  });
  const list = stored.map((_, i) => `w.c${i} AS c${i}`);
  const row = `e.file_row_number + ${file.firstRow} AS ${ROW_NUMBER}`;
  return (
    `SELECT ${[...list, row].join(', ')} FROM (${wholes.join(' UNION ALL ')}) w ` +
    `JOIN read_parquet(${quoteText(file.path)}, hive_partitioning=false, file_row_number=true) e ` +
    `ON w.row = e.${SOURCE_ROW}${numbered(file, 'e.')}`
  );
}

/** No files, as for a left join where the other side has no rows: the same columns and types, without rows. */
function emptyRelation(spec: ScanSpec, stored: readonly StoredColumn[]): string {
  const list = stored.map((of, i) => `NULL::${storedType(spec, of)} AS c${i}`);
  return `SELECT ${[...list, `0::BIGINT AS ${ROW_NUMBER}`].join(', ')} WHERE false`;
}

/** What user code of a step returned; without a table it was not run, because there was no row to run it on. */
export function madeRelation(
  table: string | undefined,
  step: number,
  made: readonly MadeColumn[],
): Relation & { readonly prefix: string } {
  const list = made.map(({ name, type }, i) =>
    table === undefined ? `NULL::${type} AS c${i}` : `${quoteName(name)} AS c${i}`,
  );
  const sql =
    table === undefined
      ? `SELECT ${[...list, `0 AS ${ROW_NUMBER}`].join(', ')} WHERE false`
      : `SELECT ${[...list, ROW_NUMBER].join(', ')} FROM ${table}`;
  return { sql, columns: made.length, prefix: `m${step}` };
}
