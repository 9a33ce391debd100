/** The column types whose values a Parquet file holds as they are: numbers, booleans, texts, days and microseconds. */
import type { SchemaElement } from 'hyparquet';
import type { ValueKind, Width } from './page-loops.ts';

export interface PlainType {
  /** What Parquet calls it. */
  readonly physical: 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY';
  /** Bytes of a value in memory: booleans take four, texts are numbers of four. */
  readonly width: Width;
  readonly kind: ValueKind;
  readonly form: 'number' | 'boolean' | 'text';
}

const BOOLEAN: PlainType = {
  ...{ physical: 'BOOLEAN', width: 4, kind: 'unsigned' },
  form: 'boolean',
};
const INTEGER: PlainType = {
  ...{ physical: 'INT32', width: 4, kind: 'signed' },
  form: 'number',
};
const LONG: PlainType = { ...INTEGER, physical: 'INT64', width: 8 };
const FLOAT: PlainType = { ...INTEGER, physical: 'FLOAT', kind: 'float' };
const DOUBLE: PlainType = { ...LONG, physical: 'DOUBLE', kind: 'float' };
const TEXT: PlainType = {
  ...{ physical: 'BYTE_ARRAY', width: 4, kind: 'unsigned' },
  form: 'text',
};

const TYPES: Readonly<Record<string, PlainType>> = {
  BOOLEAN,
  TINYINT: INTEGER,
  SMALLINT: INTEGER,
  INTEGER,
  UTINYINT: { ...INTEGER, kind: 'unsigned' },
  USMALLINT: { ...INTEGER, kind: 'unsigned' },
  UINTEGER: { ...INTEGER, kind: 'unsigned' },
  BIGINT: LONG,
  UBIGINT: { ...LONG, kind: 'unsigned' },
  FLOAT,
  DOUBLE,
  VARCHAR: TEXT,
  DATE: INTEGER,
  TIMESTAMP: LONG,
  'TIMESTAMP WITH TIME ZONE': LONG,
};

/** Null: values of this DuckDB type are not held as they are, or nested. */
export function plainType(type: string): PlainType | null {
  return TYPES[type] ?? null;
}

/** Whether a file holds values of this type as they would be written; DuckDB's type of the column is that type. */
export function isHeldAs({ physical }: PlainType, element: SchemaElement): boolean {
  if (element.type !== physical) return false;
  const { converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'TIMESTAMP') return logical.unit === 'MICROS';
  return converted === undefined || !/^TIME/.test(converted) || converted === 'TIMESTAMP_MICROS';
}
