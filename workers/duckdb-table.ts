/** Loads typed arrays into a DuckDB table, vector by vector. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  FLOAT,
  INTEGER,
  LIST,
  SMALLINT,
  TINYINT,
  UBIGINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { TableColumn } from '../engine/session.ts';

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

/** Rows of a DuckDB vector. */
const VECTOR_ROWS = 2048;

/** The SQL type each column is stored as. */
export function tableTypes(
  columns: readonly TableColumn[],
): { readonly column: string; readonly type: string }[] {
  return columns.map((column) => ({ column: column.name, type: typeOf(column).toString() }));
}

/** Rows that the columns hold. */
export function tableRows(columns: readonly TableColumn[]): number {
  const [first] = columns;
  return first === undefined ? 0 : (first.ends ?? first.values).length;
}

function typeOf(column: TableColumn): DuckDBType {
  const element = elementOf(column);
  return column.ends === undefined ? element : LIST(element);
}

function elementOf({ values, boolean }: TableColumn): DuckDBType {
  if (values instanceof Float64Array) return DOUBLE;
  if (values instanceof BigInt64Array) return BIGINT;
  if (values instanceof BigUint64Array) return UBIGINT;
  if (values instanceof Int32Array) return INTEGER;
  if (values instanceof Float32Array) return FLOAT;
  if (values instanceof Int16Array) return SMALLINT;
  if (values instanceof Int8Array) return TINYINT;
  if (values instanceof Uint8Array) return boolean === true ? BOOLEAN : UTINYINT;
  return VARCHAR;
}

/** Appends rows [from, to) of all columns. */
export function appendColumns(
  appender: DuckDBAppender,
  columns: readonly TableColumn[],
  from: number,
  to: number,
  checkStop: () => void,
): void {
  const types = columns.map(typeOf);
  for (let start = from; start < to; start += VECTOR_ROWS) {
    const end = Math.min(to, start + VECTOR_ROWS);
    // A fresh chunk each time: a vector's validity mask would stay set from the one before.
    const chunk = DuckDBDataChunk.create(types, end - start);
    for (const [c, column] of columns.entries()) {
      fillColumn(duckdb.data_chunk_get_vector(chunk.chunk, c), column, start, end);
    }
    appender.appendDataChunk(chunk);
    if (((start - from) / VECTOR_ROWS) % 64 === 63) checkStop();
  }
  appender.flushSync();
}

function fillColumn(vector: Vector, column: TableColumn, start: number, end: number): void {
  const { ends, listValid } = column;
  if (ends === undefined) {
    fillValues(vector, column, start, end);
    return;
  }
  const first = start === 0 ? 0 : ends[start - 1]!;
  const last = end === 0 ? 0 : ends[end - 1]!;
  const entries = new BigUint64Array(2 * (end - start));
  // Offset and length are far below 2³²: their low halves are all there is.
  const halves = new Uint32Array(entries.buffer);
  let offset = 0;
  for (let i = start; i < end; i++) {
    const length = ends[i]! - (i === 0 ? 0 : ends[i - 1]!);
    halves[4 * (i - start)] = offset;
    halves[4 * (i - start) + 2] = length;
    offset += length;
  }
  duckdb.list_vector_reserve(vector, last - first);
  duckdb.list_vector_set_size(vector, last - first);
  copyTo(vector, entries);
  markNulls(vector, end - start, (i) => listValid?.[start + i] === 0);
  if (last > first) fillValues(duckdb.list_vector_get_child(vector), column, first, last);
}

function fillValues(vector: Vector, column: TableColumn, start: number, end: number): void {
  const { values, nullIfNegative, valid } = column;
  if (Array.isArray(values)) {
    for (let i = start; i < end; i++) {
      if (valid?.[i] !== 0) duckdb.vector_assign_string_element(vector, i - start, values[i]);
    }
  } else {
    copyTo(vector, (values as Float64Array).subarray(start, end));
  }
  const ids = values as Int32Array;
  if (nullIfNegative === true) markNulls(vector, end - start, (i) => ids[start + i]! < 0);
  if (valid !== undefined) markNulls(vector, end - start, (i) => valid[start + i] === 0);
}

function copyTo(vector: Vector, values: ArrayBufferView): void {
  const { buffer, byteOffset, byteLength } = values;
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Sets the validity mask, one bit per row, where some row is null. */
function markNulls(vector: Vector, rows: number, isNull: (row: number) => boolean): void {
  let bits: Uint8Array | null = null;
  for (let i = 0; i < rows; i++) {
    if (!isNull(i)) continue;
    bits ??= new Uint8Array(8 * Math.ceil(rows / 64)).fill(0xff);
    bits[i >> 3]! &= ~(1 << (i & 7));
  }
  if (bits === null) return;
  duckdb.vector_ensure_validity_writable(vector);
  const { buffer, byteOffset, byteLength } = bits;
  duckdb.copy_data_to_vector_validity(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength);
}
