import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunContext } from '../../engine/run/context.ts';
import type { ScanRows } from '../../engine/run/plain-scan.ts';
import { type PlainColumn, writePlain } from '../../engine/run/plain-write.ts';
import { newPhases } from '../../engine/task.ts';
import { abortedError } from '../../partitioning/error.ts';
import { openTestSession, type TestSession } from './duckdb-for-tests.ts';

const ROWS = 9000;
const FILES = 3;
const COLUMNS = [
  { name: 'id', type: 'BIGINT' },
  { name: 'ra', type: 'DOUBLE' },
  { name: 'mag', type: 'FLOAT' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'band', type: 'VARCHAR' },
];

let session: TestSession;
let dir: string;
let written = 0;
const source = (i: number) => path.join(dir, `source-${i}.parquet`);
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-test-'));
  session = await openTestSession();
  for (let i = 0; i < FILES; i++) {
    await session.rows(
      `COPY (SELECT ${i * ROWS} + i AS id, CASE WHEN i % 9 = 0 THEN NULL ELSE i / 7.0 END::DOUBLE AS ra,
        (i % 100 / 4)::FLOAT AS mag, 'star ' || (i * 37 % 5000) AS name, ['zg', 'zr', NULL][i % 3 + 1] AS band
        FROM range(${ROWS}) t(i) ORDER BY i) TO '${source(i)}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
  }
});
afterAll(() => {
  session.close();
  rmSync(dir, { recursive: true });
});

function contextOf(arrayBytes: number, checkStop = () => {}): RunContext {
  const context = { arrayBytes, session: { checkStop }, phases: newPhases(), innerMs: 0 };
  return context as unknown as RunContext;
}

const scan = (ids: Int32Array | null): ScanRows => ({
  spec: { columns: COLUMNS, allColumns: COLUMNS },
  files: Array.from({ length: FILES }, (_, i) => {
    return { path: source(i), firstRow: i * ROWS, rows: ROWS, isCut: false };
  }),
  ids,
});

const fromScan: PlainColumn[] = COLUMNS.map(({ name, type }) => {
  return { name, type, source: { kind: 'scan', scan: 0, column: name } };
});

const PARQUET = { compression: 'zstd', rowGroupRows: 1000 } as const;
const MANY_BYTES = 2 ** 28;

/** Writes the rows `ids` and their numbers, in as many files as `ends` has; returns these. */
async function write(ids: Int32Array | null, ends: readonly number[], arrayBytes: number) {
  const length = ids?.length ?? ROWS * FILES;
  const numbers: PlainColumn = {
    ...{ name: 'n', type: 'INTEGER' },
    source: { kind: 'held', values: Int32Array.from({ length }, (_, i) => i) },
  };
  const pieces = ends.map((to, i) => {
    return { path: path.join(dir, `${written++}.parquet`), from: ends[i - 1] ?? 0, to };
  });
  const scans = new Map([[0, scan(ids)]]);
  const columns = [...fromScan, numbers];
  const done = await writePlain(contextOf(arrayBytes), scans, columns, PARQUET, pieces);
  return done ? pieces.map(({ path: file }) => file) : null;
}

const bytesOf = (files: readonly string[] | null) => files?.map((file) => readFileSync(file));

/** Not enough for all at once. */
const FEW_BYTES = 800_000;

describe('rows of several files', () => {
  test('are those asked for, in their order', async () => {
    const id = fc.integer({ min: -1, max: ROWS * FILES - 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 3000 }), async (list) => {
        const [file] = (await write(Int32Array.from(list), [list.length], MANY_BYTES))!;
        const rows = await session.rows(
          `SELECT n, coalesce(id, -1)::INTEGER AS id, ra, mag, name, band FROM '${file}' ORDER BY file_row_number`,
        );
        expect(rows.map(({ n }) => n)).toEqual(list.map((_, i) => i));
        expect(rows.map(({ id }) => id)).toEqual(list);
        for (const { id, ra, mag, name, band } of rows as Record<string, number>[]) {
          const i = id! % ROWS;
          const expected =
            id! < 0
              ? [null, null, null, null]
              : [
                  i % 9 === 0 ? null : i / 7,
                  (i % 100) / 4,
                  `star ${(i * 37) % 5000}`,
                  ['zg', 'zr', null][i % 3],
                ];
          expect([ra, mag, name, band]).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ['all of them', null],
    ['every third', Int32Array.from({ length: ROWS }, (_, i) => 3 * i)],
    ['from the last on', Int32Array.from({ length: ROWS * FILES }, (_, i) => ROWS * FILES - 1 - i)],
  ])('are written alike with little memory: %s', async (_name, ids) => {
    const length = ids?.length ?? ROWS * FILES;
    const ends = [1500, 1501, length];
    const much = await write(ids, ends, MANY_BYTES);
    const little = await write(ids, ends, FEW_BYTES);
    expect(bytesOf(much)).toHaveLength(3);
    expect(bytesOf(little)).toEqual(bytesOf(much));
  });

  test('that do not fit by the row group are left to the database', async () => {
    expect(await write(null, [ROWS * FILES], 20_000)).toBeNull();
  });

  test('may be none: the file has its columns', async () => {
    const [empty] = (await write(new Int32Array(0), [0], MANY_BYTES))!;
    const described = await session.rows(`DESCRIBE SELECT * FROM '${empty}'`);
    expect(described.map((row) => `${row['column_name']} ${row['column_type']}`)).toEqual(
      [...COLUMNS, { name: 'n', type: 'INTEGER' }].map(({ name, type }) => `${name} ${type}`),
    );
    expect(await session.rows(`SELECT * FROM '${empty}'`)).toEqual([]);
  });

  test('are given up where the run is to stop', async () => {
    const context = contextOf(MANY_BYTES, () => {
      throw abortedError();
    });
    const pieces = [{ path: path.join(dir, 'stopped.parquet'), from: 0, to: 10 }];
    const run = writePlain(context, new Map([[0, scan(null)]]), fromScan, PARQUET, pieces);
    await expect(run).rejects.toThrow(abortedError().message);
  });
});
