/**
 * Comparisons of a column with a number, turned into comparisons in the column's own type. DuckDB would cast the
 * column instead, and could then no longer skip row groups by their statistics; nor is its cast always exact.
 */
import {
  type CompareOperator,
  cast,
  isIntegerLiteral,
  literalOf,
  numberTree,
  type Tree,
} from './tree.ts';
import { isDecimal, isInteger } from './types.ts';

export interface Bound {
  readonly operator: CompareOperator;
  readonly value: Tree;
}

/** Beyond it DuckDB's widest integer ends. */
const MAX_INTEGER = 1e38;
const FLOAT_MAX = 3.4028234663852886e38;

const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

/**
 * The bound that selects exactly the values v of `type` with `v operator literal`; the literal as a double where
 * there is none.
 */
export function narrowBound(operator: CompareOperator, literal: Tree, type: string): Bound {
  const value = literalOf(literal)!;
  if (type === 'FLOAT') return floatBound(operator, literal, value);
  if (isInteger(type)) return integerBound(operator, literal, value);
  // A decimal compares exactly with what is written as a decimal.
  if (isDecimal(type) || isIntegerLiteral(literal)) return { operator, value: literal };
  return { operator, value: numberTree(value) };
}

/** A number that `type` holds exactly, as a constant of that type; undefined when it does not. */
export function exactFloat(literal: Tree): Tree | undefined {
  const value = literalOf(literal)!;
  if (Math.fround(value) !== value) return undefined;
  return isIntegerLiteral(literal) && Number.isSafeInteger(value)
    ? literal
    : cast(numberTree(value), 'FLOAT');
}

function floatBound(operator: CompareOperator, literal: Tree, value: number): Bound {
  const exact = exactFloat(literal);
  if (exact !== undefined) return { operator, value: exact };
  const double: Bound = { operator, value: numberTree(value) };
  // Between two neighbouring floats: the same values lie above the lower one and below the upper one.
  if (operator === '>' || operator === '>=') {
    const lower = floatBelow(value);
    return Number.isFinite(lower)
      ? { operator: '>', value: cast(numberTree(lower), 'FLOAT') }
      : double;
  }
  if (operator === '<' || operator === '<=') {
    const upper = -floatBelow(-value);
    return Number.isFinite(upper)
      ? { operator: '<', value: cast(numberTree(upper), 'FLOAT') }
      : double;
  }
  return double;
}

function integerBound(operator: CompareOperator, literal: Tree, value: number): Bound {
  if (isIntegerLiteral(literal)) return { operator, value: literal };
  const double: Bound = { operator, value: numberTree(value) };
  if (Math.abs(value) >= MAX_INTEGER) return double;
  if (Number.isInteger(value)) return { operator, value: numberTree(BigInt(value)) };
  if (operator === '>' || operator === '>=') {
    return { operator: '>', value: numberTree(BigInt(Math.floor(value))) };
  }
  if (operator === '<' || operator === '<=') {
    return { operator: '<', value: numberTree(BigInt(Math.ceil(value))) };
  }
  return double;
}

/** The largest single-precision number below `value`, which is not one itself. */
function floatBelow(value: number): number {
  floats[0] = value;
  if (floats[0] < value) return floats[0];
  if (floats[0] === Number.POSITIVE_INFINITY) return FLOAT_MAX;
  if (floats[0] === 0) return -(2 ** -149);
  bits[0] = bits[0]! + (floats[0] > 0 ? -1 : 1);
  return floats[0];
}
