import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeParquet } from '../../engine/run/copy-rows.ts';
import { openTestSession, type TestSession } from './duckdb-for-tests.ts';

const ROWS = 5000;
const OPTIONS = { compression: 'uncompressed', rowGroupRows: 2000 } as const;

let session: TestSession;
let dir: string;
beforeAll(async () => {
  session = await openTestSession();
  dir = mkdtempSync(join(tmpdir(), 'crosshatch-test-'));
});
afterAll(() => {
  session.close();
  rmSync(dir, { recursive: true });
});

/** Writes `i` and `x`, and gives the encodings of x and its values as Arrow's Rust reader decodes them. */
async function write(expression: string) {
  const file = join(dir, 'x.parquet');
  const query = `SELECT i, ${expression} AS x FROM range(${ROWS}) t(i) ORDER BY i`;
  expect(await writeParquet({ session }, query, file, OPTIONS)).toBe(ROWS);
  const metadata = await session.rows(
    `SELECT DISTINCT encodings FROM parquet_metadata('${file}') WHERE path_in_schema LIKE 'x%'`,
  );
  const table = tableFromIPC(readParquet(readFileSync(file)).intoIPCStream());
  const values = (await session.rows(query)).map(({ x }) => JSON.stringify(x, plain));
  expect(table.toArray().map((row) => JSON.stringify(row.x, plain))).toEqual(values);
  return metadata.map(({ encodings }) => encodings).join();
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** All over the range of signed 32-bit integers. */
const WIDE = '((hash(i) % 4294967296)::BIGINT - 2147483648)';

describe('32-bit integers far apart are written so that others can read them', () => {
  test.each([
    ['INTEGER', `${WIDE}::INTEGER`],
    ['UINTEGER', '(hash(i) % 4294967296)::UINTEGER'],
    [
      'a pair of extremes among small ones',
      'CASE i WHEN 7 THEN -2147483648 WHEN 8 THEN 0 ELSE i END::INTEGER',
    ],
    ['a list', `[${WIDE}::INTEGER, 0::INTEGER]`],
    ['a field of a struct of lists', `{ a: [${WIDE}::INTEGER], b: [i] }`],
  ])('%s', async (_name, expression) => {
    expect(await write(expression)).not.toContain('DELTA');
  });
});

describe('all others keep the smaller encodings', () => {
  test.each([
    ['INTEGER within 31 bits', `(${WIDE} // 2 + 1000)::INTEGER`],
    ['BIGINT', '(hash(i) // 2)::BIGINT * (i % 2 * 2 - 1)'],
  ])('%s', async (_name, expression) => {
    expect(await write(expression)).toContain('DELTA_BINARY_PACKED');
  });
});
