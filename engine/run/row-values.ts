/**
 * Reads expressions of the rows of a result. What names columns of one scan and cannot fail is read from its files,
 * row by row in their order, and picked by row number; the rest is joined to the rows by the database.
 */
import { mapColumns } from '../expression/expression.ts';
import { type RowExpression, storedIn } from '../groups.ts';
import type { NumericColumn, NumericKind } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import type { LeafFile } from './file-shapes.ts';
import { type Gathered, gatherRows, type Loaded } from './gather.ts';
import {
  type LeafNumbers,
  leafDistinct,
  leafNumbers,
  type NumberSql,
  placesIn,
  type RowWindows,
  windowsOf,
} from './leaf-values.ts';
import type { RowSet } from './row-set.ts';

/** Values of some expressions in a row, as e0, e1, …. */
export type DistinctRow = Record<string, unknown>;

export interface RowValues {
  /** The numbers of each expression, in the order of rows; at least one expression. */
  numbers(expressions: readonly NumberSql[]): Promise<NumericColumn[]>;
  /**
   * The different values that expressions have together, as e0, e1, …, where `where` holds, SQL over these names. Some
   * may be of rows that are not in the result.
   */
  distinct(expressions: readonly RowExpression[], where: string): Promise<DistinctRow[]>;
}

/** The rows of a scan's files that pass its filters, without their positions; `window`: in each file between two rows. */
export function filteredValues(
  context: RunContext,
  scan: number,
  files: readonly LeafFile[],
  window?: { readonly from: number; readonly to: number },
): RowValues {
  const spec = context.scans[scan]!;
  const rows = { filtered: true, ...(window === undefined ? {} : { window }) };
  return {
    async numbers(expressions) {
      const parts: LeafNumbers[] = [];
      for (const file of files) {
        parts.push(await leafNumbers(context, spec, file, expressions, rows));
      }
      const length = parts.reduce((sum, part) => sum + part.rows, 0);
      const columns = parts.map((part) => part.columns);
      return joined(columns, expressions, length);
    },
    async distinct(expressions, where) {
      const found: DistinctRow[] = [];
      for (const file of files) {
        found.push(...(await leafDistinct(context, spec, file, expressions, [rows, where])));
      }
      return found;
    },
  };
}

/** The rows of a set. */
export function setValues(context: RunContext, set: RowSet, loaded: Loaded): RowValues {
  return {
    async numbers(expressions) {
      const out = new Map<NumberSql, NumericColumn>();
      const keep = (list: readonly NumberSql[], columns: readonly NumericColumn[]) => {
        list.forEach((expression, i) => {
          out.set(expression, columns[i]!);
        });
      };
      const joins: NumberSql[] = [];
      for (const [scan, list] of Map.groupBy(expressions, (each) => scanOf([each], set))) {
        const windows = scan === null ? null : windowsIn(context, set, loaded, scan, list.length);
        if (windows === null) joins.push(...list);
        else keep(list, await readWindows(context, set, loaded, windows, list));
      }
      if (joins.length > 0) keep(joins, await joinNumbers(context, set, loaded, joins));
      return expressions.map((expression) => out.get(expression)!);
    },
    async distinct(expressions, where) {
      const scan = scanOf(expressions, set);
      const windows = scan === null ? null : windowsIn(context, set, loaded, scan, 0);
      if (windows === null) return joinDistinct(context, set, loaded, expressions, where);
      const found: DistinctRow[] = [];
      for (const { file, from, to } of windows.windows) {
        const rows = { filtered: false, window: { from, to } };
        const spec = context.scans[windows.scan]!;
        found.push(...(await leafDistinct(context, spec, file, expressions, [rows, where])));
      }
      return found;
    },
  };
}

/** The one scan whose files alone give the expressions, for rows that may not be in the set; null: there is none. */
function scanOf(expressions: readonly RowExpression[], set: RowSet): number | null {
  if (!expressions.every(({ total }) => total)) return null;
  const scan = storedIn(expressions);
  const ids = scan === null ? undefined : set.rids.get(scan);
  // A row that is missing has nulls in its columns, of which an expression may make a value.
  return ids === undefined || ids?.includes(-1) ? null : scan;
}

type ScanWindows = RowWindows & { readonly scan: number };

/** The windows of a scan's files that hold the set's rows; null where so many rows do not fit. */
function windowsIn(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  scan: number,
  columns: number,
): ScanWindows | null {
  const windows = windowsOf(loaded.files.get(scan)!, set.rids.get(scan) ?? null);
  const fits = windows.length <= set.length || 8 * columns * windows.length <= context.arrayBytes;
  return fits ? { ...windows, scan } : null;
}

async function readWindows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  windows: ScanWindows,
  expressions: readonly NumberSql[],
): Promise<NumericColumn[]> {
  const spec = context.scans[windows.scan]!;
  const parts: (readonly NumericColumn[])[] = [];
  for (const { file, from, to } of windows.windows) {
    const rows = { filtered: false, window: { from, to } };
    const read = await leafNumbers(context, spec, file, expressions, rows);
    if (read.rows !== to - from) {
      throw new Error(`${file.path} gave ${read.rows} rows from ${from} to ${to}`);
    }
    parts.push(read.columns);
  }
  const columns = joined(parts, expressions, windows.length);
  const places = placesIn(
    windows,
    loaded.files.get(windows.scan)!,
    set.rids.get(windows.scan) ?? null,
  );
  return places === null ? columns : columns.map((column) => picked(column, places));
}

/** Columns of several files, one after the other. */
function joined(
  parts: readonly (readonly NumericColumn[])[],
  expressions: readonly NumberSql[],
  length: number,
): NumericColumn[] {
  if (parts.length === 1) return [...parts[0]!];
  return expressions.map(({ kind }, c) => {
    const values = emptyColumn(kind, length);
    let valid: Uint8Array | undefined;
    let at = 0;
    for (const columns of parts) {
      const part = columns[c]!;
      // The arrays are of one type by construction.
      (values as Float64Array).set(part.values as Float64Array, at);
      if (part.valid !== undefined) {
        valid ??= new Uint8Array(length).fill(1);
        valid.set(part.valid, at);
      }
      at += part.values.length;
    }
    if (at !== length) throw new Error(`${at} values were read for ${length} rows`);
    return valid === undefined ? { values } : { values, valid };
  });
}

function emptyColumn(kind: NumericKind, length: number): NumericColumn['values'] {
  switch (kind) {
    case 'f64':
      return new Float64Array(length);
    case 'i64':
      return new BigInt64Array(length);
    case 'i32':
      return new Int32Array(length);
    default:
      throw new Error(`unknown numeric kind ${kind satisfies never}`);
  }
}

/** The values at some places, in their order. */
function picked({ values, valid }: NumericColumn, places: Int32Array): NumericColumn {
  const { length } = places;
  const out = emptyColumn(values instanceof Float64Array ? 'f64' : 'i64', length);
  // Two words for each number: reading a 64-bit integer as such would make a BigInt of it.
  const from = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const to = new Int32Array(out.buffer);
  for (let i = 0; i < length; i++) {
    const place = 2 * places[i]!;
    to[2 * i] = from[place]!;
    to[2 * i + 1] = from[place + 1]!;
  }
  if (valid === undefined) return { values: out };
  const outValid = new Uint8Array(length);
  for (let i = 0; i < length; i++) outValid[i] = valid[places[i]!]!;
  return { values: out, valid: outValid };
}

async function joinNumbers(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly NumberSql[],
): Promise<NumericColumn[]> {
  return withJoin(context, set, loaded, expressions, async ({ from, inOrder }, sqls) => {
    const query = `SELECT ${sqls.join(', ')} ${from}${inOrder}`;
    const kinds = expressions.map(({ kind }) => kind);
    const read = await timed(context, 'gather', () => context.session.columns(query, kinds));
    if (read.rows !== set.length) throw new Error(`${read.rows} values for ${set.length} rows`);
    return read.columns;
  });
}

async function joinDistinct(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly RowExpression[],
  where: string,
): Promise<DistinctRow[]> {
  return withJoin(context, set, loaded, expressions, ({ from }, sqls) => {
    const list = sqls.map((sql, i) => `${sql} AS e${i}`).join(', ');
    const query = `SELECT DISTINCT * FROM (SELECT ${list} ${from}) WHERE ${where}`;
    return timed(context, 'gather', () => context.session.rows(query));
  });
}

/** Joins the columns of expressions to the rows, and drops the join after `work`. */
async function withJoin<T>(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly RowExpression[],
  work: (join: Gathered, sqls: readonly string[]) => Promise<T>,
): Promise<T> {
  const byName = new Map<string, BoundColumn>();
  for (const { columns } of expressions) {
    for (const column of columns) byName.set(column.name, column);
  }
  const join = await gatherRows(context, set, loaded, [...byName.values()]);
  try {
    const names = [...byName.keys()];
    const sqlOf = (name: string) => join.expressions[names.indexOf(name)]!;
    return await work(
      join,
      expressions.map(({ sql }) => mapColumns(sql, sqlOf)),
    );
  } finally {
    await join.drop();
  }
}
