/** Grouping, merging and binning against their definitions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addMaps } from '../../engine/reduce/add-maps.ts';
import { CollectedParts } from '../../engine/reduce/collected-parts.ts';
import { KeyMerge } from '../../engine/reduce/key-merge.ts';
import { binsOf } from '../../engine/run/bins.ts';
import { groupRows } from '../../engine/run/group-rows.ts';
import { countByIndex, countPerPixel } from '../../engine/run/map-counts.ts';
import { hashPosition, hashPositions } from '../../partitioning/healpix.ts';

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

test('rows are counted by their index as by the positions that it is of', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 360, noNaN: true }),
          fc.double({ min: -90, max: 90, noNaN: true }),
        ),
        {
          maxLength: 300,
        },
      ),
      fc.constantFrom(0, 8, 13),
      (places, order) => {
        const [ra, dec] = [0, 1].map((i) => Float64Array.from(places, (place) => place[i]!));
        const index = hashPositions(ra!, dec!, 29).sort();
        expect(countByIndex(index, order)).toEqual(countPerPixel(ra!, dec!, order));
      },
    ),
  );
  expect(countByIndex(BigInt64Array.of(-1n, 5n), 8)).toBeNull();
  expect(countByIndex(BigInt64Array.of(5n, 12n << 58n), 8)).toBeNull();
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

test('parts that take more memory than they may are refused', () => {
  const collected = new CollectedParts(2e6);
  const rows = new Float64Array(100_000);
  const part = { keys: [[]], category: null, place: null, rows, values: [] };
  collected.add([part]);
  const values = { count: rows, sum: { high: rows, middle: null, low: rows, rest: null } };
  const state = { ...values, squares: null, least: null, most: null };
  expect(() => collected.add([{ ...part, values: [state] }])).toThrow(
    'the results of 200,000 groups take more than 2 MB\nTake a lower order, a part of the sky or fewer groups, or raise --memory (memoryBytes).',
  );
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
