/** SQL text for reading the files of a scan, with the dataset's column names and types and a row number. */
import { quoteName, quoteText } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';

/** A file of a scan in a cell, and the number its first row has in the scan. */
export interface PlacedFile {
  readonly path: string;
  readonly firstRow: number;
  readonly rows: number;
}

/** Name of the row-number column in the relations made here, beside aliases that cannot be called so. */
export const ROW_NUMBER = '__crosshatch_row';

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
  const column = spec.columns.find((c) => c.name === name);
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
  const parts = files.map(({ path, firstRow }) => {
    const row = firstRow === 0 ? 'file_row_number' : `file_row_number + ${firstRow}`;
    const select = [...list, `${row} AS ${ROW_NUMBER}`].join(', ');
    return `SELECT ${select} FROM ${leafRelation(spec, path)}`;
  });
  return parts.join(' UNION ALL ');
}

/** No files, as for a left join where the other side has no rows: the same columns and types, without rows. */
function emptyRelation(spec: ScanSpec, columns: readonly string[]): string {
  const list = columns.map((name, i) => `NULL::${columnType(spec, name)} AS c${i}`);
  return `SELECT ${[...list, `0::BIGINT AS ${ROW_NUMBER}`].join(', ')} WHERE false`;
}
