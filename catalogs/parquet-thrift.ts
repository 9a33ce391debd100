/**
 * The Thrift compact protocol, as far as it takes to take Parquet footers apart and put them together
 * again. Values stay encoded: a footer is cut at its fields and the pieces are copied, so whatever a
 * writer put there survives, fields that this code has never heard of included.
 *
 * Why no library does this: hyparquet reads footers well but has no writer. hyparquet-writer (0.16.5, its
 * metadata.js read) builds a footer out of hyparquet's decoded object, which holds no column orders
 * (without them readers may not trust min_value and max_value), skips row-group ordinals, guesses integer
 * widths from values, and decodes statistics only to encode them again. None of that is lossless.
 *
 * Source: the compact protocol specification in the Apache Thrift repository.
 */

/** Type codes of the compact protocol. Parquet uses neither sets nor maps. */
export const THRIFT = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
} as const;

/** Parquet metadata nests six structs deep; more than this is damage. */
const MAX_DEPTH = 32;

/** One field of a struct, its value still encoded. A boolean's value is its type and has no bytes. */
export interface ThriftField {
  readonly id: number;
  readonly type: number;
  readonly value: Uint8Array;
}

/** Walks over encoded values. Throws RangeError where the bytes are not what the protocol allows. */
export class ThriftReader {
  readonly bytes: Uint8Array;
  position: number;
  /** Id and type of the field met last. */
  id = 0;
  type = 0;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  byte(): number {
    const value = this.bytes[this.position];
    if (value === undefined) throw new RangeError('the metadata ends too early');
    this.position += 1;
    return value;
  }

  /** Unsigned; exact below 2⁵³, beyond which it is refused. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is too large');
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** Signed: i16, i32 and i64 are all stored this way. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  binary(): Uint8Array {
    const length = this.varint();
    const start = this.position;
    this.advance(length);
    return this.bytes.subarray(start, this.position);
  }

  /** Steps to the next field of a struct, setting `id` and `type`; false at the struct's end. */
  nextField(lastId: number): boolean {
    const header = this.byte();
    this.type = header & 0x0f;
    if (header === 0) return false;
    const delta = header >> 4;
    this.id = delta === 0 ? this.zigzag() : lastId + delta;
    return true;
  }

  list(): { type: number; count: number } {
    const header = this.byte();
    const short = header >> 4;
    return { type: header & 0x0f, count: short === 15 ? this.varint() : short };
  }

  /** Steps over the value of a field. */
  skip(type: number, depth = 0): void {
    if (depth > MAX_DEPTH) throw new RangeError('the metadata is nested too deep');
    if (type === THRIFT.true || type === THRIFT.false) return;
    if (type === THRIFT.byte) this.advance(1);
    else if (type === THRIFT.i16 || type === THRIFT.i32 || type === THRIFT.i64) this.skipVarint();
    else if (type === THRIFT.double) this.advance(8);
    else if (type === THRIFT.binary) this.advance(this.varint());
    else if (type === THRIFT.list) this.skipList(depth);
    else if (type === THRIFT.struct) this.skipStruct(depth);
    else throw new RangeError(`type ${type} is not used by Parquet`);
  }

  /** Values up to 64 bits wide, which {@link varint} could not hold. */
  private skipVarint(): void {
    while (this.byte() >= 0x80);
  }

  private skipList(depth: number): void {
    const { type, count } = this.list();
    // Inside a list, unlike in a field header, a boolean takes a byte.
    const element = type === THRIFT.true || type === THRIFT.false ? THRIFT.byte : type;
    for (let i = 0; i < count; i++) this.skip(element, depth + 1);
  }

  private skipStruct(depth: number): void {
    let id = 0;
    while (this.nextField(id)) {
      id = this.id;
      this.skip(this.type, depth + 1);
    }
  }

  private advance(count: number): void {
    if (this.position + count > this.bytes.length) {
      throw new RangeError('the metadata ends too early');
    }
    this.position += count;
  }
}

/** Appends encoded values to a buffer that grows. */
export class ThriftWriter {
  private buffer = new Uint8Array(1024);
  private used = 0;

  get length(): number {
    return this.used;
  }

  /** Everything written so far, as a copy. */
  bytes(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
    return this;
  }

  byte(value: number): this {
    this.reserve(1);
    this.buffer[this.used++] = value;
    return this;
  }

  /** A whole number from 0 to 2⁵³. */
  varint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    return this.byte(rest);
  }

  zigzag(value: number): this {
    return this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  binary(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  text(value: string): this {
    return this.binary(new TextEncoder().encode(value));
  }

  /** Header of a field that follows the field `lastId` in its struct (0: none). */
  field(lastId: number, id: number, type: number): this {
    const delta = id - lastId;
    if (delta > 0 && delta <= 15) return this.byte((delta << 4) | type);
    return this.byte(type).zigzag(id);
  }

  list(type: number, count: number): this {
    if (count < 15) return this.byte((count << 4) | type);
    return this.byte(0xf0 | type).varint(count);
  }

  /** End of a struct. */
  stop(): this {
    return this.byte(0);
  }

  private reserve(count: number): void {
    if (this.used + count <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.used + count));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}

/** The fields of the struct that starts at `reader`'s position, which ends up behind it. */
export function readFields(reader: ThriftReader): ThriftField[] {
  const fields: ThriftField[] = [];
  let last = 0;
  while (reader.nextField(last)) {
    const { id, type, position } = reader;
    reader.skip(type);
    fields.push({ id, type, value: reader.bytes.subarray(position, reader.position) });
    last = id;
  }
  return fields;
}

/** Writes fields that follow the field `lastId`, without the struct's end; returns the last id. */
export function writeFields(
  writer: ThriftWriter,
  fields: readonly ThriftField[],
  lastId = 0,
): number {
  let last = lastId;
  for (const { id, type, value } of fields) {
    writer.field(last, id, type).raw(value);
    last = id;
  }
  return last;
}

/** The encoded elements of an encoded list of structs. */
export function readStructs(encoded: Uint8Array): Uint8Array[] {
  const reader = new ThriftReader(encoded);
  const { type, count } = reader.list();
  if (count > 0 && type !== THRIFT.struct) throw new RangeError('a list holds something else');
  const structs: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.position;
    reader.skip(THRIFT.struct);
    structs.push(encoded.subarray(start, reader.position));
  }
  return structs;
}

/** A list of encoded structs, encoded. */
export function writeStructs(structs: readonly Uint8Array[]): Uint8Array {
  const writer = new ThriftWriter().list(THRIFT.struct, structs.length);
  for (const struct of structs) writer.raw(struct);
  return writer.bytes();
}
