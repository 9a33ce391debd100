/** Grouping, merging and binning against their definitions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyValue } from '../../engine/groups.ts';
import { createScratch } from '../../engine/kernel/match.ts';
import { addMaps } from '../../engine/reduce/add-maps.ts';
import { compareKeys, compareValues } from '../../engine/reduce/group-keys.ts';
import { KeyMerge } from '../../engine/reduce/key-merge.ts';
import { binsOf } from '../../engine/run/bins.ts';
import { categorise, hashOf } from '../../engine/run/categories.ts';
import type { RunContext } from '../../engine/run/context.ts';
import { groupRows } from '../../engine/run/group-rows.ts';
import { countPerPixel } from '../../engine/run/map-counts.ts';
import type { RowValues } from '../../engine/run/row-values.ts';
import type { Session } from '../../engine/session.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { openSession } from '../../workers/duckdb-session.ts';

const someKeys = fc.uniqueArray(fc.nat(60)).map((keys) => keys.sort((a, b) => a - b));

test('sorted lists are merged, each key with all its places', () => {
  fc.assert(
    fc.property(fc.array(someKeys, { maxLength: 8 }), (lists) => {
      const merge = new KeyMerge(lists);
      const found: [number, [number, number][]][] = [];
      while (merge.advance()) {
        const members = Array.from({ length: merge.count }, (_, i): [number, number] => [
          merge.lists[i]!,
          merge.places[i]!,
        ]);
        found.push([merge.key, members.sort(([a], [b]) => a - b)]);
      }
      const keys = [...new Set(lists.flat())].sort((a, b) => a - b);
      const expected = keys.map((key) => [
        key,
        lists.flatMap((list, i) => (list.includes(key) ? [[i, list.indexOf(key)]] : [])),
      ]);
      expect(found).toEqual(expected);
    }),
  );
});

test('maps are added up, whether they overlap or not', () => {
  fc.assert(
    fc.property(fc.array(someKeys, { maxLength: 5 }), (lists) => {
      const maps = lists.map((keys) => ({
        order: 3,
        pixels: Float64Array.from(keys),
        counts: Float64Array.from(keys, (key) => key + 1),
      }));
      const { pixels, counts } = addMaps(3, maps);
      const keys = [...new Set(lists.flat())].sort((a, b) => a - b);
      expect([...pixels]).toEqual(keys);
      const times = (key: number) => lists.filter((list) => list.includes(key)).length;
      expect([...counts]).toEqual(keys.map((key) => times(key) * (key + 1)));
    }),
  );
});

const someColumn = (length: number) =>
  fc.option(
    fc.array(fc.oneof(fc.nat(3), fc.nat(2 ** 31 - 1)), { minLength: length, maxLength: length }),
  );

test('rows of one group come together, groups by category and place, rows as they were', () => {
  const someRows = fc
    .nat(40)
    .chain((length) => fc.tuple(fc.constant(length), someColumn(length), someColumn(length)));
  fc.assert(
    fc.property(someRows, ([length, categories, places]) => {
      const grouped = groupRows(
        length,
        categories === null ? null : Int32Array.from(categories),
        places === null ? null : Int32Array.from(places),
      );
      const rows = Array.from({ length }, (_, row) => ({
        row,
        c: categories?.[row] ?? 0,
        p: places?.[row] ?? 0,
      }));
      const sorted = rows.toSorted((a, b) => a.c - b.c || a.p - b.p || a.row - b.row);
      expect(grouped.order === null ? rows.map(({ row }) => row) : [...grouped.order]).toEqual(
        sorted.map(({ row }) => row),
      );
      const ends = sorted.flatMap((row, i) => {
        const next = sorted[i + 1];
        return next !== undefined && next.c === row.c && next.p === row.p
          ? []
          : [{ ...row, end: i + 1 }];
      });
      expect([...grouped.end]).toEqual(ends.map(({ end }) => end));
      if (grouped.category !== null) expect([...grouped.category]).toEqual(ends.map(({ c }) => c));
      if (grouped.place !== null) expect([...grouped.place]).toEqual(ends.map(({ p }) => p));
    }),
  );
});

test('rows are counted per pixel in any order, with weights or without', () => {
  const somePlace = fc.tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: -10, max: 10 }),
    fc.nat(3),
  );
  fc.assert(
    fc.property(
      fc.array(somePlace, { maxLength: 60 }),
      fc.constantFrom(0, 4, 13),
      (places, order) => {
        const [ra, dec] = [0, 1].map((i) => Float64Array.from(places, (place) => place[i]!));
        const weights = Uint32Array.from(places, ([, , weight]) => weight);
        for (const of of [undefined, weights]) {
          const expected = new Map<number, number>();
          places.forEach(([a, d], i) => {
            const pixel = Number(hashPosition(a, d, order));
            const weight = of === undefined ? 1 : of[i]!;
            if (weight > 0) expected.set(pixel, (expected.get(pixel) ?? 0) + weight);
          });
          const { pixels, counts } = countPerPixel(ra!, dec!, order, of);
          expect(Array.from(pixels, (pixel, i) => [pixel, counts[i]])).toEqual(
            [...expected].sort(([a], [b]) => a - b),
          );
        }
      },
    ),
  );
});

test('more rows than a block of the counting has', () => {
  const ra = Float64Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 360);
  const { counts } = countPerPixel(
    ra,
    new Float64Array(10_000),
    2,
    new Uint32Array(10_000).fill(3),
  );
  expect(counts.reduce((a, b) => a + b)).toBe(30_000);
});

describe('bins', () => {
  const someEdges = fc
    .uniqueArray(
      fc.constantFrom(-1e300, -5, 0, 0.5, 1, 3, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 2 ** 64),
      { minLength: 2 },
    )
    .map((edges) => edges.sort((a, b) => a - b));

  /** The bin by comparing with every edge; numbers of any size are compared exactly. */
  const binByHand = (value: number | bigint, edges: readonly number[]): number => {
    const bins = edges.length - 1;
    if (Number.isNaN(value)) return bins + 2;
    if (value < edges[0]!) return bins;
    if (value > edges[bins]!) return bins + 1;
    const found = edges.findLastIndex((edge) => value >= edge);
    return Math.min(found, bins - 1);
  };

  test('of doubles', () => {
    const some = fc.oneof(
      fc.double(),
      fc.constantFrom(-5, 0, -0, 0.5, 1, 2, 3, 2 ** 53, Number.POSITIVE_INFINITY),
    );
    const value = { sql: '', columns: [], total: true, kind: 'f64', biased: false } as const;
    fc.assert(
      fc.property(fc.array(some), someEdges, (values, edges) => {
        const valid = Uint8Array.from([...values.map(() => 1), 0]);
        const bins = binsOf({ values: Float64Array.from([...values, 1]), valid }, value, edges);
        const expected = values.map((v) => binByHand(v, edges));
        expect([...bins]).toEqual([...expected, edges.length + 2]);
      }),
    );
  });

  test.each([false, true])('of integers that no double holds (unsigned: %s)', (biased) => {
    const some = fc.oneof(
      biased
        ? fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
        : fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 4n }),
      fc.constantFrom(2n ** 63n - 1n, 0n, 1n),
    );
    const value = { sql: '', columns: [], total: true, kind: 'i64', biased } as const;
    fc.assert(
      fc.property(fc.array(some), someEdges, (values, edges) => {
        const stored = BigInt64Array.from(values, (v) => (biased ? v - 2n ** 63n : v));
        expect([...binsOf({ values: stored }, value, edges)]).toEqual(
          values.map((v) => binByHand(v, edges)),
        );
      }),
    );
  });
});

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
