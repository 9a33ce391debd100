import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
} from 'apache-arrow';
import fc from 'fast-check';
import * as wasm from 'parquet-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openColumns } from '../../catalogs/parquet-values.ts';
import type { Session } from '../../engine/session.ts';
import { abortedError } from '../../partitioning/error.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { describeShared, sharedPath } from '../shared-data.ts';

let session: Session;
let dir: string;
let file: string;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-test-'));
  session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: dir });
  file = path.join(dir, 'x.parquet');
});
afterAll(() => {
  session.close();
  rmSync(dir, { recursive: true });
});

const never = () => {};

function readValues(from: string, names: string[], checkStop: () => void): Float64Array[] | null {
  const columns = openColumns(from, names);
  try {
    return columns?.read(checkStop) ?? null;
  } finally {
    columns?.close();
  }
}

function bits(values: Float64Array | null | undefined): bigint[] | null {
  if (values === null || values === undefined) return null;
  return [...new BigUint64Array(values.buffer, values.byteOffset, values.length)];
}

/** The columns `ra` and `dec` of these values, as a Parquet file by Arrow's Rust writer. */
function parquetOf(
  values: readonly (number | null)[],
  isOptional: boolean,
  properties: wasm.WriterProperties,
): Uint8Array {
  const numbers = Float64Array.from(values, (value) => value ?? 0);
  const mask = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value !== null) mask[i >> 3]! |= 1 << (i & 7);
  });
  const nullCount = values.filter((value) => value === null).length;
  const column = (data: Float64Array) =>
    makeData({
      type: new Float64(),
      length: data.length,
      nullCount,
      data,
      ...(nullCount > 0 ? { nullBitmap: mask } : {}),
    });
  const fields = ['ra', 'dec'].map((name) => new Field(name, new Float64(), isOptional));
  const children = [column(numbers), column(numbers.map((value) => -value))];
  const struct = makeData({
    type: new Struct(fields),
    length: values.length,
    nullCount: 0,
    children,
  });
  const table = new Table([new RecordBatch(new Schema(fields), struct)]);
  return wasm.writeParquet(wasm.Table.fromIPCStream(tableToIPC(table, 'stream')), properties);
}

const layout = fc.record({
  version: fc.constantFrom(wasm.WriterVersion.V1, wasm.WriterVersion.V2),
  codec: fc.constantFrom(
    wasm.Compression.ZSTD,
    wasm.Compression.SNAPPY,
    wasm.Compression.UNCOMPRESSED,
  ),
  encoding: fc.constantFrom(wasm.Encoding.PLAIN, wasm.Encoding.BYTE_STREAM_SPLIT),
  isDictionary: fc.boolean(),
  dictionaryBytes: fc.constantFrom(64, 1 << 20),
  pageBytes: fc.constantFrom(100, 1000, 1 << 20),
  groupRows: fc.constantFrom(7, 100, 1 << 20),
});
type Layout = typeof layout extends fc.Arbitrary<infer L> ? L : never;

function propertiesOf(of: Layout): wasm.WriterProperties {
  return new wasm.WriterPropertiesBuilder()
    .setWriterVersion(of.version)
    .setCompression(of.codec)
    .setEncoding(of.encoding)
    .setDictionaryEnabled(of.isDictionary)
    .setDictionaryPageSizeLimit(of.dictionaryBytes)
    .setDataPageSizeLimit(of.pageBytes)
    .setWriteBatchSize(16)
    .setMaxRowGroupSize(of.groupRows)
    .build();
}

/** Few different ones among many, as a dictionary takes them, and any. */
const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1.5, Number.NaN, 359.999));

describe('columns of doubles', () => {
  test('have the values that were written, in every layout', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), fc.boolean(), layout, (values, opt, of) => {
        writeFileSync(file, parquetOf(values, opt, propertiesOf(of)));
        const read = readValues(file, ['dec', 'ra'], never);
        const written = Float64Array.from(values);
        expect(bits(read?.[1])).toEqual(bits(written));
        expect(bits(read?.[0])).toEqual(bits(written.map((one) => -one)));
      }),
    );
  });

  test('with a null anywhere are left to the database', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.nat(),
        layout,
        (values, at, of) => {
          const holed: (number | null)[] = [...values];
          holed[at % values.length] = null;
          writeFileSync(file, parquetOf(holed, true, propertiesOf(of)));
          expect(readValues(file, ['ra'], never)).toBeNull();
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each(['GZIP', 'BROTLI', 'LZ4_RAW'] as const)('in %s are left to the database', (codec) => {
    const properties = new wasm.WriterPropertiesBuilder()
      .setCompression(wasm.Compression[codec])
      .build();
    writeFileSync(file, parquetOf([1, 2, 3], true, properties));
    expect(readValues(file, ['ra'], never)).toBeNull();
  });

  test.each([
    ['of another name', 'RA'],
    ['that are not there', 'mag'],
    ['of floats', 'f'],
    ['of integers', 'i'],
    ['of lists', 'l'],
    ['of a struct', 's'],
    ['of decimals', 'd'],
  ])('%s are left to the database', async (_name, column) => {
    const select =
      'SELECT 1.5::DOUBLE AS ra, 1::FLOAT f, 1 i, [1.5::DOUBLE] l, {x: 1.5::DOUBLE} s, 1.5::DECIMAL(9,2) d';
    await session.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
    expect(readValues(file, ['ra'], never)?.[0]).toEqual(Float64Array.of(1.5));
    expect(readValues(file, [column], never)).toBeNull();
  });

  test('of millions of rows are those that DuckDB reads, in its own layouts', async () => {
    const select =
      'SELECT random() * 360 AS ra, (i % 1000) / 10.0::DOUBLE AS dec FROM range(1300000) t(i)';
    for (const version of ['v1', 'v2']) {
      await session.run(
        `COPY (${select}) TO '${file}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION ${version})`,
      );
      const sql = `SELECT ra, dec FROM read_parquet('${file}')`;
      const { columns } = await session.columns(sql, ['f64', 'f64']);
      const read = readValues(file, ['ra', 'dec'], never);
      columns.forEach(({ values }, i) => {
        expect(Buffer.from(read![i]!.buffer).equals(Buffer.from(values.buffer))).toBe(true);
      });
    }
  });
});

describe('a file that is not whole', () => {
  const properties = () =>
    new wasm.WriterPropertiesBuilder().setDataPageSizeLimit(200).setWriteBatchSize(16).build();
  const numbers = Array.from({ length: 500 }, (_, i) => Math.sin(i));

  test('is left to the database, wherever it was cut', () => {
    const whole = parquetOf(numbers, true, properties());
    for (let length = 0; length < whole.length; length += 37) {
      writeFileSync(file, whole.subarray(0, length));
      expect(readValues(file, ['ra'], never)).toBeNull();
    }
    expect(readValues(path.join(dir, 'none.parquet'), ['ra'], never)).toBeNull();
  });

  test('never throws, wherever a byte is wrong', () => {
    const whole = parquetOf(numbers, true, properties());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = whole.slice();
        damaged[at]! ^= change;
        writeFileSync(file, damaged);
        const read = readValues(file, ['ra'], never);
        if (read !== null) expect(read[0]).toHaveLength(numbers.length);
      }),
      { numRuns: 500 },
    );
  });

  test('is no reason to hide a stop', () => {
    writeFileSync(file, parquetOf(numbers, true, properties()));
    const stop = () => {
      throw abortedError();
    };
    expect(() => readValues(file, ['ra'], stop)).toThrow(abortedError().message);
  });
});

describeShared('catalogs made by others', () => {
  const root = sharedPath('hats-samples');
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /Npix=\d+\.parquet$/.test(name))
    .sort();
  // One of each catalog.
  const leaves = new Map(all.map((name) => [name.replace(/\/dataset\/.*/s, ''), name])).values();

  test('have the values that DuckDB reads', async () => {
    let direct = 0;
    for (const leaf of leaves) {
      const from = path.join(root, leaf);
      const described = await session.describe(`SELECT * FROM read_parquet('${from}')`);
      const names = described.filter(({ type }) => type === 'DOUBLE').map(({ name }) => name);
      for (const name of names) {
        const read = readValues(from, [name], never);
        if (read === null) continue;
        direct++;
        const sql = `SELECT "${name}" FROM read_parquet('${from}', hive_partitioning=false)`;
        const { columns } = await session.columns(sql, ['f64']);
        expect([name, bits(read[0])]).toEqual([name, bits(columns[0]!.values as Float64Array)]);
        expect(columns[0]!.valid).toBeUndefined();
      }
    }
    expect(direct).toBeGreaterThan(20);
  });
});
