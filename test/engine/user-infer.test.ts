/** Which types columns get from the values that user code returned first. */
import { expect, test } from 'vitest';
import { decidedTypes, joinedTypes, learntTypes } from '../../engine/user/infer.ts';

const large = 2n ** 63n + 1n;

test.each<[string, readonly unknown[], string]>([
  ['nothing', [null, undefined], 'DOUBLE'],
  ['whole numbers', [5n, 6n], 'BIGINT'],
  ['a large one after small ones', [5n, null, large], 'UBIGINT'],
  ['a large one first', [large, 5n], 'UBIGINT'],
  ['a negative one before a large one, which no type holds both of', [5n, -1n, large], 'BIGINT'],
  ['lists of them', [[], [1n], [2n, large]], 'UBIGINT[]'],
  ['typed lists after plain ones', [[1n], BigUint64Array.of(2n)], 'UBIGINT[]'],
  ['empty lists', [[], null, []], 'DOUBLE[]'],
  ['an empty list before texts', [[], ['a']], 'VARCHAR[]'],
  ['a number before others', [1, 2n], 'DOUBLE'],
])('%s', (_, values, type) => {
  const rows = values.map((value) => ({ value }));
  expect(decidedTypes(learntTypes(rows))).toEqual({ value: type });
  // However the rows are cut into parts.
  const parts = rows.map((row) => learntTypes([row]));
  expect(decidedTypes(joinedTypes(parts))).toEqual({ value: type });
});
