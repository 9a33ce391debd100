/**
 * A Parquet footer taken apart without being understood: row groups can be counted, given a file path and
 * moved to another file, everything else is carried along byte for byte. Field numbers are those of
 * parquet.thrift in the Apache Parquet format repository.
 */
import {
  readFields,
  readStructs,
  THRIFT,
  type ThriftField,
  ThriftReader,
  ThriftWriter,
  writeFields,
  writeStructs,
} from './parquet-thrift.ts';

const SCHEMA = 2;
const NUM_ROWS = 3;
const ROW_GROUPS = 4;
const KEY_VALUES = 5;

/** A Parquet file begins and ends with it. */
export const MAGIC = new TextEncoder().encode('PAR1');
/** Bytes behind the metadata: its length and the magic number. */
export const FOOTER_TAIL_BYTES = 8;

/** FileMetaData in parts. */
export interface FooterParts {
  /** All fields but the number of rows and the row groups. */
  readonly fields: readonly ThriftField[];
  readonly rows: number;
  /** Encoded RowGroup structs. */
  readonly rowGroups: readonly Uint8Array[];
}

/** Takes apart encoded FileMetaData. Throws RangeError when it is damaged. */
export function splitFooter(metadata: Uint8Array): FooterParts {
  const fields: ThriftField[] = [];
  let rows: number | undefined;
  let rowGroups: readonly Uint8Array[] | undefined;
  for (const field of readFields(new ThriftReader(metadata))) {
    if (field.id === NUM_ROWS) rows = new ThriftReader(field.value).zigzag();
    else if (field.id === ROW_GROUPS) rowGroups = readStructs(field.value);
    else fields.push(field);
  }
  if (rows === undefined || rowGroups === undefined || !fields.some((f) => f.id === SCHEMA)) {
    throw new RangeError('the schema, the number of rows or the row groups are missing');
  }
  return { fields, rows, rowGroups };
}

/** What comes before the first row group when `rows` rows in `groups` groups follow. */
export function footerHead(
  fields: readonly ThriftField[],
  rows: number,
  groups: number,
): Uint8Array {
  const writer = new ThriftWriter();
  const last = writeFields(
    writer,
    fields.filter((f) => f.id < NUM_ROWS),
  );
  writer.field(last, NUM_ROWS, THRIFT.i64).zigzag(rows);
  writer.field(NUM_ROWS, ROW_GROUPS, THRIFT.list).list(THRIFT.struct, groups);
  return writer.bytes();
}

/** What comes after the last row group. */
export function footerEnd(fields: readonly ThriftField[]): Uint8Array {
  const writer = new ThriftWriter();
  writeFields(
    writer,
    fields.filter((f) => f.id > ROW_GROUPS),
    ROW_GROUPS,
  );
  return writer.stop().bytes();
}

/** Encoded FileMetaData again. */
export function joinFooter(parts: FooterParts): Uint8Array {
  const writer = new ThriftWriter();
  writer.raw(footerHead(parts.fields, parts.rows, parts.rowGroups.length));
  for (const group of parts.rowGroups) writer.raw(group);
  return writer.raw(footerEnd(parts.fields)).bytes();
}

/** The end of a Parquet file whose metadata has that many bytes: the length, then the magic number. */
export function footerTail(metadataBytes: number): Uint8Array {
  const tail = new Uint8Array(FOOTER_TAIL_BYTES);
  new DataView(tail.buffer).setUint32(0, metadataBytes, true);
  tail.set(MAGIC, 4);
  return tail;
}

/** Length of the metadata, read from the last bytes of a file. Throws RangeError when it is not Parquet. */
export function metadataLength(tail: Uint8Array): number {
  const at = tail.length - FOOTER_TAIL_BYTES;
  if (at < 0 || !MAGIC.every((byte, i) => tail[at + 4 + i] === byte)) {
    throw new RangeError('it does not end like a Parquet file');
  }
  return new DataView(tail.buffer, tail.byteOffset + at, 4).getUint32(0, true);
}

/** A whole file that holds metadata only, as `_common_metadata` is. */
export function metadataFile(parts: FooterParts): Uint8Array {
  const metadata = joinFooter(parts);
  const writer = new ThriftWriter();
  return writer.raw(MAGIC).raw(metadata).raw(footerTail(metadata.length)).bytes();
}

/**
 * Appends a row group to `out` with every column chunk saying that its bytes are in `filePath`. The path is
 * the first field of a ColumnChunk, so the only other byte that changes is the header of the next one.
 */
export function appendWithFilePath(
  out: ThriftWriter,
  rowGroup: Uint8Array,
  filePath: Uint8Array,
): void {
  const reader = new ThriftReader(rowGroup);
  if (!reader.nextField(0) || reader.id !== 1 || reader.type !== THRIFT.list) {
    throw new RangeError('a row group has no columns');
  }
  const { type, count } = reader.list();
  if (type !== THRIFT.struct) throw new RangeError('a row group has no columns');
  out.raw(rowGroup.subarray(0, reader.position));
  for (let i = 0; i < count; i++) {
    out.field(0, 1, THRIFT.binary).binary(filePath);
    let more = reader.nextField(0);
    if (more && reader.id === 1) {
      reader.skip(reader.type);
      more = reader.nextField(1);
    }
    if (more) out.field(1, reader.id, reader.type);
    const start = reader.position;
    for (let id = reader.id; more; id = reader.id) {
      reader.skip(reader.type);
      more = reader.nextField(id);
    }
    if (reader.position > start) out.raw(rowGroup.subarray(start, reader.position));
    else out.stop();
  }
  out.raw(rowGroup.subarray(reader.position));
}

/** The encoded list of SchemaElements. */
export function schemaOf(parts: FooterParts): Uint8Array {
  return parts.fields.find((f) => f.id === SCHEMA)!.value;
}

/** One entry of the file's key-value metadata, or `undefined`. */
export function keyValueOf(parts: FooterParts, key: string): string | undefined {
  for (const pair of keyValuesOf(parts.fields)) {
    const [name, value] = textFields(pair);
    if (name === key) return value;
  }
  return undefined;
}

/** The footer's fields with one key-value entry set, in the place of an older one of that key. */
export function withKeyValue(
  fields: readonly ThriftField[],
  key: string,
  value: string,
): ThriftField[] {
  const entry = new ThriftWriter();
  entry.field(0, 1, THRIFT.binary).text(key).field(1, 2, THRIFT.binary).text(value).stop();
  const pairs = keyValuesOf(fields).filter((pair) => textFields(pair)[0] !== key);
  pairs.push(entry.bytes());
  const field = { id: KEY_VALUES, type: THRIFT.list, value: writeStructs(pairs) };
  return [...fields.filter((f) => f.id !== KEY_VALUES), field].sort((a, b) => a.id - b.id);
}

function keyValuesOf(fields: readonly ThriftField[]): Uint8Array[] {
  const field = fields.find((f) => f.id === KEY_VALUES);
  return field === undefined ? [] : readStructs(field.value);
}

function textFields(struct: Uint8Array): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  for (const { id, value } of readFields(new ThriftReader(struct))) {
    texts[id - 1] = new TextDecoder().decode(new ThriftReader(value).binary());
  }
  return texts;
}
