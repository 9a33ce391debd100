/**
 * Reads query results chunk by chunk into arrays for user code: numbers as typed arrays, texts as strings, lists as
 * one array of all elements with the place of each row in it. Everything is copied out of the database's memory once
 * per chunk, so that user code may keep what it was given.
 */
import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { NumberArray, ValueBatch, ValueColumn } from '../engine/session.ts';
import { freeYoung } from './garbage.ts';

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

const NUMBERS: Readonly<Record<string, new (buffer: ArrayBuffer) => NumberArray>> = {
  TINYINT: Int8Array,
  SMALLINT: Int16Array,
  INTEGER: Int32Array,
  BIGINT: BigInt64Array,
  UTINYINT: Uint8Array,
  USMALLINT: Uint16Array,
  UINTEGER: Uint32Array,
  UBIGINT: BigUint64Array,
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
};

const BYTES: Readonly<Record<string, number>> = {
  ...{ TINYINT: 1, UTINYINT: 1, BOOLEAN: 1, SMALLINT: 2, USMALLINT: 2 },
  ...{ INTEGER: 4, UINTEGER: 4, FLOAT: 4, BIGINT: 8, UBIGINT: 8, DOUBLE: 8 },
};

/** Bytes of a text's entry: its length, and up to twelve bytes of it or a pointer to all. */
const TEXT_BYTES = 16;
const INLINE_BYTES = 12;
/** Bytes of a list's entry: offset and length. */
const LIST_BYTES = 16;

/** Bytes of chunks that are read before their memory is freed for the next ones. */
const BYTES_HELD = 1 << 22;

/** The batches of a result, each read when it is asked for. */
export async function* readBatches(
  result: DuckDBMaterializedResult,
  types: readonly string[],
): AsyncGenerator<ValueBatch, void, void> {
  const decoder = createTextReader();
  const chunks = result.chunkCount;
  let held = 0;
  for (let i = 0; i < chunks; i++) {
    const batch = readBatch(result, i, types, decoder);
    held += batch.columns.reduce((sum, column) => sum + bytesOf(column), 0);
    yield batch;
    if (held < BYTES_HELD) continue;
    await freeYoung();
    held = 0;
  }
}

function readBatch(
  result: DuckDBMaterializedResult,
  number: number,
  types: readonly string[],
  decoder: ReadText,
): ValueBatch {
  const { chunk, rowCount: rows } = result.getChunk(number);
  const columns = types.map((type, c) =>
    readVector(duckdb.data_chunk_get_vector(chunk, c), type, rows, decoder),
  );
  return { rows, columns };
}

/** About what the database holds of a column. */
function bytesOf(column: ValueColumn): number {
  switch (column.kind) {
    case 'texts':
      return TEXT_BYTES * column.values.length;
    case 'lists':
      return LIST_BYTES * column.starts.length + bytesOf(column.items);
    case 'booleans':
    case 'numbers':
      return column.values.byteLength;
    default:
      throw new Error(`unknown column ${JSON.stringify(column satisfies never)}`);
  }
}

type ReadText = (buffer: ArrayBuffer, at: number) => string;

function readVector(vector: Vector, type: string, rows: number, readText: ReadText): ValueColumn {
  const valid = validityOf(vector, rows);
  if (type.endsWith('[]')) return readLists(vector, type.slice(0, -2), rows, valid, readText);
  if (type === 'VARCHAR')
    return { kind: 'texts', values: readTexts(vector, rows, valid, readText) };
  const bytes = copyOf(vector, rows * BYTES[type]!);
  if (type === 'BOOLEAN') return { kind: 'booleans', values: new Uint8Array(bytes), valid };
  return { kind: 'numbers', values: new NUMBERS[type]!(bytes), valid };
}

function readLists(
  vector: Vector,
  type: string,
  rows: number,
  valid: Uint8Array | null,
  readText: ReadText,
): ValueColumn {
  // Offsets and lengths are far below 2³²: their low halves are all there is.
  const halves = new Uint32Array(copyOf(vector, rows * LIST_BYTES));
  const starts = new Uint32Array(rows);
  const lengths = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    if (valid !== null && valid[i] === 0) continue;
    starts[i] = halves[4 * i]!;
    lengths[i] = halves[4 * i + 2]!;
  }
  const size = duckdb.list_vector_get_size(vector);
  const items = readVector(duckdb.list_vector_get_child(vector), type, size, readText);
  return { kind: 'lists', starts, lengths, items, valid };
}

function readTexts(
  vector: Vector,
  rows: number,
  valid: Uint8Array | null,
  readText: ReadText,
): (string | null)[] {
  const values = new Array<string | null>(rows);
  if (rows === 0) return values;
  const data = duckdb.vector_get_data(vector, rows * TEXT_BYTES);
  for (let i = 0; i < rows; i++) {
    const isNull = valid !== null && valid[i] === 0;
    values[i] = isNull
      ? null
      : readText(data.buffer as ArrayBuffer, data.byteOffset + i * TEXT_BYTES);
  }
  return values;
}

/** Short texts repeat, as names of bands do: the same one is decoded once. */
function createTextReader(): ReadText {
  const decoder = new TextDecoder();
  const known = new Map<number, string>();
  return (buffer, at) => {
    const view = new DataView(buffer, at, TEXT_BYTES);
    const length = view.getUint32(0, true);
    if (length === 0) return '';
    if (length <= 4) {
      const key = length * 2 ** 32 + view.getUint32(4, true);
      let text = known.get(key);
      if (text === undefined) {
        text = decoder.decode(new Uint8Array(buffer, at + 4, length));
        known.set(key, text);
      }
      return text;
    }
    if (length <= INLINE_BYTES) return decoder.decode(new Uint8Array(buffer, at + 4, length));
    return decoder.decode(duckdb.get_data_from_pointer(buffer, at + 8, length));
  };
}

function copyOf(vector: Vector, bytes: number): ArrayBuffer {
  if (bytes === 0) return new ArrayBuffer(0);
  const data = duckdb.vector_get_data(vector, bytes);
  return (data.buffer as ArrayBuffer).slice(data.byteOffset, data.byteOffset + bytes);
}

/** 1 = not null; null where no row is. */
function validityOf(vector: Vector, rows: number): Uint8Array | null {
  if (rows === 0) return null;
  const words = Math.ceil(rows / 64);
  const bytes = duckdb.vector_get_validity(vector, words * 8) as Uint8Array | null;
  if (bytes === null || bytes === undefined) return null;
  let valid: Uint8Array | null = null;
  for (let i = 0; i < rows; i++) {
    if ((bytes[i >> 3]! >> (i & 7)) & 1) continue;
    valid ??= new Uint8Array(rows).fill(1);
    valid[i] = 0;
  }
  return valid;
}
