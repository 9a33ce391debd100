/**
 * Comparisons of floats as IEEE 754 has them: with NaN on a side every comparison is false, and `!=` is true.
 * DuckDB alone orders NaN above everything and equal to itself. Worse, writers leave NaN out of Parquet statistics,
 * so DuckDB may take `x <= 10` for always true, or `x != 3` for always false, on rows that are NaN (seen in 1.5.6):
 * the answer would depend on how a catalog was cut. Each comparison is therefore joined with a test for NaN such
 * that its own answer for NaN does not matter. `x > 10` becomes `x > 10 AND NOT isnan(x)`: both parts reach the
 * Parquet scan, and the first one prunes row groups.
 *
 * Null stays SQL's: a comparison with null is null, `!=` too, and a filter drops the row.
 */
import { exactFloat, narrowBound } from './narrow.ts';
import {
  allOf,
  anyOf,
  type CompareOperator,
  call,
  cast,
  compare,
  type InTree,
  literalOf,
  not,
  numberTree,
  type Tree,
} from './tree.ts';
import { isDecimal, isFloat, isInteger } from './types.ts';

/** One side of a comparison. */
export interface Operand {
  /** With its own parts rewritten. */
  readonly tree: Tree;
  /** As the user wrote it. */
  readonly written: Tree;
  /** DuckDB type of what was written. */
  readonly type: string;
}

const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  same: 'same',
  distinct: 'distinct',
};

/** The comparison with IEEE's answer for NaN. */
export function rewriteCompare(operator: CompareOperator, left: Operand, right: Operand): Tree {
  const leftLiteral = literalOf(left.written) !== undefined;
  if (literalOf(right.written) !== undefined && !leftLiteral)
    return compareLiteral(operator, left, right.written);
  if (leftLiteral && literalOf(right.written) === undefined) {
    return compareLiteral(MIRRORED[operator], right, left.written);
  }
  const base = compare(operator, sameWidth(left, right), sameWidth(right, left));
  const tests = [nanTest(operator, left, right), nanTest(operator, right, left)];
  return guard(
    operator,
    base,
    tests.filter((test) => test !== undefined),
  );
}

/** `of IN (items)`: equal to any of them. */
export function rewriteIn(tree: InTree, of: Operand, items: readonly Operand[]): Tree {
  if (![of, ...items].some(({ type }) => isFloat(type))) return tree;
  if (isFloat(of.type) && items.every(({ written }) => literalOf(written) !== undefined)) {
    const values =
      of.type === 'FLOAT' ? items.map(({ written }) => singleOrDouble(written)) : tree.items;
    return guard('=', { ...tree, items: values }, [call('isnan', of.tree)]);
  }
  return anyOf(items.map((item) => rewriteCompare('=', of, item)));
}

function singleOrDouble(literal: Tree): Tree {
  return exactFloat(literal) ?? numberTree(literalOf(literal)!);
}

/** A number is neither null nor NaN: only the other side needs a test. */
function compareLiteral(operator: CompareOperator, side: Operand, literal: Tree): Tree {
  const bound = narrowBound(operator, literal, side.type);
  const base = compare(bound.operator, side.tree, bound.value);
  if (!isFloat(side.type)) return base;
  const isNan = call('isnan', side.tree);
  return guard(operator, base, [neverNull(operator) ? knownTrue(isNan) : isNan]);
}

/** True where `side` is NaN and the comparison has an answer at all; undefined where it is never NaN. */
function nanTest(operator: CompareOperator, side: Operand, other: Operand): Tree | undefined {
  if (!isFloat(side.type) || literalOf(side.written) !== undefined) return undefined;
  const isNan = call('isnan', side.tree);
  if (neverNull(operator)) return knownTrue(isNan);
  // Against null the answer is null, which `NULL AND FALSE` would turn into false.
  return allOf([isNan, not({ kind: 'null', of: other.tree })]);
}

/** `base`, but false (for the unequal operators true) where a test holds. */
function guard(operator: CompareOperator, base: Tree, tests: readonly Tree[]): Tree {
  if (operator === '!=' || operator === 'distinct') return anyOf([base, ...tests]);
  return allOf([base, ...tests.map(not)]);
}

function neverNull(operator: CompareOperator): boolean {
  return operator === 'same' || operator === 'distinct';
}

function knownTrue(condition: Tree): Tree {
  return call('coalesce', condition, { kind: 'constant', value: 'FALSE' });
}

/** DuckDB compares FLOAT with whole numbers and decimals in single precision, which has room for seven digits. */
function sameWidth(side: Operand, other: Operand): Tree {
  const inexact = side.type === 'FLOAT' && (isInteger(other.type) || isDecimal(other.type));
  return inexact ? cast(side.tree, 'DOUBLE') : side.tree;
}
