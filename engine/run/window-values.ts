/** Numbers of a set's rows read straight from the files of one scan: the windows that hold them, then picked by row number. */
import { type RowExpression, storedIn } from '../groups.ts';
import type { NumericColumn, NumericKind } from '../session.ts';
import type { RunContext } from './context.ts';
import {
  leafNumbers,
  type NumberSql,
  placesIn,
  type RowWindows,
  windowsOf,
} from './leaf-values.ts';
import type { Loaded } from './loaded.ts';
import type { RowSet } from './row-set.ts';

/** The one scan whose files alone give the expressions, for rows that may not be in the set; null: there is none. */
export function scanOf(expressions: readonly RowExpression[], set: RowSet): number | null {
  if (!expressions.every(({ total }) => total)) return null;
  const scan = storedIn(expressions);
  const ids = scan === null ? undefined : set.rids.get(scan);
  // A row that is missing has nulls in its columns, of which an expression may make a value.
  return ids === undefined || ids?.includes(-1) ? null : scan;
}

type ScanWindows = RowWindows & { readonly scan: number };

/** The windows of a scan's files that hold the set's rows; null where so many rows do not fit. */
export function windowsIn(
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

/**
 * The numbers of the rows of a set, where they are stored in one scan's files and these can be read at no great
 * cost; null: they must be joined to the rows.
 */
export async function storedNumbers(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly NumberSql[],
): Promise<NumericColumn[] | null> {
  const scan = scanOf(expressions, set);
  const windows = scan === null ? null : windowsIn(context, set, loaded, scan, expressions.length);
  return windows === null ? null : readWindows(context, set, loaded, windows, expressions);
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
  return places === null
    ? columns
    : columns.map((column, c) => picked(column, expressions[c]!.kind, places));
}

/** Columns of several files, one after the other. */
export function joined(
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
    case 'f32':
      return new Float32Array(length);
    case 'i64':
      return new BigInt64Array(length);
    case 'i32':
      return new Int32Array(length);
    default:
      throw new Error(`unknown numeric kind ${kind satisfies never}`);
  }
}

/** The values at some places, in their order. */
function picked(
  { values, valid }: NumericColumn,
  kind: NumericKind,
  places: Int32Array,
): NumericColumn {
  const { length } = places;
  const out = emptyColumn(kind, length);
  // As words: reading a 64-bit integer as such would make a BigInt of it.
  const from = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const to = new Int32Array(out.buffer);
  if (out.BYTES_PER_ELEMENT === 4) {
    for (let i = 0; i < length; i++) to[i] = from[places[i]!]!;
  } else {
    for (let i = 0; i < length; i++) {
      const place = 2 * places[i]!;
      to[2 * i] = from[place]!;
      to[2 * i + 1] = from[place + 1]!;
    }
  }
  if (valid === undefined) return { values: out };
  const outValid = new Uint8Array(length);
  for (let i = 0; i < length; i++) outValid[i] = valid[places[i]!]!;
  return { values: out, valid: outValid };
}
