import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Field,
  Float64,
  Int64,
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
import type { NumericColumn, Session } from '../../engine/session.ts';
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

/** Columns of whole numbers are called `id`. */
function readValues(from: string, names: string[], checkStop: () => void): ArrayBuffer[] | null {
  const wanted = names.map(
    (name) => ({ name, type: name === 'id' ? 'BIGINT' : 'DOUBLE' }) as const,
  );
  const columns = openColumns(from, wanted);
  try {
    return columns?.read(checkStop) ?? null;
  } finally {
    columns?.close();
  }
}

function bits(values: ArrayBuffer | undefined): bigint[] | null {
  return values === undefined ? null : [...new BigUint64Array(values)];
}

/** The columns `ra`, `dec` (as many, negative) and `id` of these values, as a Parquet file by Arrow's Rust writer. */
function parquetOf(
  values: readonly (number | null)[],
  isOptional: boolean,
  properties: wasm.WriterProperties,
  ids: readonly bigint[] = values.map((_, i) => BigInt(i)),
): Uint8Array {
  const numbers = Float64Array.from(values, (value) => value ?? 0);
  const mask = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value !== null) mask[i >> 3]! |= 1 << (i & 7);
  });
  const nullCount = values.filter((value) => value === null).length;
  const shape = {
    length: values.length,
    nullCount,
    ...(nullCount > 0 ? { nullBitmap: mask } : {}),
  };
  const columns = {
    ra: makeData({ type: new Float64(), ...shape, data: numbers }),
    dec: makeData({ type: new Float64(), ...shape, data: numbers.map((value) => -value) }),
    id: makeData({ type: new Int64(), ...shape, data: BigInt64Array.from(ids) }),
  };
  const fields = Object.entries(columns).map(
    ([name, { type }]) => new Field(name, type, isOptional),
  );
  const children = Object.values(columns);
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
  idEncoding: fc.constantFrom(
    wasm.Encoding.PLAIN,
    wasm.Encoding.BYTE_STREAM_SPLIT,
    wasm.Encoding.DELTA_BINARY_PACKED,
  ),
  isDictionary: fc.boolean(),
  dictionaryBytes: fc.constantFrom(64, 1 << 20),
  pageBytes: fc.constantFrom(100, 1000, 1 << 20),
  groupRows: fc.constantFrom(7, 100, 1 << 20),
});
type Layout = typeof layout extends fc.Arbitrary<infer L> ? L : never;

/** Damage shows where nothing is compressed. */
const UNCOMPRESSED: Layout = {
  version: wasm.WriterVersion.V1,
  codec: wasm.Compression.UNCOMPRESSED,
  encoding: wasm.Encoding.PLAIN,
  idEncoding: wasm.Encoding.PLAIN,
  isDictionary: false,
  dictionaryBytes: 1 << 20,
  pageBytes: 1000,
  groupRows: 1 << 20,
};

function propertiesOf(of: Layout): wasm.WriterProperties {
  return new wasm.WriterPropertiesBuilder()
    .setWriterVersion(of.version)
    .setCompression(of.codec)
    .setEncoding(of.encoding)
    .setColumnEncoding('id', of.idEncoding)
    .setDictionaryEnabled(of.isDictionary)
    .setDictionaryPageSizeLimit(of.dictionaryBytes)
    .setDataPageSizeLimit(of.pageBytes)
    .setWriteBatchSize(16)
    .setMaxRowGroupSize(of.groupRows)
    .build();
}

function parquetFile(bytes: Uint8Array): string {
  writeFileSync(file, bytes);
  return file;
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
        expect(bits(read?.[1])).toEqual(bits(written.buffer));
        expect(bits(read?.[0])).toEqual(bits(written.map((one) => -one).buffer));
      }),
    );
  });

  test('and whole numbers too, whatever their differences', () => {
    const ids = fc.oneof(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 400 }),
      // Ascending, as an index is.
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 44n }), { maxLength: 400 }).map((steps) =>
        steps.map(
          (
            (sum) => (step: bigint) =>
              (sum += step)
          )(0n),
        ),
      ),
      fc.array(fc.constantFrom(7n, 8n), { maxLength: 400 }),
    );
    fc.assert(
      fc.property(ids, fc.boolean(), layout, (values, opt, of) => {
        const file = parquetFile(
          parquetOf(
            values.map(() => 0),
            opt,
            propertiesOf(of),
            values,
          ),
        );
        const read = readValues(file, ['id'], never);
        expect(read === null ? null : [...new BigInt64Array(read[0]!)]).toEqual(values);
      }),
      { numRuns: 200 },
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
    ['of moments', 'id'],
  ])('%s are left to the database', async (_name, column) => {
    const select =
      'SELECT 1.5::DOUBLE AS ra, 1::FLOAT f, 1 i, [1.5::DOUBLE] l, {x: 1.5::DOUBLE} s, 1.5::DECIMAL(9,2) d, now()::TIMESTAMP id';
    await session.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
    expect(readValues(file, ['ra'], never)?.[0]).toEqual(Float64Array.of(1.5).buffer);
    expect(readValues(file, [column], never)).toBeNull();
  });

  test('of millions of rows are those that DuckDB reads, in its own layouts', async () => {
    const select =
      'SELECT random() * 360 AS ra, (i % 1000) / 10.0::DOUBLE AS dec, i * 1000000000000::BIGINT AS id FROM range(1300000) t(i)';
    for (const version of ['v1', 'v2']) {
      await session.run(
        `COPY (${select}) TO '${file}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION ${version})`,
      );
      const sql = `SELECT ra, dec, id FROM read_parquet('${file}')`;
      const { columns } = await session.columns(sql, ['f64', 'f64', 'i64']);
      const read = readValues(file, ['ra', 'dec', 'id'], never);
      columns.forEach(({ values }, i) => {
        expect(Buffer.from(read![i]!).equals(Buffer.from(values.buffer))).toBe(true);
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

  test.each<[string, Partial<Layout>]>([
    ['plain', { isDictionary: false }],
    ['of a dictionary', { isDictionary: true }],
    ['split', { isDictionary: false, encoding: wasm.Encoding.BYTE_STREAM_SPLIT }],
  ])('never throws, nor says what DuckDB refuses: %s, a byte wrong', async (_name, of) => {
    const written = Float64Array.from(numbers, (value, i) =>
      of.isDictionary ? (i % 9) / 4 : value,
    );
    const whole = parquetOf([...written], true, propertiesOf({ ...UNCOMPRESSED, ...of }));
    let refused = 0;
    for (let at = 4; at < whole.length - 8; at += 29) {
      const damaged = whole.slice();
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(file, damaged);
      const read = readValues(file, ['ra'], never);
      const sql = `SELECT ra FROM read_parquet('${file}')`;
      const theirs = await session.columns(sql, ['f64']).catch(() => null);
      if (theirs === null) refused++;
      if (read === null) continue;
      // DuckDB refuses some headers for what is not looked at here: nothing but the true values may come of them.
      const expected = theirs === null ? written : theirs.columns[0]!.values;
      expect([at, bits(read[0])]).toEqual([at, bits(expected.buffer as ArrayBuffer)]);
    }
    expect(refused).toBeGreaterThan(0);
  });

  test('never throws, wherever a byte is wrong', () => {
    const whole = parquetOf(numbers, true, properties());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = whole.slice();
        damaged[at]! ^= change;
        writeFileSync(file, damaged);
        const read = readValues(file, ['ra'], never);
        if (read !== null) expect(read[0]!.byteLength).toBe(8 * numbers.length);
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
    const direct = new Set<string>();
    for (const leaf of leaves) {
      const from = path.join(root, leaf);
      const described = await session.describe(`SELECT * FROM read_parquet('${from}')`);
      for (const { name, type } of described) {
        if (type !== 'DOUBLE' && type !== 'BIGINT') continue;
        const columns = openColumns(from, [{ name, type }]);
        const read = columns?.read(never) ?? null;
        columns?.close();
        if (read === null) continue;
        direct.add(type);
        const sql = `SELECT "${name}" FROM read_parquet('${from}', hive_partitioning=false)`;
        const found = await session.columns(sql, [type === 'DOUBLE' ? 'f64' : 'i64']);
        const [{ values, valid }] = found.columns as [NumericColumn];
        expect([name, bits(read[0])]).toEqual([name, bits(values.buffer as ArrayBuffer)]);
        expect(valid).toBeUndefined();
      }
    }
    expect([...direct].sort()).toEqual(['BIGINT', 'DOUBLE']);
  });
});
