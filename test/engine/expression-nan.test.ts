import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Column } from '../../catalogs/types.ts';
import { checkExpression, parseExpression, quoteText } from '../../engine/expression/expression.ts';
import { openTestSession, type TestSession } from './duckdb-for-tests.ts';
import {
  type Twin,
  type TwinRow,
  twinCondition,
  twinDouble,
  twinWhole,
} from './expression-twin.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'BIGINT' },
  { name: 'x', type: 'DOUBLE' },
  { name: 'y', type: 'DOUBLE' },
  { name: 'f', type: 'FLOAT' },
  { name: 'i', type: 'INTEGER' },
  { name: 'b', type: 'BIGINT' },
  { name: 'k', type: 'BOOLEAN' },
];

/** Parquet files whose statistics leave NaN out, as pyarrow writes them, and the same rows without statistics. */
const NAMES = ['constant', 'low', 'high', 'mixed', 'nothing'];
const files = NAMES.map((name) =>
  path.resolve(import.meta.dirname, `../fixtures/expression/${name}.parquet`),
);
const sources = [...files.map((file) => quoteText(file)), 'memory'];

type Row = TwinRow & { readonly id: bigint };

let session: TestSession;
const rowsOf = new Map<string, Row[]>();

beforeAll(async () => {
  session = await openTestSession();
  await session.run(
    `CREATE TABLE memory AS FROM read_parquet([${files.map(quoteText).join(', ')}])`,
  );
  for (const source of sources) {
    const rows = await session.rows(`SELECT * FROM ${source} ORDER BY id`);
    rowsOf.set(
      source,
      rows.map((row) => ({
        ...(row as unknown as Row),
        i: row.i === null ? null : BigInt(row.i as number),
      })),
    );
  }
});

afterAll(() => session.close());

async function compile(text: string, want: 'boolean' | 'any' = 'boolean'): Promise<string> {
  return (await checkExpression(parseExpression(text, COLUMNS), COLUMNS, session, want)).sql;
}

async function selected(sql: string, source: string): Promise<unknown[]> {
  const rows = await session.rows(`SELECT id FROM ${source} WHERE ${sql} ORDER BY id`);
  return rows.map(({ id }) => id);
}

async function values(sql: string, source: string): Promise<unknown[]> {
  const rows = await session.rows(`SELECT (${sql}) AS v FROM ${source} ORDER BY id`);
  return rows.map(({ v }) => v);
}

function expected<T>(twin: Twin<T>, source: string): (T | null)[] {
  return rowsOf.get(source)!.map((row) => twin.value(row));
}

describe('statistics of Parquet files', () => {
  // Without this trap the tests below would prove less: DuckDB trusts statistics that leave NaN out.
  test('make DuckDB alone wrong about NaN', async () => {
    const constant = sources[0]!;
    expect(await selected('x != 3', constant)).toEqual([]);
    expect(await selected('x <= 10', constant)).toEqual([0n, 1n, 2n, 3n]);
  });

  test.each(['x', 'y', 'f'])('never decide for NaN: column %s', async (name) => {
    const value = (row: Row): number | null => row[name as 'x'];
    const cases: [string, (n: number) => boolean][] = [
      ['COL <= 10', (n) => n <= 10],
      ['COL < 10', (n) => n < 10],
      ['COL > 10', (n) => n > 10],
      ['COL >= 10', (n) => n >= 10],
      ['10 >= COL', (n) => n <= 10],
      ['COL == 3', (n) => n === 3],
      ['COL != 3', (n) => n !== 3],
      ['not COL <= 10', (n) => !(n <= 10)],
      ['not COL > 10', (n) => !(n > 10)],
      ['not COL == 3', (n) => n !== 3],
      ['COL in (3)', (n) => n === 3],
      ['COL in (3, 4.5)', (n) => n === 3],
      ['COL not in (3, 4)', (n) => n !== 3],
      ['COL between 1 and 30', (n) => n >= 1 && n <= 30],
      ['COL not between 1 and 30', (n) => !(n >= 1 && n <= 30)],
      ['0 < COL <= 20', (n) => n > 0 && n <= 20],
      ['COL == COL', (n) => !Number.isNaN(n)],
      ['COL != COL', (n) => Number.isNaN(n)],
      ['~(COL * 2 <= 20)', (n) => !(n * 2 <= 20)],
      ['COL < 17.25', (n) => n < 17.25],
    ];
    for (const [pattern, holds] of cases) {
      const text = pattern.replaceAll('COL', name);
      const sql = await compile(text);
      for (const source of sources) {
        const ids = rowsOf.get(source)!.filter((row) => value(row) !== null && holds(value(row)!));
        expect([text, source, await selected(sql, source)]).toEqual([
          text,
          source,
          ids.map(({ id }) => id),
        ]);
      }
    }
  });
});

describe('agrees with a twin in JavaScript', () => {
  test('conditions, as filters and as values', async () => {
    await fc.assert(
      fc.asyncProperty(twinCondition, async (twin) => {
        const sql = await compile(twin.text);
        for (const source of sources) {
          const truth = expected(twin, source);
          const ids = rowsOf.get(source)!.filter((_, i) => truth[i] === true);
          expect(await selected(sql, source)).toEqual(ids.map(({ id }) => id));
          expect(await values(sql, source)).toEqual(truth);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('doubles', async () => {
    await fc.assert(
      fc.asyncProperty(twinDouble, async (twin) => {
        const sql = await compile(`1.0 * ${twin.text}`, 'any');
        for (const source of sources) {
          const truth = expected(twin, source).map((n) => (n === null ? null : n + 0));
          const found = (await values(sql, source)).map((n) =>
            n === null ? null : (n as number) + 0,
          );
          expect(found).toEqual(truth);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('whole numbers', async () => {
    await fc.assert(
      fc.asyncProperty(twinWhole, async (twin) => {
        const sql = await compile(twin.text, 'any');
        const found = await values(sql, 'memory');
        const truth = expected(twin, 'memory');
        expect(found.map((n) => (n === null ? null : BigInt(n as number)))).toEqual(truth);
      }),
      { numRuns: 60 },
    );
  });
});
