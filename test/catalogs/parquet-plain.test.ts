import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import * as wasm from 'parquet-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { footerTail, joinFooter, splitFooter } from '../../catalogs/parquet-footer-parts.ts';
import { emptyFooter } from '../../catalogs/parquet-schema-write.ts';
import type { Session } from '../../engine/session.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { tempFolder } from '../query/temp-folder.ts';
import {
  ofType,
  type PlainColumn,
  type PlainValue,
  plainColumns,
  readBySql,
  readPlain,
  tableColumn,
} from './plain-columns.ts';

const temp = tempFolder();
let session: Session;
let written = 0;
beforeAll(async () => {
  session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp() });
});
afterAll(() => session.close());

const newFile = () => temp(`${written++}.parquet`);

/** The columns as DuckDB writes them. */
async function writeBySql(columns: readonly PlainColumn[], options: string): Promise<string> {
  const file = newFile();
  await session.createTable('some_columns', columns.map(tableColumn));
  const list = columns.map(
    ({ name, type }) => `${ofType(type).replace('v', `"${name}"`)} AS "${name}"`,
  );
  await session.run(
    `COPY (SELECT ${list.join(', ')} FROM some_columns ORDER BY rowid) TO '${file}' (FORMAT parquet, ${options})`,
  );
  return file;
}

/** The same file as Arrow's Rust writer lays it out. */
function rewritten(file: string, properties: wasm.WriterProperties): string {
  const copy = newFile();
  writeFileSync(copy, wasm.writeParquet(wasm.readParquet(readFileSync(file)), properties));
  return copy;
}

const databaseLayout = fc
  .record({
    version: fc.constantFrom('v1', 'v2'),
    codec: fc.constantFrom('zstd', 'snappy', 'uncompressed'),
    rows: fc.constantFrom(2048, 100_000),
    dictionary: fc.constantFrom(1, 1000),
  })
  .map(
    ({ version, codec, rows, dictionary }) =>
      `PARQUET_VERSION ${version}, COMPRESSION ${codec}, ROW_GROUP_SIZE ${rows}, DICTIONARY_SIZE_LIMIT ${dictionary}`,
  );

const rustLayout = fc.record({
  version: fc.constantFrom(wasm.WriterVersion.V1, wasm.WriterVersion.V2),
  codec: fc.constantFrom(
    wasm.Compression.ZSTD,
    wasm.Compression.SNAPPY,
    wasm.Compression.UNCOMPRESSED,
  ),
  isDictionary: fc.boolean(),
  dictionaryBytes: fc.constantFrom(64, 1 << 20),
  pageBytes: fc.constantFrom(100, 1 << 20),
  groupRows: fc.constantFrom(7, 1 << 20),
});

function propertiesOf(
  of: typeof rustLayout extends fc.Arbitrary<infer L> ? L : never,
  columns: readonly PlainColumn[],
): wasm.WriterProperties {
  let builder = new wasm.WriterPropertiesBuilder()
    .setWriterVersion(of.version)
    .setCompression(of.codec)
    .setDictionaryEnabled(of.isDictionary)
    .setDictionaryPageSizeLimit(of.dictionaryBytes)
    .setDataPageSizeLimit(of.pageBytes)
    .setWriteBatchSize(16)
    .setMaxRowGroupSize(of.groupRows);
  for (const { name, type } of columns) {
    const encoding = encodingOf(type, of.version);
    if (encoding !== undefined) builder = builder.setColumnEncoding(name, encoding);
  }
  return builder.build();
}

/** A file of bytes as one that says they are texts. */
function asTexts(file: string): string {
  const bytes = readFileSync(file);
  const length = bytes.readUInt32LE(bytes.length - 8);
  const { fields, rows, rowGroups } = splitFooter(bytes.subarray(-8 - length, -8));
  const { fields: texts } = emptyFooter([{ name: 'a', type: 'VARCHAR' }], 'test');
  const schema = texts.find(({ id }) => id === 2)!;
  const metadata = joinFooter({
    fields: fields.map((field) => (field.id === 2 ? schema : field)),
    rows,
    rowGroups,
  });
  const copy = newFile();
  writeFileSync(
    copy,
    Buffer.concat([bytes.subarray(0, -8 - length), metadata, footerTail(metadata.length)]),
  );
  return copy;
}

/** Version 2 has encodings of its own; its default for texts is one that shares beginnings. */
function encodingOf(type: string, version: wasm.WriterVersion): wasm.Encoding | undefined {
  if (version === wasm.WriterVersion.V1) return undefined;
  if (type === 'VARCHAR') return wasm.Encoding.DELTA_LENGTH_BYTE_ARRAY;
  return /FLOAT|DOUBLE/.test(type) ? wasm.Encoding.BYTE_STREAM_SPLIT : undefined;
}

const unsigned = (value: PlainValue) => (value === 0 ? 0 : value);

describe('flat columns with nulls', () => {
  test('have the values that were written, in every layout of DuckDB', async () => {
    await fc.assert(
      fc.asyncProperty(plainColumns(300), databaseLayout, async (columns, options) => {
        const file = await writeBySql(columns, options);
        // DuckDB's dictionaries know one zero only, whatever its sign: what it reads is what there is.
        for (const { name, type, values } of columns) {
          const expected = await readBySql(session, file, { name, type });
          expect(readPlain(file, name, type)).toEqual(expected);
          expect(expected.map(unsigned)).toEqual(values.map(unsigned));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('and in those of Arrow', async () => {
    await fc.assert(
      fc.asyncProperty(plainColumns(300), rustLayout, async (columns, of) => {
        const file = await writeBySql(columns, 'COMPRESSION uncompressed');
        const copy = rewritten(file, propertiesOf(of, columns));
        for (const { name, type } of columns) {
          const expected = await readBySql(session, file, { name, type });
          expect([type, readPlain(copy, name, type)]).toEqual([type, expected]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ['of another name', 'X', 'DOUBLE'],
    ['of another type', 'x', 'FLOAT'],
    ['of moments in other units', 's', 'TIMESTAMP'],
    ['of lists', 'l', 'DOUBLE[]'],
    ['of structs', 't', 'STRUCT(a INTEGER)'],
    ['of bytes', 'b', 'BLOB'],
    ['of decimals', 'd', 'DECIMAL(9,2)'],
  ])('%s are left to the database', async (_name, column, type) => {
    const file = newFile();
    const select =
      "SELECT 1.5::DOUBLE x, now()::TIMESTAMP_MS s, [1.5::DOUBLE] l, {a: 1} t, 'a'::BLOB b, 1.5::DECIMAL(9,2) d";
    await session.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
    expect(readPlain(file, 'x', 'DOUBLE')).toEqual([1.5]);
    expect(readPlain(file, column, type)).toBeNull();
  });

  test('in codecs or encodings that are not at hand are left to it, too', async () => {
    const columns: PlainColumn[] = [
      { name: 'name', type: 'VARCHAR', values: ['star 1', 'star 2', null] },
    ];
    const file = await writeBySql(columns, 'COMPRESSION uncompressed');
    const builder = () => new wasm.WriterPropertiesBuilder().setDictionaryEnabled(false);
    const gzip = builder().setCompression(wasm.Compression.GZIP).build();
    expect(readPlain(rewritten(file, gzip), 'name', 'VARCHAR')).toBeNull();
    const shared = builder().setColumnEncoding('name', wasm.Encoding.DELTA_BYTE_ARRAY).build();
    expect(readPlain(rewritten(file, shared), 'name', 'VARCHAR')).toBeNull();
    expect(readPlain(rewritten(file, builder().build()), 'name', 'VARCHAR')).toEqual(
      columns[0]!.values,
    );
  });

  test.each(['zstd', 'uncompressed'])(
    'texts that are no UTF-8 are left to it: %s',
    async (codec) => {
      for (const count of [3, 3000]) {
        const values = Array.from({ length: count }, (_, i) => `star é ${i}`);
        const column: PlainColumn = { name: 'a', type: 'VARCHAR', values };
        const file = await writeBySql([column], `COMPRESSION ${codec}, PARQUET_VERSION v2`);
        expect(readPlain(file, 'a', 'VARCHAR')).toEqual(values);
        const bad = newFile();
        // The same bytes as BLOB, one of them wrong, under the name of texts.
        await session.run(
          `COPY (SELECT CASE WHEN rowid = 2 THEN '\\xFFa'::BLOB ELSE encode("a") END AS "a" FROM some_columns ORDER BY rowid)
         TO '${bad}' (FORMAT parquet, COMPRESSION ${codec})`,
        );
        expect(readPlain(asTexts(bad), 'a', 'VARCHAR')).toBeNull();
      }
    },
  );

  test('never throw where a byte is wrong, and have as many values as rows', async () => {
    const values = Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? null : `star ${i % 40}`));
    const file = await writeBySql(
      [
        { name: 'a', type: 'VARCHAR', values },
        { name: 'n', type: 'INTEGER', values: values.map((_, i) => (i % 5 === 0 ? null : i)) },
      ],
      'COMPRESSION uncompressed, PARQUET_VERSION v2',
    );
    const bytes = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at]! ^= change;
        writeFileSync(file, damaged);
        for (const [name, type] of [
          ['a', 'VARCHAR'],
          ['n', 'INTEGER'],
        ] as const) {
          const read = readPlain(file, name, type);
          if (read !== null) expect(read).toHaveLength(values.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
