/** Reads numeric results into typed arrays: one `set` per vector, no row objects. */
import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { NumericColumn, NumericKind } from '../engine/session.ts';
import { freeYoung } from './garbage.ts';

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

const ARRAYS = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
} as const;

/** Chunks, each of 2048 rows at most, that are read before their memory is freed for the next ones. */
const CHUNKS_HELD = 64;

/** Bytes of native memory that a result of so many rows still holds when it has been read. */
export function bytesHeld(rows: number, columns: number): number {
  return Math.min(rows, CHUNKS_HELD * duckdb.vector_size()) * columns * 8;
}

/** All chunks of `result` as one typed array per column. `checkStop` throws where nobody wants them any more. */
export async function readColumns(
  result: DuckDBMaterializedResult,
  kinds: readonly NumericKind[],
  checkStop: () => void,
): Promise<{ rows: number; columns: NumericColumn[] }> {
  const rows = result.rowCount;
  const values = kinds.map((kind) => new ARRAYS[kind](rows));
  const targets = values.map(({ buffer }) => new Uint8Array(buffer));
  const valid: (Uint8Array | undefined)[] = kinds.map(() => undefined);
  const chunks = result.chunkCount;
  let at = 0;
  for (let i = 0; i < chunks; i++) {
    const { chunk, rowCount: count } = result.getChunk(i);
    if (count === 0) continue;
    for (let c = 0; c < kinds.length; c++) {
      const vector = duckdb.data_chunk_get_vector(chunk, c);
      const width = values[c]!.BYTES_PER_ELEMENT;
      targets[c]!.set(duckdb.vector_get_data(vector, count * width), at * width);
      valid[c] = markNulls(valid[c], rows, vector, count, at);
    }
    at += count;
    if (i % CHUNKS_HELD === CHUNKS_HELD - 1) {
      await freeYoung();
      checkStop();
    }
  }
  return {
    rows,
    columns: values.map((array, c) =>
      valid[c] === undefined ? { values: array } : { values: array, valid: valid[c] },
    ),
  };
}

/** Adds the nulls of one vector; a mask whose bits are all set, as optional columns often have, adds nothing. */
function markNulls(
  valid: Uint8Array | undefined,
  rows: number,
  vector: Vector,
  count: number,
  at: number,
): Uint8Array | undefined {
  const words = Math.ceil(count / 64);
  const mask = duckdb.vector_get_validity(vector, words * 8) as Uint8Array | null;
  if (mask === null) return valid;
  const bits = new Uint32Array(mask.buffer, mask.byteOffset, words * 2);
  let out = valid;
  for (let w = 0; w * 32 < count; w++) {
    const word = bits[w]!;
    if (word === 0xffffffff) continue;
    const end = Math.min(count, w * 32 + 32);
    for (let r = w * 32; r < end; r++) {
      if ((word >>> (r & 31)) & 1) continue;
      out ??= new Uint8Array(rows).fill(1);
      out[at + r] = 0;
    }
  }
  return out;
}
