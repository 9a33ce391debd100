/**
 * The Parquet schema of columns given by their DuckDB types, as DuckDB's own writer makes it: that of catalogs
 * without rows, and of files that are written past the database, beside which others lie that it wrote. The
 * rules were read off files of DuckDB 1.5; a test compares the bytes for every type.
 */
import { dataError } from '../partitioning/error.ts';
import type { FooterParts } from './parquet-footer-parts.ts';
import { THRIFT, type ThriftField, ThriftWriter } from './parquet-thrift.ts';
import type { Column } from './types.ts';

/** Numbers of the enums of parquet.thrift. */
export const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
};
const CONVERTED = {
  utf8: 0,
  map: 1,
  list: 3,
  decimal: 5,
  date: 6,
  timeMicros: 8,
  timestampMillis: 9,
  timestampMicros: 10,
  uint8: 11,
  uint16: 12,
  uint32: 13,
  uint64: 14,
  int8: 15,
  int16: 16,
  int32: 17,
  int64: 18,
  json: 19,
  interval: 21,
};
const REQUIRED = 0;
const OPTIONAL = 1;
const REPEATED = 2;

/** One SchemaElement; `logical` is its encoded LogicalType. */
interface Element {
  readonly name: string;
  readonly physical?: number;
  readonly length?: number;
  readonly repetition: number;
  readonly children?: number;
  readonly converted?: number;
  readonly scale?: number;
  readonly precision?: number;
  readonly logical?: Uint8Array;
}

type Leaf = Omit<Element, 'name' | 'repetition'>;

/** The footer of a Parquet file with these columns and no rows. `createdBy` names the writer. */
export function emptyFooter(columns: readonly Column[], createdBy: string): FooterParts {
  const elements: Element[] = [
    { name: 'duckdb_schema', repetition: REQUIRED, children: columns.length },
  ];
  for (const { name, type } of columns) {
    const reader = new TypeReader(type, name);
    reader.column(elements, name, OPTIONAL);
    reader.end();
  }
  const schema = new ThriftWriter().list(THRIFT.struct, elements.length);
  for (const element of elements) writeElement(schema, element);
  const leaves = elements.filter((element) => element.physical !== undefined).length;
  return {
    fields: [
      { id: 1, type: THRIFT.i32, value: new ThriftWriter().zigzag(2).bytes() },
      { id: 2, type: THRIFT.list, value: schema.bytes() },
      { id: 6, type: THRIFT.binary, value: new ThriftWriter().text(createdBy).bytes() },
      columnOrders(leaves),
    ],
    rows: 0,
    rowGroups: [],
  };
}

/** Every leaf is ordered as its type says: the empty struct TypeDefinedOrder in field 1 of a union. */
function columnOrders(leaves: number): ThriftField {
  const writer = new ThriftWriter().list(THRIFT.struct, leaves);
  for (let i = 0; i < leaves; i++) writer.field(0, 1, THRIFT.struct).stop().stop();
  return { id: 7, type: THRIFT.list, value: writer.bytes() };
}

function writeElement(writer: ThriftWriter, element: Element): void {
  let last = 0;
  const whole = (id: number, value: number | undefined) => {
    if (value === undefined) return;
    writer.field(last, id, THRIFT.i32).zigzag(value);
    last = id;
  };
  whole(1, element.physical);
  whole(2, element.length);
  whole(3, element.repetition);
  writer.field(last, 4, THRIFT.binary).text(element.name);
  last = 4;
  whole(5, element.children);
  whole(6, element.converted);
  whole(7, element.scale);
  whole(8, element.precision);
  if (element.logical !== undefined) writer.field(last, 10, THRIFT.struct).raw(element.logical);
  writer.stop();
}

/** Reads a type text and appends the schema elements of a column of that type. */
class TypeReader {
  private readonly text: string;
  private readonly columnName: string;
  private at = 0;

  constructor(text: string, columnName: string) {
    this.text = text;
    this.columnName = columnName;
  }

  /** The type at the current position, as elements for a column `name`. */
  column(elements: Element[], name: string, repetition: number): void {
    const first = elements.length;
    this.base(elements, name, repetition);
    // Each suffix makes a list of what was read so far.
    while (this.take(/\[\d*\]/y) !== undefined) wrapInList(elements, first, name, repetition);
  }

  end(): void {
    if (this.at !== this.text.length) throw this.failure();
  }

  private base(elements: Element[], name: string, repetition: number): void {
    if (this.take(/STRUCT\s*\(/iy) !== undefined) this.struct(elements, name, repetition);
    else if (this.take(/MAP\s*\(/iy) !== undefined) this.map(elements, name, repetition);
    else elements.push({ name, repetition, ...this.leaf() });
  }

  private leaf(): Leaf {
    if (this.take(/ENUM\s*\(('(?:[^']|'')*'[,\s]*)*\)/iy) !== undefined) return LEAVES.VARCHAR!;
    const word = this.take(/[A-Z_]+\d*(?:\s+[A-Z_]+)*(?:\([\d,\s]*\))?/iy);
    const leaf = word === undefined ? undefined : leafOf(word.toUpperCase());
    if (leaf === undefined) throw this.failure();
    return leaf;
  }

  private struct(elements: Element[], name: string, repetition: number): void {
    const at = elements.length;
    let children = 0;
    elements.push({ name, repetition });
    do {
      this.column(elements, this.fieldName(), OPTIONAL);
      children++;
    } while (this.take(/\s*,\s*/y) !== undefined);
    if (this.take(/\s*\)/y) === undefined) throw this.failure();
    elements[at] = { name, repetition, children };
  }

  private map(elements: Element[], name: string, repetition: number): void {
    elements.push({ name, repetition, children: 1, converted: CONVERTED.map });
    elements.push({ name: 'key_value', repetition: REPEATED, children: 2 });
    this.column(elements, 'key', REQUIRED);
    if (this.take(/\s*,\s*/y) === undefined) throw this.failure();
    this.column(elements, 'value', OPTIONAL);
    if (this.take(/\s*\)/y) === undefined) throw this.failure();
  }

  private fieldName(): string {
    const quoted = this.take(/"(?:[^"]|"")*"\s+/y);
    if (quoted !== undefined) return quoted.trimEnd().slice(1, -1).replaceAll('""', '"');
    const plain = this.take(/[^\s",()[\]]+\s+/y);
    if (plain === undefined) throw this.failure();
    return plain.trimEnd();
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private failure() {
    return dataError(
      `the type ${this.text} cannot be stored in Parquet`,
      `column ${this.columnName}`,
      'cast the column to a type that HATS catalogs have, or leave it out',
    );
  }
}

/** The three levels of a list around the elements from `first` on. */
function wrapInList(elements: Element[], first: number, name: string, repetition: number): void {
  elements[first] = { ...elements[first]!, name: 'element', repetition: OPTIONAL };
  const outer = { name, repetition, children: 1, converted: CONVERTED.list };
  elements.splice(first, 0, outer, { name: 'list', repetition: REPEATED, children: 1 });
}

const LEAVES: Readonly<Record<string, Leaf>> = {
  BOOLEAN: { physical: PHYSICAL.BOOLEAN },
  TINYINT: { physical: PHYSICAL.INT32, converted: CONVERTED.int8 },
  SMALLINT: { physical: PHYSICAL.INT32, converted: CONVERTED.int16 },
  INTEGER: { physical: PHYSICAL.INT32, converted: CONVERTED.int32 },
  BIGINT: { physical: PHYSICAL.INT64, converted: CONVERTED.int64 },
  UTINYINT: { physical: PHYSICAL.INT32, converted: CONVERTED.uint8 },
  USMALLINT: { physical: PHYSICAL.INT32, converted: CONVERTED.uint16 },
  UINTEGER: { physical: PHYSICAL.INT32, converted: CONVERTED.uint32 },
  UBIGINT: { physical: PHYSICAL.INT64, converted: CONVERTED.uint64 },
  HUGEINT: { physical: PHYSICAL.DOUBLE },
  UHUGEINT: { physical: PHYSICAL.DOUBLE },
  FLOAT: { physical: PHYSICAL.FLOAT },
  DOUBLE: { physical: PHYSICAL.DOUBLE },
  VARCHAR: { physical: PHYSICAL.BYTE_ARRAY, converted: CONVERTED.utf8 },
  BIT: { physical: PHYSICAL.BYTE_ARRAY, converted: CONVERTED.utf8 },
  BLOB: { physical: PHYSICAL.BYTE_ARRAY },
  JSON: { physical: PHYSICAL.BYTE_ARRAY, converted: CONVERTED.json, logical: logicalType(12) },
  DATE: { physical: PHYSICAL.INT32, converted: CONVERTED.date },
  UUID: { physical: PHYSICAL.FIXED_LEN_BYTE_ARRAY, length: 16, logical: logicalType(14) },
  INTERVAL: { physical: PHYSICAL.FIXED_LEN_BYTE_ARRAY, length: 12, converted: CONVERTED.interval },
  TIME: timeLeaf(CONVERTED.timeMicros, logicalTime(7, false, 2)),
  'TIME WITH TIME ZONE': timeLeaf(CONVERTED.timeMicros, logicalTime(7, true, 2)),
  TIMESTAMP: timeLeaf(CONVERTED.timestampMicros, logicalTime(8, false, 2)),
  TIMESTAMP_S: timeLeaf(CONVERTED.timestampMicros, logicalTime(8, false, 2)),
  TIMESTAMP_MS: timeLeaf(CONVERTED.timestampMillis, logicalTime(8, false, 1)),
  TIMESTAMP_NS: timeLeaf(undefined, logicalTime(8, false, 3)),
  'TIMESTAMP WITH TIME ZONE': timeLeaf(CONVERTED.timestampMicros, logicalTime(8, true, 2)),
};

function leafOf(type: string): Leaf | undefined {
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal === null) return LEAVES[type];
  const precision = Number(decimal[1]);
  const scale = Number(decimal[2]);
  const value = new ThriftWriter().field(0, 1, THRIFT.i32).zigzag(scale);
  value.field(1, 2, THRIFT.i32).zigzag(precision).stop();
  return {
    ...(precision <= 9 && { physical: PHYSICAL.INT32 }),
    ...(precision > 9 && precision <= 18 && { physical: PHYSICAL.INT64 }),
    ...(precision > 18 && { physical: PHYSICAL.FIXED_LEN_BYTE_ARRAY, length: 16 }),
    converted: CONVERTED.decimal,
    scale,
    precision,
    logical: logicalType(5, value.bytes()),
  };
}

function timeLeaf(converted: number | undefined, logical: Uint8Array): Leaf {
  return { physical: PHYSICAL.INT64, converted, logical };
}

/** A LogicalType: a union, one of whose fields is set to an encoded struct, an empty one by default. */
function logicalType(id: number, value: Uint8Array = new Uint8Array(1)): Uint8Array {
  return new ThriftWriter().field(0, id, THRIFT.struct).raw(value).stop().bytes();
}

/** TIME (7) or TIMESTAMP (8): whether it is UTC, and the unit (1 ms, 2 µs, 3 ns). */
function logicalTime(id: number, utc: boolean, unit: number): Uint8Array {
  const value = new ThriftWriter().field(0, 1, utc ? THRIFT.true : THRIFT.false);
  value.field(1, 2, THRIFT.struct).field(0, unit, THRIFT.struct).stop().stop().stop();
  return logicalType(id, value.bytes());
}
