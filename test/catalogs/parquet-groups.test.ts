/** Row groups of a file, chosen by what their statistics say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openColumns } from '../../catalogs/parquet-values.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-test-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const ROWS = 30_000;
const GROUP = 2048;
/** Ascending, and negative at first. */
const id = (row: number) => BigInt(row) ** 2n - 5000n;

test('row groups are chosen by their statistics, and keep their place in the file', async () => {
  const file = path.join(dir, 'x.parquet');
  const session = await openTestSession();
  const rows = `SELECT i * i - 5000 AS id, (i / 8)::DOUBLE AS ra, -i::DOUBLE AS dec FROM range(${ROWS}) t(i) ORDER BY i`;
  await session.run(`COPY (${rows}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE ${GROUP})`);
  session.close();

  const groupsOf = (from: bigint, to: bigint) => {
    const mayHold = (least: bigint, most: bigint) => least < to && most >= from;
    const wanted = [
      { name: 'ra', type: 'DOUBLE' },
      { name: 'id', type: 'BIGINT' },
    ] as const;
    const columns = openColumns(file, wanted, { column: 'id', mayHold })!;
    const [ra, ids] = columns.read(() => {})!;
    columns.close();
    const numbers = columns.spans.flatMap(({ firstRow, rows: count }) =>
      Array.from({ length: count }, (_, i) => firstRow + i),
    );
    expect([...new Float64Array(ra!)]).toEqual(numbers.map((row) => row / 8));
    expect([...new BigInt64Array(ids!)]).toEqual(numbers.map(id));
    expect(columns.fileRows).toBe(ROWS);
    return columns.spans.map(({ firstRow }) => firstRow / GROUP);
  };
  const first = id(0);
  expect(groupsOf(first - 10n, first)).toEqual([]);
  expect(groupsOf(first - 10n, first + 1n)).toEqual([0]);
  expect(groupsOf(id(2 * GROUP), id(4 * GROUP) + 1n)).toEqual([2, 3, 4]);
  expect(groupsOf(first, id(ROWS)).length).toBe(Math.ceil(ROWS / GROUP));

  // A column that is no long integer says nothing.
  const byDec = { column: 'dec', mayHold: () => false };
  const all = openColumns(file, [{ name: 'id', type: 'BIGINT' }], byDec)!;
  expect(all.spans.length).toBe(Math.ceil(ROWS / GROUP));
  all.close();
});
