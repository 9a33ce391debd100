import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Column } from '../../catalogs/types.ts';
import { checkExpression, parseExpression, quoteText } from '../../engine/expression/expression.ts';
import { narrowBound } from '../../engine/expression/narrow.ts';
import {
  type CompareOperator,
  literalOf,
  numberTree,
  type Tree,
} from '../../engine/expression/tree.ts';
import { openTestSession, type TestSession } from './duckdb-for-tests.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'BIGINT' },
  { name: 'pm', type: 'DOUBLE' },
  { name: 'mag', type: 'FLOAT' },
  { name: 'flags', type: 'INTEGER' },
  { name: 'lc', type: 'STRUCT(z DOUBLE)' },
];

const GROUPS = 10;
const ROWS_PER_GROUP = 10240;

let session: TestSession;
let folder: string;
let file: string;

beforeAll(async () => {
  session = await openTestSession();
  folder = await mkdtemp(path.join(tmpdir(), 'crosshatch-pruning-'));
  file = path.join(folder, 'ascending.parquet');
  await session.run(
    `COPY (SELECT i AS id, i::DOUBLE AS pm, i::FLOAT AS mag, i::INTEGER AS flags, {'z': i::DOUBLE} AS lc ` +
      `FROM range(${GROUPS * ROWS_PER_GROUP}) AS t(i)) TO ${quoteText(file)} ` +
      `(FORMAT parquet, ROW_GROUP_SIZE ${ROWS_PER_GROUP}, COMPRESSION uncompressed)`,
  );
  await damageAllButLastGroup();
});

afterAll(async () => {
  session.close();
  await rm(folder, { recursive: true, force: true });
});

/** Makes the page headers of all row groups but the last unreadable: whoever reads one of them fails. */
async function damageAllButLastGroup(): Promise<void> {
  const chunks = await session.rows(
    `SELECT dictionary_page_offset AS d, data_page_offset AS p FROM parquet_metadata(${quoteText(file)}) ` +
      `WHERE row_group_id < ${GROUPS - 1}`,
  );
  const handle = await open(file, 'r+');
  for (const { d, p } of chunks) {
    const first = d === null ? Number(p) : Math.min(Number(d), Number(p));
    await handle.write(new Uint8Array(16).fill(0xff), 0, 16, first);
  }
  await handle.close();
}

async function count(text: string): Promise<bigint> {
  const { sql } = await checkExpression(
    parseExpression(text, COLUMNS),
    COLUMNS,
    session,
    'boolean',
  );
  const rows = await session.rows(`SELECT count(*) AS n FROM ${quoteText(file)} WHERE ${sql}`);
  return rows[0]!.n as bigint;
}

describe('row groups are skipped by their statistics', () => {
  test('the other ones cannot even be read', async () => {
    await expect(count('pm < 10')).rejects.toThrow();
    await expect(count('id % 2 == 0')).rejects.toThrow();
  });

  test.each([
    ['pm > 102300', 99n],
    ['102300 < pm', 99n],
    ['pm > 102300.5', 99n],
    ['102300 < pm <= 102310', 10n],
    ['pm between 102300 and 102310', 11n],
    ['pm == 102300', 1n],
    ['pm in (102300, 102301.0)', 2n],
    ['mag > 102300.1', 99n],
    ['mag >= 102300.5', 99n],
    ['mag in (102300, 102301)', 2n],
    ['mag == 102300', 1n],
    ['id > 102300.5', 99n],
    ['id >= 1.023e5', 100n],
    ['flags > 102300.5', 99n],
    ['flags in (102300, 102301)', 2n],
    ['pm > 102300 & flags % 2 == 0', 49n],
    ['pm > 102300 and not mag > 102310', 10n],
    ['(pm > 102390 | pm == 102300) & ~(mag < 0)', 10n],
    ['lc.z > 102300', 99n],
    ['pm > 1023 * 100', 99n],
  ])('%s', async (text, rows) => {
    expect(await count(text)).toBe(rows);
  });
});

describe('a bound in the type of the column selects what the number does', () => {
  const HOLDS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
    '<': (a, b) => a < b,
    '<=': (a, b) => a <= b,
    '>': (a, b) => a > b,
    '>=': (a, b) => a >= b,
    '=': (a, b) => a === b,
    '!=': (a, b) => a !== b,
  };
  const operators = fc.constantFrom(...(Object.keys(HOLDS) as CompareOperator[]));

  function numberOf(tree: Tree): number {
    return literalOf(tree.kind === 'cast' ? tree.of : tree)!;
  }

  /** The neighbour of a single-precision number, `steps` away. */
  function neighbour(value: number, steps: number): number {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    view.setInt32(0, view.getInt32(0) + steps);
    const moved = view.getFloat32(0);
    return Number.isNaN(moved) ? value : moved;
  }

  test('single precision', () => {
    const near = fc
      .tuple(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(0, 1e-9, -1e-9, 3e-8, -3e-8),
      )
      .map(([single, shift]) => single * (1 + shift));
    const literal = fc.oneof(
      near,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(1e-46, -1e-46, 3.5e38, -3.5e38, 3.4028234663852886e38),
    );
    fc.assert(
      fc.property(operators, literal, (operator, number) => {
        const bound = narrowBound(operator, numberTree(number), 'FLOAT');
        if (bound.value.kind === 'cast')
          expect(Math.fround(numberOf(bound.value))).toBe(numberOf(bound.value));
        const single = Math.fround(number);
        const values = [
          single,
          neighbour(single, 1),
          neighbour(single, -1),
          Number.POSITIVE_INFINITY,
          Number.NEGATIVE_INFINITY,
          0,
        ];
        for (const value of values) {
          expect(HOLDS[bound.operator]!(value, numberOf(bound.value))).toBe(
            HOLDS[operator]!(value, number),
          );
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('whole numbers', () => {
    const literal = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: -10, max: 10 }).map((n) => n / 2),
    );
    fc.assert(
      fc.property(operators, literal, (operator, number) => {
        const bound = narrowBound(operator, numberTree(number), 'BIGINT');
        for (let value = Math.floor(number) - 1; value <= number + 2; value++) {
          expect(HOLDS[bound.operator]!(value, numberOf(bound.value))).toBe(
            HOLDS[operator]!(value, number),
          );
        }
      }),
      { numRuns: 3000 },
    );
  });
});
