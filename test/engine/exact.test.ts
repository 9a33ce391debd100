/** Exact sums, means and variances against fractions of whole numbers, in any order and any parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDoubles,
  addIntegers,
  createExpansion,
  type Expansion,
  integerWords,
} from '../../engine/exact/expansion.ts';
import { roundMean, roundSum, roundVariance, wholeSum } from '../../engine/exact/round.ts';
import { addDoubleSquares, addIntegerSquares } from '../../engine/exact/squares.ts';
import { addSums, type ExactSums, SumsBuilder } from '../../engine/exact/sums.ts';
import { fraction, nearestDouble, over, sumOf, varianceOf, wholeOfDouble } from './exact-twin.ts';

const ALL = { order: null, valid: undefined };

function sumsOf(values: readonly number[]): { sum: Expansion; squares: Expansion } {
  const column = Float64Array.from(values);
  const [sum, squares] = [createExpansion(), createExpansion()];
  addDoubles(sum, column, ALL, 0, column.length);
  addDoubleSquares(squares, column, ALL, 0, column.length);
  return { sum, squares };
}

function integerSumsOf(values: readonly bigint[], biased = false) {
  const column = BigInt64Array.from(values, (value) => (biased ? value - 2n ** 63n : value));
  const words = integerWords(column);
  const [sum, squares] = [createExpansion(), createExpansion()];
  addIntegers(sum, words, ALL, [0, column.length], biased);
  addIntegerSquares(squares, words, ALL, [0, column.length], biased);
  return { sum, squares };
}

/** Doubles of one size, so that sums are long, and doubles of all sizes, so that they are wide. */
const near = fc.double({ min: 8, max: 25, noNaN: true });
const digits = fc.integer({ min: -(10 ** 6), max: 10 ** 6 }).map((n) => n / 1000);
const any = fc.double({ noNaN: true, noDefaultInfinity: true });
const huge = fc.constantFrom(
  ...[Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 1023, -(2 ** 960), 2 ** 959, 1, -1, 2 ** -53],
  ...[Number.MIN_VALUE, -Number.MIN_VALUE, 2 ** -1022, 2 ** -500, -(2 ** -449), 2 ** 470, 3e150, 0],
);
const someDoubles = fc.oneof(
  ...[near, digits, any, huge, fc.oneof(near, huge, any)].map((term) =>
    fc.array(term, { minLength: 1, maxLength: 30 }),
  ),
);
/** For a long search: `CROSSHATCH_RUNS=20 CROSSHATCH_SEED=random`. */
const runs = { numRuns: 400 * Number(process.env['CROSSHATCH_RUNS'] ?? 1) };

/** -0 is 0 here: an exact zero has no sign. */
function plain(value: number): number {
  return value === 0 ? 0 : value;
}

describe('doubles', () => {
  test('sum, mean and variances are the nearest doubles of the exact ones', () => {
    fc.assert(
      fc.property(someDoubles, (values) => {
        const count = values.length;
        const exact = sumOf(values);
        expect(plain(roundSum(sumsOf(values).sum))).toBe(plain(nearestDouble(exact)));
        const mean = nearestDouble(over(exact, BigInt(count)));
        expect(plain(roundMean(sumsOf(values).sum, count))).toBe(plain(mean));
        for (const less of count > 1 ? ([0, 1] as const) : ([0] as const)) {
          const { sum, squares } = sumsOf(values);
          const variance = roundVariance(sum, squares, count, less === 1);
          expect(variance).toBe(nearestDouble(varianceOf(values, less)));
        }
      }),
      runs,
    );
  });

  test('a mean is the nearest double whatever the count', () => {
    fc.assert(
      fc.property(fc.array(near, { minLength: 1 }), fc.integer({ min: 1, max: 1e9 }), (v, n) => {
        expect(roundMean(sumsOf(v).sum, n)).toBe(nearestDouble(over(sumOf(v), BigInt(n))));
      }),
      runs,
    );
  });

  test.each([
    ['what is left after everything cancels', [1e308, 1e308, 5e-324, -1e308, -1e308], 5e-324],
    ['a sum that no double holds on the way', [1e308, 1e308, -1e308], 1e308],
    ['a sum beyond the largest double', [1e308, 1e308], Number.POSITIVE_INFINITY],
    ['half-way, to even', [2 ** 53, 1], 2 ** 53],
    ['half-way and a little', [2 ** 53, 1, 2 ** -1074], 2 ** 53 + 2],
    ['half-way less a little', [2 ** 53, 1, -(2 ** -1074)], 2 ** 53],
    ['the classic', [0.1, 0.2, 0.3, -0.6], 2.7755575615628914e-17],
    ['one infinity', [1, Number.POSITIVE_INFINITY, 1e308], Number.POSITIVE_INFINITY],
    ['minus infinity', [1, Number.NEGATIVE_INFINITY], Number.NEGATIVE_INFINITY],
    ['both', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], Number.NaN],
    ['nothing', [], 0],
    ['zeros', [-0, -0], 0],
  ])('%s', (_, values, expected) => {
    expect(roundSum(sumsOf(values).sum)).toBe(expected);
    expect(roundSum(sumsOf(values.toReversed()).sum)).toBe(expected);
  });

  test('the mean of numbers whose sum is too large', () => {
    expect(roundMean(sumsOf([1.7e308, 1.7e308, 1.7e308]).sum, 3)).toBe(1.7e308);
  });

  test('the variance of infinite numbers is NaN', () => {
    const { sum, squares } = sumsOf([1, Number.POSITIVE_INFINITY]);
    expect(roundVariance(sum, squares, 2, true)).toBeNaN();
  });

  test('a variance does not cancel', () => {
    const values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16];
    const { sum, squares } = sumsOf(values);
    expect(roundVariance(sum, squares, 4, true)).toBe(30);
  });

  test('a million terms, more than one carry of the accumulator', () => {
    const values = Float64Array.from({ length: 1 << 21 }, (_, i) => (i % 2 === 0 ? 2 ** 961 : 1));
    const sum = createExpansion();
    addDoubles(sum, values, ALL, 0, values.length);
    const expected = { above: 2n ** 20n * (2n ** 961n + 1n), below: 1n };
    expect(roundSum(sum)).toBe(nearestDouble(expected));
  });

  test('only the rows that are asked for, and of those only valid ones', () => {
    const values = Float64Array.of(1, 2, 4, Number.NaN, 16);
    const valid = Uint8Array.of(1, 1, 1, 0, 1);
    const order = Int32Array.of(4, 3, 0, 2);
    const [sum, squares] = [createExpansion(), createExpansion()];
    addDoubles(sum, values, { order, valid }, 0, 3);
    addDoubleSquares(squares, values, { order, valid }, 1, 4);
    expect([roundSum(sum), roundSum(squares)]).toEqual([17, 17]);
  });
});

const someInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n),
);

describe('integers', () => {
  test('sums are whole, means and variances the nearest doubles', () => {
    fc.assert(
      fc.property(fc.array(someInteger, { minLength: 2, maxLength: 20 }), (values) => {
        const exact = values.reduce((a, b) => a + b);
        const count = values.length;
        expect(wholeSum(integerSumsOf(values).sum)).toBe(exact);
        const mean = nearestDouble(over(fraction(exact), BigInt(count)));
        expect(plain(roundMean(integerSumsOf(values).sum, count))).toBe(plain(mean));
        const { sum, squares } = integerSumsOf(values);
        const variance = nearestDouble(varianceOf(values, 1));
        expect(roundVariance(sum, squares, count, true)).toBe(variance);
      }),
      runs,
    );
  });

  test('unsigned ones are stored less 2⁶³', () => {
    const values = [2n ** 64n - 1n, 0n, 2n ** 63n, 5n];
    const { sum, squares } = integerSumsOf(values, true);
    expect(wholeSum(sum)).toBe(2n ** 64n + 2n ** 63n + 4n);
    expect(wholeSum(squares)).toBe(values.reduce((all, value) => all + value * value, 0n));
  });

  test('more of the largest than a double can count', () => {
    const values = new BigInt64Array(3_000_000).fill(2n ** 63n - 1n);
    const sum = createExpansion();
    addIntegers(sum, integerWords(values), ALL, [0, values.length], false);
    expect(wholeSum(sum)).toBe(3_000_000n * (2n ** 63n - 1n));
  });
});

/** The sums of the parts, as they travel, added up. */
function reunited(parts: readonly ExactSums[], group: number): Expansion {
  const sum = createExpansion();
  for (const part of parts) addSums(sum, part, group);
  return sum;
}

test('sums of parts add up to the sum of the whole, in any order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(someDoubles, someDoubles), { minLength: 1, maxLength: 5 }),
      (parts) => {
        const travelled = parts.map((groups) => {
          const builder = new SumsBuilder(groups.length);
          for (const values of groups) builder.take(sumsOf(values).sum);
          return structuredClone(builder.finish());
        });
        for (const group of [0, 1] as const) {
          const exact = sumOf(parts.flatMap((groups) => groups[group]));
          const expected = plain(nearestDouble(exact));
          expect(plain(roundSum(reunited(travelled, group)))).toBe(expected);
          expect(plain(roundSum(reunited(travelled.toReversed(), group)))).toBe(expected);
        }
      },
    ),
    runs,
  );
});

test('infinities travel, too', () => {
  const builder = new SumsBuilder(3);
  builder.take(sumsOf([1, Number.POSITIVE_INFINITY]).sum);
  builder.take(sumsOf([2]).sum);
  builder.take(sumsOf([Number.NEGATIVE_INFINITY, 1e308]).sum);
  const sums = builder.finish();
  expect([0, 1, 2].map((group) => roundSum(reunited([sums], group)))).toEqual([
    Number.POSITIVE_INFINITY,
    2,
    Number.NEGATIVE_INFINITY,
  ]);
});

test('the twin knows doubles', () => {
  for (const value of [0, 5e-324, 0.1, -2.5, 2 ** 53 + 2, Number.MAX_VALUE, 2 ** -1022]) {
    expect(nearestDouble(fraction(value))).toBe(value);
  }
  expect(wholeOfDouble(5e-324)).toBe(1n);
  expect(nearestDouble({ above: 1n, below: 3n })).toBe(1 / 3);
  expect(nearestDouble({ above: 2n ** 1024n, below: 1n })).toBe(Number.POSITIVE_INFINITY);
  expect(nearestDouble({ above: 3n, below: 2n ** 1075n })).toBe(2 * 5e-324);
});
