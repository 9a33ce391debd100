/**
 * The `ARROW:schema` entry of a Parquet footer: the place where units, descriptions and UCDs of columns are
 * kept, as metadata of Arrow fields. Readers built on Arrow also take column types from it, so it must
 * say exactly the types that they would find in the Parquet schema without it.
 */
import * as arrow from 'apache-arrow';
import { parquetMetadata, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';
import type { Column } from './types.ts';

export const ARROW_SCHEMA_KEY = 'ARROW:schema';

/**
 * The entry's value (base64 of an IPC schema message) for the schema of a metadata-only Parquet file.
 * @param file bytes of the file
 * @param columns top-level columns whose notes are to be kept
 * @param stored the entry as the file has it already: its types count, as they say more than Parquet's
 * @returns `stored` as it is, when it names types that this Arrow library cannot express
 */
export function arrowSchemaEntry(
  file: Uint8Array,
  columns: readonly Column[],
  stored?: string,
): string {
  const fields = stored === undefined ? fieldsOf(file) : decode(stored);
  if (fields === undefined) return stored!;
  const notes = new Map(columns.map((column) => [column.name, notesOf(column)]));
  return encode(
    fields.map((field) => {
      const metadata = new Map([...field.metadata, ...(notes.get(field.name) ?? [])]);
      return new arrow.Field(field.name, field.type, field.nullable, metadata);
    }),
  );
}

function notesOf(column: Column): Map<string, string> {
  const notes = new Map<string, string>();
  if (column.unit) notes.set('unit', column.unit);
  if (column.description) notes.set('description', column.description);
  if (column.ucd) notes.set('ucd', column.ucd);
  return notes;
}

function encode(fields: arrow.Field[]): string {
  const stream = arrow.tableToIPC(new arrow.Table(new arrow.Schema(fields)), 'stream');
  // A stream starts with the schema message: a marker, the length of what follows, the message.
  const bytes = 8 + new DataView(stream.buffer, stream.byteOffset).getInt32(4, true);
  return Buffer.from(stream.buffer, stream.byteOffset, bytes).toString('base64');
}

function decode(entry: string): arrow.Field[] | undefined {
  try {
    return arrow.RecordBatchReader.from(Buffer.from(entry, 'base64')).open().schema.fields;
  } catch {
    return undefined;
  }
}

function fieldsOf(file: Uint8Array): arrow.Field[] {
  return parquetSchema(parquetMetadata(file, { geoparquet: false })).children.map(fieldOf);
}

/** The Arrow field that Arrow's C++ Parquet reader makes of a schema node. */
function fieldOf(node: SchemaTree): arrow.Field {
  const { name, repetition_type } = node.element;
  return new arrow.Field(name, typeOf(node), repetition_type !== 'REQUIRED');
}

function typeOf(node: SchemaTree): arrow.DataType {
  const { element, children } = node;
  if (children.length === 0) return leafType(element);
  const kind = element.logical_type?.type ?? element.converted_type;
  const only = children.length === 1 ? children[0] : undefined;
  if (only?.element.repetition_type === 'REPEATED') {
    if (kind === 'LIST') return new arrow.List(elementOf(only));
    if (kind === 'MAP') return mapOf(only);
  }
  return new arrow.Struct(children.map(fieldOf));
}

/** The element of a list: the lone child of its repeated group, else the repeated node itself. */
function elementOf(repeated: SchemaTree): arrow.Field {
  const { children, element } = repeated;
  const isWrapper = children.length === 1 && element.name !== 'array';
  return isWrapper ? fieldOf(children[0]!) : new arrow.Field(element.name, typeOf(repeated), false);
}

type Pair = { key: arrow.DataType; value: arrow.DataType };

function mapOf(entries: SchemaTree): arrow.DataType {
  const pair = new arrow.Struct<Pair>(entries.children.map(fieldOf));
  return new arrow.Map_(new arrow.Field(entries.element.name, pair, false));
}

function leafType(element: SchemaElement): arrow.DataType {
  switch (element.type) {
    case 'BOOLEAN':
      return new arrow.Bool();
    case 'FLOAT':
      return new arrow.Float32();
    case 'DOUBLE':
      return new arrow.Float64();
    case 'INT96':
      return new arrow.TimestampNanosecond();
    case 'INT32':
    case 'INT64':
      return wholeType(element);
    default:
      return bytesType(element);
  }
}

function wholeType(element: SchemaElement): arrow.DataType {
  const logical = element.logical_type;
  const converted = element.converted_type ?? '';
  if (logical?.type === 'TIMESTAMP') {
    return new arrow.Timestamp(unitOf(logical.unit), logical.isAdjustedToUTC ? 'UTC' : null);
  }
  if (logical?.type === 'TIME') return timeType(logical.unit);
  if (logical?.type === 'INTEGER') return intType(logical.bitWidth, logical.isSigned);
  if (converted === 'DECIMAL') return decimalType(element);
  if (converted === 'DATE') return new arrow.DateDay();
  // Without the newer annotation, both kinds of time are in UTC by definition.
  if (converted.startsWith('TIMESTAMP_')) return new arrow.Timestamp(unitOf(converted), 'UTC');
  if (converted.startsWith('TIME_')) return timeType(converted);
  const width = /^(U?)INT_(\d+)$/.exec(converted);
  if (width !== null) return intType(Number(width[2]), width[1] === '');
  return intType(element.type === 'INT32' ? 32 : 64, true);
}

function unitOf(text: string): arrow.TimeUnit {
  if (text.endsWith('MILLIS')) return arrow.TimeUnit.MILLISECOND;
  return text.endsWith('MICROS') ? arrow.TimeUnit.MICROSECOND : arrow.TimeUnit.NANOSECOND;
}

function timeType(unit: string): arrow.DataType {
  return new arrow.Time(unitOf(unit), unit.endsWith('MILLIS') ? 32 : 64);
}

function intType(bits: number, signed: boolean): arrow.DataType {
  return new arrow.Int(signed, bits as 8 | 16 | 32 | 64);
}

function decimalType(element: SchemaElement): arrow.DataType {
  return new arrow.Decimal(element.scale ?? 0, element.precision ?? 38, 128);
}

function bytesType(element: SchemaElement): arrow.DataType {
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if (converted === 'DECIMAL' || logical === 'DECIMAL') return decimalType(element);
  if (logical === 'FLOAT16') return new arrow.Float16();
  if (element.type === 'FIXED_LEN_BYTE_ARRAY') {
    return new arrow.FixedSizeBinary(element.type_length ?? 0);
  }
  const isText = logical === 'STRING' || logical === 'JSON' || converted === 'UTF8';
  return isText || converted === 'JSON' ? new arrow.Utf8() : new arrow.Binary();
}
