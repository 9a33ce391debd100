/** Rows in the order of their index, and pairs of equal keys, against sorting and comparing everything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CellTooLarge, type RunContext } from '../../engine/run/context.ts';
import { pairsOfKeys } from '../../engine/run/key-pairs.ts';
import { noSteps, type RowSet } from '../../engine/run/row-set.ts';
import { sortedByIndex } from '../../engine/run/sort-rows.ts';

/** Numbers that differ in the low word, the high word, the sign, or not at all. */
const key = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: 2n ** 31n - 2n, max: 2n ** 31n + 2n }),
  fc.bigInt({ min: 2n ** 32n - 2n, max: 2n ** 32n + 2n }),
  fc.bigInt({ min: 2n ** 62n, max: 2n ** 62n + 3n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

describe('rows by their index', () => {
  const set = (index: readonly bigint[]): RowSet => ({
    ...noSteps,
    length: index.length,
    ra: Float64Array.from(index, (_, i) => i),
    dec: null,
    index: BigInt64Array.from(index),
    rids: new Map([[0, null]]),
  });
  const orderOf = (sorted: RowSet) => [...sorted.ra!];
  const expected = (index: readonly bigint[]) =>
    index
      .map((_, i) => i)
      .sort((a, b) => (index[a]! < index[b]! ? -1 : index[a]! > index[b]! ? 1 : a - b));

  test('of any rows', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (index) => {
        const sorted = sortedByIndex(set(index), 0);
        expect(orderOf(sorted)).toEqual(expected(index));
        expect([...sorted.index!]).toEqual(expected(index).map((i) => index[i]));
        const rows = sorted.rids.get(0);
        expect(rows === null ? index.map((_, i) => i) : [...rows!]).toEqual(expected(index));
      }),
    );
  });

  test('of files one after the other, each sorted by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.array(key, { maxLength: 12 }), { maxLength: 9 }), (files) => {
        const index = files.flatMap((file) => file.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
        expect(orderOf(sortedByIndex(set(index), 0))).toEqual(expected(index));
      }),
    );
  });

  test('are left alone where they are sorted', () => {
    const rows = set([-5n, 1n, 1n, 2n ** 40n]);
    expect(sortedByIndex(rows, 0)).toBe(rows);
  });
});

describe('pairs of equal keys', () => {
  const context = {
    phases: { gather: 0 },
    innerMs: 0,
    session: { checkStop() {} },
  } as unknown as RunContext;
  const keys = fc.array(fc.option(key, { freq: 8 }), { maxLength: 50 });
  const column = (values: readonly (bigint | null)[]) => ({
    values: BigInt64Array.from(values, (value) => value ?? 0n),
    ...(values.includes(null)
      ? { valid: Uint8Array.from(values, (value) => (value === null ? 0 : 1)) }
      : {}),
  });
  const brute = (left: readonly (bigint | null)[], right: readonly (bigint | null)[]) =>
    left.flatMap((l, i) => right.flatMap((r, j) => (l !== null && l === r ? [[i, j]] : [])));

  test('are all of them, in the order of both sides; null is equal to nothing', async () => {
    await fc.assert(
      fc.asyncProperty(keys, keys, async (left, right) => {
        const pairs = await pairsOfKeys(context, column(left), column(right), 1e6);
        const found = [...pairs.left].map((l, i) => [l, pairs.right[i]]);
        expect(found).toEqual(brute(left, right));
      }),
    );
  });

  test('that are too many for the memory are refused before they are stored', async () => {
    const same = column(Array.from({ length: 100 }, () => 7n));
    await expect(pairsOfKeys(context, same, same, 9_999)).rejects.toThrow(CellTooLarge);
    expect((await pairsOfKeys(context, same, same, 10_000)).left.length).toBe(10_000);
  });
});
