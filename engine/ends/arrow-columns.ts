/** Arrow columns of values as storage.ts stores them. */
import {
  Bool,
  type DataType,
  DateDay,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeData,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8 as UnsignedByte,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { storageOf } from '../expression/storage.ts';
import type { KeyValue } from '../groups.ts';
import type { ValueColumn } from '../reduce/group-values.ts';

interface ArrowForm {
  readonly type: DataType;
  /** The type's array out of the stored numbers. */
  data(values: Float64Array | BigInt64Array): ArrayLike<number> | BigInt64Array | BigUint64Array;
}

const small = (
  type: DataType,
  from: (values: Iterable<number>) => ArrayLike<number>,
): ArrowForm => ({
  type,
  data: (values) => from(Array.from(values as BigInt64Array, Number)),
});

const TIME: ArrowForm = {
  type: new TimestampMicrosecond(),
  data: (values) => values as BigInt64Array,
};

const FORMS: Readonly<Record<string, ArrowForm>> = {
  DOUBLE: { type: new Float64(), data: (values) => values as Float64Array },
  FLOAT: { type: new Float32(), data: (values) => Float32Array.from(values as Float64Array) },
  TINYINT: small(new Int8(), (values) => Int8Array.from(values)),
  SMALLINT: small(new Int16(), (values) => Int16Array.from(values)),
  INTEGER: small(new Int32(), (values) => Int32Array.from(values)),
  BIGINT: { type: new Int64(), data: (values) => values as BigInt64Array },
  UTINYINT: small(new UnsignedByte(), (values) => Uint8Array.from(values)),
  USMALLINT: small(new Uint16(), (values) => Uint16Array.from(values)),
  UINTEGER: small(new Uint32(), (values) => Uint32Array.from(values)),
  UBIGINT: {
    type: new Uint64(),
    data: (values) => BigUint64Array.from(values as BigInt64Array, (value) => value + 2n ** 63n),
  },
  DATE: small(new DateDay(), (values) => Int32Array.from(values)),
  TIMESTAMP: TIME,
  TIMESTAMP_S: TIME,
  TIMESTAMP_MS: TIME,
  TIMESTAMP_NS: { ...TIME, type: new TimestampNanosecond() },
  'TIMESTAMP WITH TIME ZONE': { ...TIME, type: new TimestampMicrosecond('UTC') },
};

/** An Arrow column of stored values. */
export function arrowColumn({ type, values, valid }: ValueColumn): Vector {
  const { length } = values;
  if (type === 'BOOLEAN') {
    const flags = Array.from(values as BigInt64Array, (value, i) =>
      valid !== null && valid[i] === 0 ? null : value !== 0n,
    );
    return vectorFromArray(flags, new Bool());
  }
  const form = FORMS[type];
  if (form === undefined) throw new Error(`there is no Arrow type for ${type}`);
  const nulls = valid === null ? {} : bitmapOf(valid);
  const data = form.data(values) as Float64Array;
  return new Vector([makeData({ type: form.type as Float64, length, data, ...nulls })]);
}

/** An Arrow column of the values of a key. */
export function arrowKeys(type: string, values: readonly KeyValue[]): Vector {
  const storage = storageOf(type);
  if (storage === undefined) return vectorFromArray(values as (string | null)[], new Utf8());
  const stored =
    storage.kind === 'f64'
      ? Float64Array.from(values, (value) => Number(value ?? 0))
      : BigInt64Array.from(values, (value) => BigInt(value ?? 0));
  const valid = values.includes(null)
    ? Uint8Array.from(values, (value) => (value === null ? 0 : 1))
    : null;
  return arrowColumn({ type, values: stored, valid });
}

/** Arrow's bitmap, lowest bit first, of marks of one byte each. */
function bitmapOf(valid: Uint8Array): { nullBitmap: Uint8Array; nullCount: number } {
  const nullBitmap = new Uint8Array(Math.ceil(valid.length / 8));
  let nullCount = 0;
  valid.forEach((mark, i) => {
    if (mark === 1) nullBitmap[i >> 3]! |= 1 << (i & 7);
    else nullCount++;
  });
  return { nullBitmap, nullCount };
}
