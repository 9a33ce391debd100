/** Loads typed arrays into a DuckDB table, vector by vector. */
import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  FLOAT,
  INTEGER,
  SMALLINT,
  TINYINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { TableColumn } from '../engine/session.ts';

/** Rows of a DuckDB vector. */
const VECTOR_ROWS = 2048;

/** The SQL type each column is stored as. */
export function tableTypes(
  columns: readonly TableColumn[],
): { readonly column: string; readonly type: string }[] {
  return columns.map((column) => ({ column: column.name, type: typeOf(column).toString() }));
}

function typeOf({ values }: TableColumn): DuckDBType {
  if (values instanceof Float64Array) return DOUBLE;
  if (values instanceof BigInt64Array) return BIGINT;
  if (values instanceof Int32Array) return INTEGER;
  if (values instanceof Float32Array) return FLOAT;
  if (values instanceof Int16Array) return SMALLINT;
  if (values instanceof Int8Array) return TINYINT;
  if (values instanceof Uint8Array) return UTINYINT;
  return VARCHAR;
}

interface WritableVector {
  readonly items: { set(values: ArrayLike<unknown>): void };
  readonly validity: { setItemValid(index: number, valid: boolean): void };
  setItem(index: number, value: unknown): void;
  flush(): void;
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
    columns.forEach((column, c) => {
      fillVector(chunk.getColumnVector(c) as unknown as WritableVector, column, start, end);
    });
    appender.appendDataChunk(chunk);
    if (((start - from) / VECTOR_ROWS) % 64 === 63) checkStop();
  }
  appender.flushSync();
}

function fillVector(vector: WritableVector, column: TableColumn, start: number, end: number): void {
  const { values } = column;
  if (Array.isArray(values)) {
    for (let i = start; i < end; i++) vector.setItem(i - start, values[i]);
  } else {
    vector.items.set((values as Float64Array).subarray(start, end));
    if (column.nullIfNegative === true) {
      const ids = values as Int32Array;
      for (let i = start; i < end; i++) {
        if (ids[i]! < 0) vector.validity.setItemValid(i - start, false);
      }
    }
  }
  // Without it the vector's memory on DuckDB's side keeps zeros.
  vector.flush();
}
