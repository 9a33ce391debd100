/** Categories of rows by keys of every kind, and the order of keys. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyValue } from '../../engine/groups.ts';
import { createScratch } from '../../engine/kernel/match.ts';
import { compareKeys, compareValues } from '../../engine/reduce/group-keys.ts';
import { categorise, hashOf } from '../../engine/run/categories.ts';
import type { RunContext } from '../../engine/run/context.ts';
import type { RowValues } from '../../engine/run/row-values.ts';
import type { Session } from '../../engine/session.ts';
import { openSession } from '../../workers/duckdb-session.ts';

describe('keys', () => {
  test('texts come in the order of their bytes, null last', () => {
    const someText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(someText, someText, (a, b) => {
        const order = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareValues(a, b))).toBe(order);
      }),
    );
    const texts: (string | null)[] = [null, '𝔄', 'ﬀ', 'é', 'b', 'B', ''];
    expect(texts.sort(compareValues)).toEqual(['', 'B', 'b', 'é', 'ﬀ', '𝔄', null]);
  });

  test('numbers ascend, then NaN, then null; keys one after the other', () => {
    const numbers: KeyValue[] = [null, Number.NaN, 3, -1, Number.POSITIVE_INFINITY];
    expect(numbers.sort(compareValues)).toEqual([
      -1,
      3,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      null,
    ]);
    expect(compareKeys([1, 'b'], [1, 'a'])).toBeGreaterThan(0);
    expect(compareKeys([1n, null], [2n, 'a'])).toBeLessThan(0);
    expect(compareKeys([Number.NaN], [Number.NaN])).toBe(0);
  });
});

describe('categories', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-categories-'));
  let session: Session;
  beforeAll(async () => {
    session = await openSession({ memoryLimitBytes: 2 ** 27, spillDir: dir });
    await session.run("CREATE TABLE t AS SELECT n, 'k' || (n % 7) AS k FROM range(1000) r(n)");
  });
  afterAll(() => {
    session.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const key = { sql: 'k', columns: [], total: true, kind: 'text' } as const;
  /** Values of the table, which stands for the rows of a cell. */
  const values: RowValues = {
    async numbers(expressions) {
      const list = expressions.map(({ sql }) => sql).join(', ');
      const kinds = expressions.map(({ kind }) => kind);
      return (await session.columns(`SELECT ${list} FROM t ORDER BY n`, kinds)).columns;
    },
    distinct(expressions, where) {
      const list = expressions.map(({ sql }, i) => `${sql} AS e${i}`).join(', ');
      return session.rows(`SELECT DISTINCT * FROM (SELECT ${list} FROM t) WHERE ${where}`);
    },
  };

  async function find(hash: typeof hashOf, max = 100) {
    const [hashes] = await values.numbers([hash([key], 0)]);
    const context: RunContext = {
      session,
      arrayBytes: 2 ** 30,
      scratch: createScratch(),
      phases: { scan: 0, kernel: 0, gather: 0, write: 0, user: 0 },
      scans: [],
      slackArcsec: 0,
      droppedRows: 0,
      splits: 0,
      excursionArcsec: [],
      nextTable: 0,
    } as unknown as RunContext;
    return categorise(context, { keys: [key], max, values, numbers: hashes!, hash });
  }

  const expected = Array.from({ length: 1000 }, (_, n) => n % 7);
  const names = Array.from({ length: 7 }, (_, i) => [`k${i}`]);

  test('by any key', async () => {
    const { ids, keys } = await find(hashOf);
    expect([...ids]).toEqual(expected);
    expect(keys).toEqual(names);
  });

  test('also where hashes collide: another hash tells them apart', async () => {
    const salts: number[] = [];
    const weak: typeof hashOf = (keys, salt) => {
      salts.push(salt);
      // Two categories share each number at first.
      const sql = salt < 2 ? '(ascii(right(k, 1)) // 2)::BIGINT' : hashOf(keys, salt).sql;
      return { ...hashOf(keys, salt), sql };
    };
    const { ids, keys } = await find(weak);
    expect([...ids]).toEqual(expected);
    expect(keys).toEqual(names);
    expect(Math.max(...salts)).toBe(2);
  });

  test.each([
    [
      'a double',
      'f64',
      "CASE n % 5 WHEN 0 THEN -0.5 WHEN 1 THEN 1e300 WHEN 2 THEN 'nan'::DOUBLE WHEN 3 THEN -'nan'::DOUBLE END",
    ],
    [
      'an integer',
      'i64',
      'CASE n % 5 WHEN 0 THEN -3 WHEN 1 THEN 5 WHEN 2 THEN 9 WHEN 3 THEN 9 END::BIGINT',
    ],
  ] as const)('by %s, NaN and null among them', async (_, kind, sql) => {
    const number = { sql, columns: [], total: true, kind };
    const [numbers] = await values.numbers([number]);
    const { ids, keys } = await categorise({} as RunContext, {
      keys: [number],
      max: 4,
      values,
      numbers: numbers!,
    });
    expect(keys).toEqual(
      kind === 'f64' ? [[-0.5], [1e300], [Number.NaN], [null]] : [[-3n], [5n], [9n], [null]],
    );
    expect([...ids]).toEqual(Array.from({ length: 1000 }, (__, n) => [0, 1, 2, 2, 3][n % 5]));
  });

  test('by thousands of different numbers', async () => {
    const number = {
      sql: '((n * 7919) % 1000)::DOUBLE * 1024',
      columns: [],
      total: true,
      kind: 'f64',
    } as const;
    const [numbers] = await values.numbers([number]);
    const { ids, keys } = await categorise({} as RunContext, {
      keys: [number],
      max: 1000,
      values,
      numbers: numbers!,
    });
    expect(keys).toEqual(Array.from({ length: 1000 }, (__, i) => [i * 1024]));
    expect([...ids]).toEqual(Array.from({ length: 1000 }, (__, n) => (n * 7919) % 1000));
  });

  test('more than there may be', async () => {
    expect((await find(hashOf, 7)).keys).toHaveLength(7);
    await expect(find(hashOf, 6)).rejects.toThrow('there are more than 6 groups');
  });
});
