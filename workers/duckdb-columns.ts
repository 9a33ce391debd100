/** Reads numeric results into typed arrays: one `set` per vector, no row objects. */
import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import type { NumericColumn, NumericKind } from '../engine/session.ts';

interface NumericVector {
  readonly items: Float64Array | BigInt64Array | Int32Array;
  /** Private in the package's types: one bit per row, or null when no row is null. */
  readonly validity: { readonly data: BigUint64Array | null };
}

/** All chunks of `result` as one typed array per column. */
export function readColumns(
  result: DuckDBMaterializedResult,
  kinds: readonly NumericKind[],
): { rows: number; columns: NumericColumn[] } {
  const rows = result.rowCount;
  const values = kinds.map((kind) => allocate(kind, rows));
  const valid: (Uint8Array | undefined)[] = kinds.map(() => undefined);
  const chunks = result.chunkCount;
  let at = 0;
  for (let i = 0; i < chunks; i++) {
    const chunk = result.getChunk(i);
    const count = chunk.rowCount;
    for (let c = 0; c < kinds.length; c++) {
      const vector = chunk.getColumnVector(c) as unknown as NumericVector;
      const items = vector.items;
      // The three array types match by construction; TypeScript cannot see it.
      (values[c] as Float64Array).set(
        (items.length === count ? items : items.subarray(0, count)) as Float64Array,
        at,
      );
      if (vector.validity.data !== null) {
        valid[c] = markNulls(valid[c], rows, vector, count, at);
      }
    }
    at += count;
  }
  return {
    rows,
    columns: values.map((array, c) =>
      valid[c] === undefined ? { values: array } : { values: array, valid: valid[c] },
    ),
  };
}

function allocate(kind: NumericKind, rows: number): Float64Array | BigInt64Array | Int32Array {
  switch (kind) {
    case 'f64':
      return new Float64Array(rows);
    case 'i64':
      return new BigInt64Array(rows);
    case 'i32':
      return new Int32Array(rows);
    default:
      throw new Error(`unknown numeric kind ${kind satisfies never}`);
  }
}

/** Adds the nulls of one vector; a mask whose bits are all set, as optional columns often have, adds nothing. */
function markNulls(
  valid: Uint8Array | undefined,
  rows: number,
  vector: NumericVector,
  count: number,
  at: number,
): Uint8Array | undefined {
  const data = vector.validity.data!;
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
  let out = valid;
  for (let w = 0; w * 32 < count; w++) {
    const word = words[w]!;
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
