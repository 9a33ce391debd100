import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { RecordBatchReader } from 'apache-arrow';
import { parquetMetadata } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Leaf, writeMergedMetadata } from '../../catalogs/merged-metadata.ts';
import { parseFooter, readFooter } from '../../catalogs/parquet-footer.ts';
import { schemaOf, splitFooter } from '../../catalogs/parquet-footer-parts.ts';
import { emptyFooter } from '../../catalogs/parquet-schema-write.ts';
import type { Store } from '../../catalogs/store.ts';
import type { Column } from '../../catalogs/types.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import {
  COLUMNS,
  leafOf,
  PARTITIONS,
  query,
  temporaryFolder,
  writeLeaves,
} from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

function merge(leaves: readonly Leaf[], columns: readonly Column[] = COLUMNS, store?: Store) {
  const datasetDir = path.join(dir, 'dataset');
  return writeMergedMetadata({ datasetDir, leaves, columns, createdBy: 'test', store });
}

async function hyparquetOf(name: string) {
  const bytes = await readFile(path.join(dir, 'dataset', name));
  return parquetMetadata(bytes, { geoparquet: false });
}

describe('_common_metadata', () => {
  test('has the schema of the leaves, no rows, and the notes of the columns', async () => {
    await writeLeaves(dir);
    await merge(PARTITIONS.map(leafOf));
    const common = await hyparquetOf('_common_metadata');
    const leaf = await hyparquetOf(leafOf(PARTITIONS[0]!).path);
    expect(common).toMatchObject({ num_rows: 0n, row_groups: [], created_by: leaf.created_by });
    expect(common.schema).toEqual(leaf.schema);
    const bytes = await readFile(path.join(dir, 'dataset', '_common_metadata'));
    expect((await parseFooter(bytes, '')).schema).toEqual(COLUMNS);
  });

  test('has no Arrow schema where there is nothing to note', async () => {
    await writeLeaves(dir);
    const plain = COLUMNS.map(({ name, type }) => ({ name, type }));
    await merge(PARTITIONS.map(leafOf), plain);
    expect((await hyparquetOf('_common_metadata')).key_value_metadata).toBeUndefined();
  });

  test('names in its Arrow schema the types that pyarrow reads without it', async () => {
    const file = path.join(dir, 'dataset', 'all.parquet');
    await mkdir(path.dirname(file));
    await query(`COPY (${EVERY_TYPE}) TO '${file}' (FORMAT parquet)`);
    const { schema } = await readFooter(file);
    await merge([{ path: 'all.parquet', rows: 1 }], [{ ...schema[0]!, unit: 'deg' }]);
    const entry = (await hyparquetOf('_common_metadata')).key_value_metadata!.find(
      ({ key }) => key === 'ARROW:schema',
    )!;
    const { fields } = RecordBatchReader.from(Buffer.from(entry.value!, 'base64')).open().schema;
    expect(Object.fromEntries(fields.map((field) => [field.name, String(field.type)]))).toEqual(
      ARROW_TYPES,
    );
    expect(fields.every((field) => field.nullable)).toBe(true);
    expect(fields[0]!.metadata).toEqual(new Map([['unit', 'deg']]));
  });
});

/** One column of every type that DuckDB writes to Parquet. */
const EVERY_TYPE = `SELECT true AS bool, 1::TINYINT AS i8, 1::SMALLINT AS i16, 1::INTEGER AS i32,
  1::BIGINT AS i64, 1::UTINYINT AS u8, 1::USMALLINT AS u16, 1::UINTEGER AS u32, 1::UBIGINT AS u64,
  1::HUGEINT AS huge, 1::UHUGEINT AS uhuge, 1::FLOAT AS f32, 1::DOUBLE AS f64, 'a' AS text,
  'a'::BLOB AS bytes, '101'::BIT AS bits, DATE '2020-01-01' AS day, TIME '01:00:00' AS clock,
  TIMETZ '01:00:00+00' AS clock_tz, TIMESTAMP '2020-01-01' AS moment,
  TIMESTAMP_S '2020-01-01' AS moment_s, TIMESTAMP_MS '2020-01-01' AS moment_ms,
  TIMESTAMP_NS '2020-01-01' AS moment_ns, TIMESTAMPTZ '2020-01-01' AS moment_tz,
  1.5::DECIMAL(4,1) AS d4, 1.5::DECIMAL(9,3) AS d9, 1.5::DECIMAL(18,3) AS d18,
  1.5::DECIMAL(38,3) AS d38, '00000000-0000-0000-0000-000000000001'::UUID AS id,
  'g'::ENUM('g', 'r, or ''i''') AS band, INTERVAL 1 DAY AS span, '{}'::JSON AS doc,
  MAP {'a': 1} AS pairs, [1, 2] AS list, [[1.5::FLOAT]] AS lists, [1, 2]::INTEGER[2] AS fixed,
  {'mjd': [1.0::DOUBLE], 'mag': [1::FLOAT], 'band': ['g']} AS lc,
  [{'a b': 1, 'end': 'x', 'q"': {'z': [DATE '2020-01-01']}}] AS deep, MAP {1: [{'k': true}]} AS maps`;

/** Compared with what pyarrow 26 makes of the file; there, `id` and `doc` are extensions of these types. */
const ARROW_TYPES = {
  bool: 'Bool',
  i8: 'Int8',
  i16: 'Int16',
  i32: 'Int32',
  i64: 'Int64',
  u8: 'Uint8',
  u16: 'Uint16',
  u32: 'Uint32',
  u64: 'Uint64',
  huge: 'Float64',
  uhuge: 'Float64',
  f32: 'Float32',
  f64: 'Float64',
  text: 'Utf8',
  bytes: 'Binary',
  bits: 'Utf8',
  day: 'Date32<DAY>',
  clock: 'Time64<MICROSECOND>',
  clock_tz: 'Time64<MICROSECOND>',
  moment: 'Timestamp<MICROSECOND>',
  moment_s: 'Timestamp<MICROSECOND>',
  moment_ms: 'Timestamp<MILLISECOND>',
  moment_ns: 'Timestamp<NANOSECOND>',
  moment_tz: 'Timestamp<MICROSECOND, UTC>',
  d4: 'Decimal[4e+1]',
  d9: 'Decimal[9e+3]',
  d18: 'Decimal[18e+3]',
  d38: 'Decimal[38e+3]',
  id: 'FixedSizeBinary[16]',
  band: 'Utf8',
  span: 'FixedSizeBinary[12]',
  doc: 'Utf8',
  pairs: 'Map<{key:Utf8, value:Int32}>',
  list: 'List<Int32>',
  lists: 'List<List<Float32>>',
  fixed: 'List<Int32>',
  lc: 'Struct<{mjd:List<Float64>, mag:List<Float32>, band:List<Utf8>}>',
  deep: 'List<Struct<{a b:Int32, end:Utf8, q":Struct<{z:List<Date32<DAY>>}>}>>',
  maps: 'Map<{key:Int32, value:List<Struct<{k:Bool}>>}>',
};

describe('without a leaf', () => {
  test('the schema is byte for byte the one that DuckDB writes for those types', async () => {
    const file = path.join(dir, 'all.parquet');
    await query(`COPY (${EVERY_TYPE}) TO '${file}' (FORMAT parquet)`);
    const columns = (await query(`DESCRIBE ${EVERY_TYPE}`)).map((row) => ({
      name: String(row.column_name),
      type: String(row.column_type),
    }));
    expect(columns).toHaveLength(Object.keys(ARROW_TYPES).length);
    const bytes = await readFile(file);
    const written = splitFooter(
      bytes.subarray(bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8), -8),
    );
    const made = emptyFooter(columns, 'test');
    expect(Buffer.compare(schemaOf(made), schemaOf(written))).toBe(0);
    const orders = (parts: typeof made) => parts.fields.find((field) => field.id === 7)?.value;
    expect(Buffer.compare(orders(made)!, orders(written)!)).toBe(0);
  });

  test('both files have the columns and no rows', async () => {
    await mkdir(path.join(dir, 'dataset'));
    expect(await merge([])).toMatchObject({ rows: 0, rowGroups: 0, leafBytes: 0 });
    for (const name of ['_metadata', '_common_metadata']) {
      const file = path.join(dir, 'dataset', name);
      expect(await query(`SELECT count(*) AS n FROM read_parquet('${file}')`)).toEqual([{ n: 0n }]);
      const types = await query(`DESCRIBE SELECT * FROM read_parquet('${file}')`);
      expect(types.map((row) => [row.column_name, row.column_type])).toEqual(
        COLUMNS.map(({ name: column, type }) => [column, type]),
      );
    }
  });

  test('a type that cannot be stored is refused by name', async () => {
    for (const type of ['UNION(a INTEGER)', 'STRUCT(a INTEGER', 'INTEGER]', 'GEOMETRY', '']) {
      expect(() => emptyFooter([{ name: 'shape', type }], 'test')).toThrow(
        `the type ${type} cannot be stored in Parquet (column shape)`,
      );
    }
  });
});

describeShared('leaves of other writers', () => {
  test('keep their Arrow schema, and get the notes in it', async () => {
    const source = sharedPath('hats-samples/hats/small_sky_nested');
    await cp(path.join(source, 'dataset'), path.join(dir, 'dataset'), { recursive: true });
    const original = await readFooter(path.join(source, 'dataset/_metadata'));
    const leaves = original.rowGroups.map(({ file, rows }) => ({ path: file!, rows }));
    const columns = original.schema.map((column) => ({
      ...column,
      description: `The ${column.name}`,
    }));
    await merge(leaves, columns);
    const found = await readFooter(path.join(dir, 'dataset/_metadata'));
    expect(found.rowGroups).toEqual(original.rowGroups);
    expect(found.schema).toEqual(original.schema);
    const stored = (await readFooter(path.join(dir, 'dataset', leaves[0]!.path))).keyValue;
    expect(found.keyValue).toEqual(stored);
    const common = await readFooter(path.join(dir, 'dataset/_common_metadata'));
    expect(common.schema).toEqual(columns);
    const types = (entry: string) =>
      RecordBatchReader.from(Buffer.from(entry, 'base64')).open().schema.fields.map(String);
    expect(types(common.keyValue['ARROW:schema']!)).toEqual(types(stored['ARROW:schema']!));
  });
});
