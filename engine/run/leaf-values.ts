/** Reads expressions over the columns of one scan straight from its files, without a join. */
import { mapColumns, quoteName } from '../expression/expression.ts';
import type { RowExpression } from '../groups.ts';
import type { NumericColumn, NumericKind } from '../session.ts';
import type { ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import type { LeafFile } from './file-shapes.ts';
import { type PlacedFile, typedLeaf } from './relation.ts';

/** An expression and the typed array that it is read into. */
export type NumberSql = RowExpression & { readonly kind: NumericKind };

/** Some rows of one file: of all of them, or between two row numbers, all or those that pass the scan's filters. */
export interface LeafRows {
  readonly filtered: boolean;
  readonly window?: { readonly from: number; readonly to: number };
}

/** `FROM` and `WHERE` over one file, and the SQL of each expression there. */
interface LeafSource {
  readonly sqls: readonly string[];
  readonly from: string;
}

function leafSource(
  spec: ScanSpec,
  file: LeafFile,
  expressions: readonly RowExpression[],
  rows: LeafRows,
): LeafSource {
  const filters = rows.filtered ? spec.filters : [];
  const names = [...new Set(expressions.flatMap(({ columns }) => columns.map(scanColumn)))];
  const inputs = filters.flatMap((filter) => filter.inputs);
  const where = filters.map(({ sql }) => `(${sql})`);
  if (rows.window !== undefined) {
    where.push(`file_row_number >= ${rows.window.from}`, `file_row_number < ${rows.window.to}`);
  }
  const kept = names.map((name, i) => `${quoteName(name)} AS c${i}`);
  // Filters know columns by the dataset's names, expressions by those of the plan: neither may meet the other.
  const filtered =
    `SELECT ${[...kept, 'file_row_number'].join(', ')} FROM ${typedLeaf(spec, file, names, inputs)}` +
    (where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`);
  return {
    sqls: expressions.map((expression) => {
      const place = new Map(
        expression.columns.map((column) => [column.name, names.indexOf(scanColumn(column))]),
      );
      return mapColumns(expression.sql, (name) => `c${place.get(name)!}`);
    }),
    from: `FROM (${filtered})`,
  };
}

function scanColumn({ name, ref }: RowExpression['columns'][number]): string {
  if (ref.kind !== 'scan' || ref.field !== undefined) throw new Error(`${name} is in no file`);
  return ref.column;
}

export interface LeafNumbers {
  readonly rows: number;
  readonly columns: NumericColumn[];
}

/** The numbers of the rows of one file, in the file's order. */
export async function leafNumbers(
  context: RunContext,
  spec: ScanSpec,
  file: LeafFile,
  expressions: readonly NumberSql[],
  rows: LeafRows,
): Promise<LeafNumbers> {
  const { sqls, from } = leafSource(spec, file, expressions, rows);
  return timed(context, 'scan', () =>
    context.session.columns(
      `SELECT ${sqls.join(', ')} ${from}`,
      expressions.map(({ kind }) => kind),
    ),
  );
}

/** How many rows they are. */
export async function leafCount(
  context: RunContext,
  spec: ScanSpec,
  file: LeafFile,
  rows: LeafRows,
): Promise<number> {
  const { from } = leafSource(spec, file, [], rows);
  const read = await timed(context, 'scan', () =>
    context.session.columns(`SELECT count(*)::DOUBLE ${from}`, ['f64']),
  );
  return (read.columns[0]!.values as Float64Array)[0]!;
}

/** The different values of some expressions in one file, as e0, e1, …; `where`: SQL over these names. */
export async function leafDistinct(
  context: RunContext,
  spec: ScanSpec,
  file: LeafFile,
  expressions: readonly RowExpression[],
  [rows, where]: readonly [LeafRows, string],
): Promise<Record<string, unknown>[]> {
  const { sqls, from } = leafSource(spec, file, expressions, rows);
  const list = sqls.map((sql, i) => `${sql} AS e${i}`);
  return timed(context, 'scan', () =>
    context.session.rows(
      `SELECT DISTINCT * FROM (SELECT ${list.join(', ')} ${from}) WHERE ${where}`,
    ),
  );
}

/** The rows from `from` to before `to` of a file. */
interface RowWindow {
  readonly file: PlacedFile;
  readonly from: number;
  readonly to: number;
  /** Where its first row stands among the rows of all windows. */
  readonly at: number;
}

/** Some rows of several files by their numbers, and the windows of the files that they lie in. */
export interface RowWindows {
  /** One for each file that holds a row. */
  readonly windows: readonly RowWindow[];
  /** Rows of all windows. */
  readonly length: number;
}

/** The windows that hold the rows `ids`, none of which is −1; null: all rows. */
export function windowsOf(files: readonly PlacedFile[], ids: Int32Array | null): RowWindows {
  const from = files.map(({ rows }) => (ids === null ? 0 : rows));
  const to = files.map(({ rows }) => (ids === null ? rows : 0));
  if (ids !== null) {
    let file = 0;
    for (const id of ids) {
      file = fileOf(files, id, file);
      const row = id - files[file]!.firstRow;
      if (row < from[file]!) from[file] = row;
      if (row >= to[file]!) to[file] = row + 1;
    }
  }
  const windows: RowWindow[] = [];
  let at = 0;
  for (const [i, file] of files.entries()) {
    if (from[i]! >= to[i]!) continue;
    windows.push({ file, from: from[i]!, to: to[i]!, at });
    at += to[i]! - from[i]!;
  }
  return { windows, length: at };
}

/** The file that holds a row; most often that of the row before. */
function fileOf(files: readonly PlacedFile[], row: number, guess: number): number {
  const { firstRow, rows } = files[guess]!;
  if (row >= firstRow && row < firstRow + rows) return guess;
  let low = 0;
  let high = files.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (files[middle]!.firstRow <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where each of the rows `ids` stands among the rows of the windows; null: row i is row i. */
export function placesIn(
  { windows }: RowWindows,
  files: readonly PlacedFile[],
  ids: Int32Array | null,
): Int32Array | null {
  if (ids === null) return null;
  const offsets = files.map((file) => {
    const window = windows.find((candidate) => candidate.file === file);
    return window === undefined ? 0 : window.at - window.from - file.firstRow;
  });
  const places = new Int32Array(ids.length);
  let file = 0;
  for (let i = 0; i < ids.length; i++) {
    file = fileOf(files, ids[i]!, file);
    places[i] = ids[i]! + offsets[file]!;
  }
  return places;
}
