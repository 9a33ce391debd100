/** SQL text for reading the files of a scan, with the dataset's column names and types and a row number. */
import { quoteName, quoteText } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';

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

/** `"name"::TYPE` with the dataset's type, so that type drift between leaves cannot show. */
export function castColumn(spec: ScanSpec, name: string): string {
  return `${quoteName(name)}::${columnType(spec, name)}`;
}

function columnType(spec: ScanSpec, name: string): string {
  const column = spec.allColumns.find((c) => c.name === name);
  if (column === undefined) throw new Error(`column ${name} is not in the scan of ${spec.label}`);
  return column.type;
}

/** Some columns of a leaf under their own names and types, for filters to refer to. */
export function typedLeaf(spec: ScanSpec, path: string, columns: readonly string[]): string {
  const list = columns.map((name) => `${castColumn(spec, name)} AS ${quoteName(name)}`);
  return `(SELECT ${[...list, 'file_row_number'].join(', ')} FROM ${leafRelation(spec, path)})`;
}

/**
 * All files of a scan as one relation: the columns under aliases c0, c1, … and the row number. Without files it has
 * no rows: a left join meets cells to which the right side has nothing to give.
 */
export function scanRelation(
  spec: ScanSpec,
  files: readonly PlacedFile[],
  columns: readonly string[],
): string {
  if (files.length === 0) return emptyRelation(spec, columns);
  const list = columns.map((name, i) => `${castColumn(spec, name)} AS c${i}`);
  const kept = new Set(spec.columns.map(({ name }) => name));
  const beyond = columns.some((name) => !kept.has(name));
  const parts = files.map((file) => {
    if (beyond && file.sources !== undefined) return sourceRelation(spec, file, columns);
    const row = file.firstRow === 0 ? 'file_row_number' : `file_row_number + ${file.firstRow}`;
    const select = [...list, `${row} AS ${ROW_NUMBER}`].join(', ');
    return `SELECT ${select} FROM ${leafRelation(spec, file.path)}`;
  });
  return parts.join(' UNION ALL ');
}

/** The rows of an edge file out of the partition that they were copied from: it has the columns that were not. */
function sourceRelation(spec: ScanSpec, file: PlacedFile, columns: readonly string[]): string {
  let firstRow = '0';
  const wholes = file.sources!.map((path) => {
    const list = columns.map((name, i) => `${castColumn(spec, name)} AS c${i}`);
    const row = `file_row_number + ${firstRow} AS row`;
    firstRow += ` + (SELECT num_rows FROM parquet_file_metadata(${quoteText(path)}))`;
    return `SELECT ${[...list, row].join(', ')} FROM ${leafRelation(spec, path)}`;
  });
  const list = columns.map((_, i) => `w.c${i} AS c${i}`);
  const row = `e.file_row_number + ${file.firstRow} AS ${ROW_NUMBER}`;
  return (
    `SELECT ${[...list, row].join(', ')} FROM (${wholes.join(' UNION ALL ')}) w ` +
    `JOIN read_parquet(${quoteText(file.path)}, hive_partitioning=false, file_row_number=true) e ` +
    `ON w.row = e.${SOURCE_ROW}`
  );
}

/** No files, as for a left join where the other side has no rows: the same columns and types, without rows. */
function emptyRelation(spec: ScanSpec, columns: readonly string[]): string {
  const list = columns.map((name, i) => `NULL::${columnType(spec, name)} AS c${i}`);
  return `SELECT ${[...list, `0::BIGINT AS ${ROW_NUMBER}`].join(', ')} WHERE false`;
}
