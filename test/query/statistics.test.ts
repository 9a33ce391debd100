/** Partitions are left out by their bounds only where no row of theirs can pass: never a row that would have. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const ROWS = 1200;
let catalog: Catalog;

beforeAll(async () => {
  const session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp('spill') });
  // Values follow declination, so that partitions differ; some are NaN, null, zero of either sign, or infinite.
  await session.run(
    `COPY (SELECT i AS id, 10 + (i % 37) AS ra, -60 + i / 10.0 AS dec,
      CASE WHEN i % 11 = 0 THEN NULL WHEN i % 13 = 0 THEN 'nan'::FLOAT
        ELSE ((i // 40) * 0.1)::FLOAT END AS f32,
      CASE WHEN i // 100 = 3 THEN 'nan'::DOUBLE WHEN i // 100 = 4 THEN NULL WHEN i // 100 = 5 THEN '-0'::DOUBLE
        WHEN i = 700 THEN 'inf'::DOUBLE WHEN i = 701 THEN '-inf'::DOUBLE ELSE (i // 40) * 0.1 END AS f64,
      (i // 10 - 60)::TINYINT AS i8, (i // 40 - 15)::INTEGER AS i32,
      9007199254740990 + i // 100 AS i64, -9223372036854775807 + i // 300 AS low,
      (i // 40)::UINTEGER AS u32, ((i // 40) / 8)::DECIMAL(9, 3) AS d
      FROM range(${ROWS}) t(i)) TO '${temp('table.parquet')}' (FORMAT parquet)`,
  );
  session.close();
  const source = fromTable(temp('table.parquet'), { ra: 'ra', dec: 'dec', name: 'values' });
  await source.writeHats(temp('values'), { rowsPerPartition: 60, workers: 1 });
  catalog = await openCatalog(temp('values'));
});

const someColumn = fc.constantFrom('f32', 'f64', 'i8', 'i32', 'i64', 'low', 'u32', 'd', 'id');
const someNumber = fc.oneof(
  fc.integer({ min: -3, max: 40 }).map(String),
  fc.integer({ min: -3, max: 40 }).map((tenths) => String(tenths / 10)),
  fc.constantFrom('0.3', '1e-1', '0.30000000000000004', '-0.0', '1e300', '3.0e0', '2.5', '-14.5'),
  fc.constantFrom('9007199254740992', '9007199254740993', '9007199254740994', '9007199254740995.0'),
  fc.constantFrom('-9223372036854775807', '-9223372036854775806', '9223372036854775807', '1e19'),
);
const someComparison = fc.oneof(
  fc
    .tuple(someColumn, fc.constantFrom('<', '<=', '>', '>=', '=', '==', '!='), someNumber)
    .map(([column, operator, value]) => `${column} ${operator} ${value}`),
  fc
    .tuple(someNumber, fc.constantFrom('<', '<=', '>', '>=', '='), someColumn)
    .map(([value, operator, column]) => `${value} ${operator} ${column}`),
  fc
    .tuple(someColumn, someNumber, someNumber)
    .map(([column, low, high]) => `${column} between ${low} and ${high}`),
  fc
    .tuple(someNumber, someColumn, someNumber)
    .map(([low, column, high]) => `${low} < ${column} <= ${high}`),
  fc.tuple(someColumn, someColumn).map(([a, b]) => `${a} < ${b}`),
);
const someFilter = fc.oneof(
  someComparison,
  fc.tuple(someComparison, someComparison).map(([a, b]) => `${a} and ${b}`),
  fc.tuple(someComparison, someComparison).map(([a, b]) => `(${a}) and not (${b})`),
  fc.tuple(someComparison, someComparison).map(([a, b]) => `${a} or ${b}`),
);

test('a filter gives the same rows where nothing can be left out', async () => {
  let pruned = 0;
  await fc.assert(
    fc.asyncProperty(someFilter, async (filter) => {
      const rows = await catalog.query(filter).count();
      // Nothing of an alternative says anything about all rows that pass.
      expect(await catalog.query(`(${filter}) or id < -1`).count(), filter).toBe(rows);
      const [scan] = (await catalog.query(filter).explain()).scans;
      if (scan!.partitions < scan!.partitionsTotal && scan!.partitions > 0) pruned++;
    }),
    { numRuns: 40, seed: 1 },
  );
  expect(pruned).toBeGreaterThan(5);
});

test('values between what a 32-bit float can be are told apart', async () => {
  const [exact, near] = [Math.fround(0.3), 0.3];
  expect(exact).not.toBe(near);
  const count = (filter: string) => catalog.query(filter).count();
  const same = Array.from({ length: ROWS }, (_, i) => i).filter(
    (i) => Math.floor(i / 40) === 3 && i % 11 !== 0 && i % 13 !== 0,
  ).length;
  expect(await count(`f32 = ${exact}`)).toBe(same);
  expect((await count('f32 <= 0.31')) - (await count('f32 < 0.29'))).toBe(same);
  expect(await count(`f32 >= ${exact} and f32 <= ${exact}`)).toBe(same);
});
