import { readFileSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { readParquet } from 'parquet-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeChunk } from '../../catalogs/parquet-encode.ts';
import { readFooter } from '../../catalogs/parquet-footer.ts';
import type { PageCodec } from '../../catalogs/parquet-page-write.ts';
import { GroupWriter } from '../../catalogs/parquet-write.ts';
import { plainType } from '../../catalogs/plain-type.ts';
import { encodeTexts } from '../../catalogs/text-encode.ts';
import { TextHeap } from '../../catalogs/text-heap.ts';
import type { Session } from '../../engine/session.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { tempFolder } from '../query/temp-folder.ts';
import {
  heldValues,
  type PlainColumn,
  type PlainValue,
  plainColumns,
  readBySql,
  readPlain,
} from './plain-columns.ts';

const temp = tempFolder();
let session: Session;
let file: string;
let written = 0;
beforeAll(async () => {
  session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp() });
});
afterAll(() => session.close());

/** Writes the rows at some places of the columns, −1 for nulls, in row groups of so many. */
function write(
  columns: readonly PlainColumn[],
  places: Int32Array | null,
  groupRows: number,
  codec: PageCodec,
): void {
  const held = columns.map(heldValues);
  const count = places?.length ?? columns[0]!.values.length;
  const mayMiss = places?.includes(-1) === true;
  // DuckDB keeps the footer of a file that it has read.
  file = temp(`${written++}.parquet`);
  const writer = new GroupWriter(file, columns, codec);
  for (let from = 0; from < count; from += groupRows) {
    const rows = { places, mayMiss, from, to: Math.min(count, from + groupRows) };
    writer.add(columns.map(({ type }, i) => encodeChunk(plainType(type)!, held[i]!, rows, codec)!));
  }
  writer.end();
}

function at(values: readonly PlainValue[], places: Int32Array | null): PlainValue[] {
  if (places === null) return [...values];
  return Array.from(places, (place) => (place < 0 ? null : values[place]!));
}

const codec = fc.constantFrom<PageCodec>(
  { compression: 'zstd' },
  { compression: 'zstd', level: 1 },
  { compression: 'uncompressed' },
);

describe('rows of flat columns', () => {
  test('are read as they were written, by DuckDB, by Arrow and past both', async () => {
    const layout = fc.record({
      places: fc.option(fc.array(fc.integer({ min: -1, max: 400 }), { maxLength: 300 })),
      groupRows: fc.constantFrom(1, 7, 64, 1000),
      codec,
    });
    await fc.assert(
      fc.asyncProperty(plainColumns(200), layout, async (columns, of) => {
        const rows = columns[0]!.values.length;
        const places =
          of.places === null
            ? null
            : Int32Array.from(of.places, (place) => (place < 0 ? -1 : place % rows));
        write(columns, places, of.groupRows, of.codec);
        const arrow = tableFromIPC(readParquet(readFileSync(file)).intoIPCStream());
        for (const { name, type, values } of columns) {
          const expected = at(values, places);
          expect(readPlain(file, name, type)).toEqual(expected);
          expect(await readBySql(session, file, { name, type })).toEqual(expected);
          if (/DATE|TIME/.test(type)) continue;
          expect(arrow.getChild(name)?.toArray().length).toBe(expected.length);
          expect(Array.from(arrow.getChild(name)!, (value) => value as PlainValue)).toEqual(
            expected,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  test('by the hundred thousand, of each type', async () => {
    const rows = 230_000;
    const number = (i: number) => Math.imul(i, 0x9e3779b1) >>> 0;
    const columns: PlainColumn[] = [
      { name: 'ra', type: 'DOUBLE', values: count(rows, (i) => (number(i) / 2 ** 32) * 360) },
      { name: 'mag', type: 'FLOAT', values: count(rows, (i) => Math.fround(number(i) / 1e9)) },
      { name: 'id', type: 'BIGINT', values: count(rows, (i) => BigInt(number(i)) << 31n) },
      { name: 'flag', type: 'BOOLEAN', values: count(rows, (i) => number(i) % 3 === 0) },
      { name: 'n', type: 'SMALLINT', values: count(rows, (i) => (i % 50 === 0 ? null : i % 300)) },
      { name: 'band', type: 'VARCHAR', values: count(rows, (i) => ['zg', 'zr', 'zi'][i % 3]!) },
      { name: 'name', type: 'VARCHAR', values: count(rows, (i) => `ZTF J${number(i)}`) },
    ];
    write(columns, null, 100_000, { compression: 'zstd' });
    for (const column of columns) {
      const { name, type, values } = column;
      const read = [readPlain(file, name, type)!, await readBySql(session, file, column)];
      for (const other of read) {
        expect(other).toHaveLength(values.length);
        // As a whole they take long to compare, and longer to print.
        expect(other.findIndex((value, i) => !Object.is(value, values[i]))).toBe(-1);
      }
    }
  });
});

function count(rows: number, value: (i: number) => PlainValue): PlainValue[] {
  return Array.from({ length: rows }, (_, i) => value(i));
}

describe('what is said of them', () => {
  test('is true of every row group: rows, nulls, bounds', async () => {
    await fc.assert(
      fc.asyncProperty(plainColumns(60), fc.constantFrom(5, 100), async (columns, groupRows) => {
        write(columns, null, groupRows, { compression: 'zstd' });
        const footer = await readFooter(file);
        expect(footer.schema.map(({ name, type }) => ({ name, type }))).toEqual(
          columns.map(({ name, type }) => ({ name, type })),
        );
        footer.rowGroups.forEach((group, g) => {
          columns.forEach(({ values, type }, c) => {
            const some = values.slice(g * groupRows, (g + 1) * groupRows);
            const chunk = group.columns[c]!;
            expect([group.rows, chunk.nullCount]).toEqual([
              some.length,
              some.filter((value) => value === null).length,
            ]);
            expect([chunk.min, chunk.max]).toEqual(boundsOf(some, type));
          });
        });
      }),
      { numRuns: 150 },
    );
  });
});

/** Texts by their bytes; of long ones nothing is said. */
function boundsOf(values: readonly PlainValue[], type: string) {
  const present = values.filter((value) => value !== null && !Number.isNaN(value));
  if (present.length === 0) return [undefined, undefined];
  const sorted =
    type === 'VARCHAR'
      ? present.sort((a, b) => Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)))
      : present.sort((a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0));
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (type === 'VARCHAR') {
    const isLong = [least, most].some((text) => Buffer.byteLength(text as string) > 64);
    return isLong ? [undefined, undefined] : [least, most];
  }
  // Zeros are equal: as a bound one has the sign that stands for both.
  const zeros = /DOUBLE|FLOAT/.test(type);
  return [zeros && least === 0 ? -0 : least, zeros && most === 0 ? 0 : most];
}

test('texts that are too long for a page are no chunk', () => {
  const heap = new TextHeap();
  const start = heap.take(new Uint8Array(50_000).fill(0x61));
  const many = Int32Array.from({ length: 1500 }, () => heap.add(start, 50_000));
  // Equal ones become a dictionary of one entry; of so many different ones not even that fits.
  expect(encodeTexts(heap, many)?.dictionary?.entries).toBe(1);
  const others = Int32Array.from({ length: 1500 }, (_, i) => heap.add(start, 49_000 + (i % 1001)));
  expect(encodeTexts(heap, others)).toBeNull();
  const few = Int32Array.from({ length: 900 }, (_, i) => heap.add(start, 49_000 + i));
  expect(encodeTexts(heap, few)?.dictionary?.entries).toBe(900);
});

test('of a full disk the storage error is thrown', () => {
  const column: PlainColumn = { name: 'ra', type: 'DOUBLE', values: [1, 2] };
  const rows = { places: null, mayMiss: false, from: 0, to: 2 };
  const zstd = { compression: 'zstd' } as const;
  const chunk = encodeChunk(plainType('DOUBLE')!, heldValues(column), rows, zstd)!;
  const writer = () => new GroupWriter('/dev/full', [column], zstd);
  expect(() => writer().add([chunk])).toThrow('the disk is full');
});
