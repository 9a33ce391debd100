import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  appendWithFilePath,
  FOOTER_TAIL_BYTES,
  footerTail,
  joinFooter,
  keyValueOf,
  metadataFile,
  metadataLength,
  splitFooter,
  withKeyValue,
} from '../../catalogs/parquet-footer-parts.ts';
import {
  readFields,
  THRIFT,
  ThriftReader,
  ThriftWriter,
  writeFields,
} from '../../catalogs/parquet-thrift.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { PARTITIONS, temporaryFolder, writeLeaf } from './leaf-fixture.ts';

/** Encoded FileMetaData of a Parquet file. */
function metadataOf(file: string): Uint8Array {
  const bytes = readFileSync(file);
  const end = bytes.length - FOOTER_TAIL_BYTES;
  // Copied: a Buffer's own slices share its memory.
  return Uint8Array.from(bytes.subarray(end - metadataLength(bytes), end));
}

/** Every value of a struct, by field number: hyparquet's own decoder, which knows nothing of ours. */
function decode(struct: Uint8Array) {
  const view = new DataView(struct.buffer, struct.byteOffset, struct.byteLength);
  return deserializeTCompactProtocol({ view, offset: 0 });
}

function asFile(metadata: Uint8Array): Uint8Array {
  return Buffer.concat([metadata, footerTail(metadata.length)]);
}

function withPath(rowGroup: Uint8Array, filePath: string): Uint8Array {
  const writer = new ThriftWriter();
  appendWithFilePath(writer, rowGroup, new TextEncoder().encode(filePath));
  return writer.bytes();
}

/** What must hold for any footer. */
function expectLossless(metadata: Uint8Array): void {
  const parts = splitFooter(metadata);
  const joined = joinFooter(parts);
  expect(decode(joined)).toEqual(decode(metadata));
  expect(parquetMetadata(asFile(joined))).toEqual(parquetMetadata(asFile(metadata)));
  for (const rowGroup of parts.rowGroups) {
    const before = decode(rowGroup);
    const after = decode(withPath(rowGroup, 'Norder=1/Dir=0/Npix=44.parquet'));
    for (const [i, chunk] of after.field_1.entries()) {
      expect(Buffer.from(chunk.field_1).toString()).toBe('Norder=1/Dir=0/Npix=44.parquet');
      // A merged footer as input has a path already, which is the one thing that is replaced.
      delete chunk.field_1;
      delete before.field_1[i].field_1;
    }
    expect(after).toEqual(before);
  }
}

describe('the Thrift compact protocol', () => {
  test('numbers of every size come back', () => {
    const limit = 2 ** 52 - 1;
    fc.assert(
      fc.property(fc.integer({ min: -limit, max: limit }), (value) => {
        expect(new ThriftReader(new ThriftWriter().zigzag(value).bytes()).zigzag()).toBe(value);
      }),
      { examples: [[0], [-1], [63], [64], [-64], [-65], [2 ** 31], [limit], [-limit]] },
    );
  });

  test('numbers that a double cannot hold are refused, and stepped over', () => {
    const largest = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    expect(() => new ThriftReader(largest).varint()).toThrow(RangeError);
    const reader = new ThriftReader(largest);
    reader.skip(THRIFT.i64);
    expect(reader.position).toBe(10);
  });

  test('fields keep ids, types and values, far apart and out of order too', () => {
    const value = new ThriftWriter().text('x').bytes();
    const fields = [1, 2, 17, 400, 399, 32_767].map((id) => ({ id, type: THRIFT.binary, value }));
    fields.push({ id: 32_768, type: THRIFT.true as never, value: new Uint8Array() });
    const writer = new ThriftWriter();
    writeFields(writer, fields);
    const reader = new ThriftReader(writer.stop().bytes());
    expect(readFields(reader)).toEqual(fields);
    expect(reader.position).toBe(writer.length);
  });

  test('lists of 14, 15 and 200 booleans are stepped over byte by byte', () => {
    for (const count of [14, 15, 200]) {
      const writer = new ThriftWriter().list(THRIFT.true, count);
      for (let i = 0; i < count; i++) writer.byte(1 + (i % 2));
      const reader = new ThriftReader(writer.bytes());
      reader.skip(THRIFT.list);
      expect(reader.position).toBe(writer.length);
    }
  });

  test('types that Parquet has not, and endless nesting, are refused', () => {
    expect(() => new ThriftReader(new Uint8Array(9)).skip(11)).toThrow('type 11');
    const nested = new Uint8Array(1000).fill((1 << 4) | THRIFT.struct);
    expect(() => new ThriftReader(nested).skip(THRIFT.struct)).toThrow('too deep');
  });
});

describe('a footer of DuckDB', () => {
  let metadata: Uint8Array;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    remove = folder.remove;
    const file = path.join(folder.dir, 'leaf.parquet');
    await writeLeaf(file, { pixel: PARTITIONS[1]!.pixel, rows: 5000 }, 2048);
    metadata = metadataOf(file);
  });
  afterAll(() => remove());

  test('is put together again byte for byte', () => {
    expect(splitFooter(metadata)).toMatchObject({ rows: 5000, rowGroups: { length: 3 } });
    expect(Buffer.compare(joinFooter(splitFooter(metadata)), metadata)).toBe(0);
    expectLossless(metadata);
  });

  test('a file path is the only thing added to a row group', () => {
    const group = splitFooter(metadata).rowGroups[0]!;
    const chunks = parquetMetadata(asFile(metadata)).row_groups[0]!.columns.length;
    // The field header and the length take a byte each.
    expect(withPath(group, 'abc').length).toBe(group.length + chunks * (2 + 'abc'.length));
    expect(withPath(withPath(group, 'a longer one'), 'abc')).toEqual(withPath(group, 'abc'));
  });

  test('cut short anywhere, it is refused', () => {
    for (let length = 0; length < metadata.length; length++) {
      expect(() => splitFooter(metadata.subarray(0, length))).toThrow(RangeError);
    }
  });

  test('a wrong byte anywhere gives parts or a RangeError, nothing else', () => {
    for (let at = 0; at < metadata.length; at++) {
      const damaged = Uint8Array.from(metadata);
      damaged[at] = damaged[at]! ^ 0xff;
      try {
        for (const group of splitFooter(damaged).rowGroups) withPath(group, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  test('key-value entries are added and replaced, the others stay', () => {
    const { fields } = splitFooter(metadata);
    const once = withKeyValue(withKeyValue(fields, 'unit', 'deg'), 'note', 'Größe');
    const twice = withKeyValue(once, 'unit', 'mas');
    const file = metadataFile({ fields: twice, rows: 0, rowGroups: [] });
    expect(parquetMetadata(file)).toMatchObject({
      num_rows: 0n,
      row_groups: [],
      key_value_metadata: [
        { key: 'note', value: 'Größe' },
        { key: 'unit', value: 'mas' },
      ],
      created_by: expect.stringContaining('DuckDB'),
    });
    const parts = splitFooter(file.subarray(4, -FOOTER_TAIL_BYTES));
    expect(keyValueOf(parts, 'unit')).toBe('mas');
    expect(keyValueOf(parts, 'absent')).toBeUndefined();
  });

  test('a file that is not Parquet has no metadata', () => {
    expect(() => metadataLength(new Uint8Array(7))).toThrow(RangeError);
    expect(() => metadataLength(new TextEncoder().encode('some other file'))).toThrow(RangeError);
  });
});

describeShared('footers of other writers', () => {
  const sampleFiles = () =>
    readdirSync(sharedPath('hats-samples'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.parq(uet)?$|_metadata$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name));

  test('there are hundreds, merged ones and nested columns among them', () => {
    expect(sampleFiles().length).toBeGreaterThan(300);
  });

  test('all are put together again with every value as it was', () => {
    for (const file of sampleFiles()) expectLossless(metadataOf(file));
  });
});
