/**
 * Arithmetic as numpy users know it, over DuckDB's: whole numbers are computed in 64 bits (DuckDB stays in the
 * column's type and fails when it overflows, and negating an unsigned number wraps around); `//` and `%` round
 * towards minus infinity, so an angle `% 360` is never negative; functions outside their domain give NaN or an
 * infinity, where DuckDB would end the run. Division by zero is IEEE's for `/`, null for whole numbers in `//`, `%`.
 *
 * Comparisons made here must be right whichever way DuckDB decides them for NaN: see nan.ts.
 */
import {
  allOf,
  type BinaryTree,
  binary,
  type CallTree,
  call,
  cast,
  choose,
  compare,
  literalOf,
  not,
  type Tree,
} from './tree.ts';
import { isInteger, isNarrow, isUnsigned } from './types.ts';

const ZERO: Tree = { kind: 'number', text: '0' };
const ONE: Tree = { kind: 'number', text: '1' };
const MINUS_ONE: Tree = { kind: 'unary', operator: '-', of: ONE };
const NAN: Tree = cast({ kind: 'text', value: 'nan' }, 'DOUBLE');
const INFINITE: Tree = cast({ kind: 'text', value: 'inf' }, 'DOUBLE');
const MINUS_INFINITE: Tree = cast({ kind: 'text', value: '-inf' }, 'DOUBLE');

/** A binary operator whose parts are rewritten already; the types are those of its parts as written. */
export function rewriteBinary(tree: BinaryTree, leftType: string, rightType: string): Tree {
  if (!['+', '-', '*', '//', '%'].includes(tree.operator)) return tree;
  const whole = isInteger(leftType) && isInteger(rightType);
  const wide = whole ? widenBoth(tree, leftType, rightType) : tree;
  const plain = isNatural(tree.left, leftType) && isNatural(tree.right, rightType);
  switch (tree.operator) {
    case '//':
      if (!whole) return call('floor', binary('/', tree.left, tree.right));
      return plain ? wide : binary('-', wide, choose(remainderIsOff(wide), ONE, ZERO));
    case '%':
      return plain ? wide : floorRemainder(wide);
    default:
      return wide;
  }
}

/** `-of`, for a part that is rewritten already and was of `type` as written. */
export function rewriteMinus(of: Tree, type: string): Tree {
  return { kind: 'unary', operator: '-', of: isInteger(type) ? widen(of, type, true) : of };
}

/** True where no value is below zero. Not to be had from the type of something computed, which was widened. */
function isNatural(tree: Tree, type: string): boolean {
  const stored = ['column', 'field', 'element', 'cast'].includes(tree.kind);
  return (stored && isUnsigned(type)) || (literalOf(tree) ?? -1) >= 0;
}

function widenBoth(tree: BinaryTree, leftType: string, rightType: string): BinaryTree {
  const { operator, left, right } = tree;
  const value = literalOf(left);
  // DuckDB types literals by their size: the product of two could overflow.
  if (value !== undefined && literalOf(right) !== undefined && Number.isSafeInteger(value)) {
    return binary(operator, cast(left, 'BIGINT'), right);
  }
  const canBeNegative = operator === '-';
  return binary(
    operator,
    widen(left, leftType, canBeNegative),
    widen(right, rightType, canBeNegative),
  );
}

/** @param canBeNegative true where the result can be below zero although the operands are not */
function widen(tree: Tree, type: string, canBeNegative: boolean): Tree {
  if (literalOf(tree) !== undefined) return tree;
  if (type === 'UBIGINT' && canBeNegative) return cast(tree, 'HUGEINT');
  const isWide = tree.kind === 'binary' && tree.operator !== '&' && tree.operator !== '|';
  return isNarrow(type) && !isWide ? cast(tree, 'BIGINT') : tree;
}

/** Truncated remainder, moved by the divisor where their signs differ. */
function floorRemainder(tree: BinaryTree): Tree {
  return choose(
    remainderIsOff(tree),
    binary('+', binary('%', tree.left, tree.right), tree.right),
    binary('%', tree.left, tree.right),
  );
}

function remainderIsOff(tree: BinaryTree): Tree {
  const remainder = binary('%', tree.left, tree.right);
  const divisor = literalOf(tree.right);
  if (divisor !== undefined && divisor > 0) return compare('<', remainder, ZERO);
  const differ = compare('!=', compare('<', remainder, ZERO), compare('<', tree.right, ZERO));
  return allOf([compare('!=', remainder, ZERO), differ]);
}

/** A call with rewritten arguments, with IEEE's answer where DuckDB would fail or is wrong. */
export function rewriteCall(tree: CallTree): Tree {
  const x = tree.args[0];
  if (x === undefined || tree.args.length !== 1) return tree;
  switch (tree.name) {
    case 'sqrt':
      return choose(compare('<', x, ZERO), NAN, tree);
    case 'ln':
    case 'log10':
    case 'log2':
      return choose(compare('<', x, ZERO), NAN, choose(isValue(x, ZERO), MINUS_INFINITE, tree));
    case 'asin':
    case 'acos':
      return choose(compare('>', call('abs', x), ONE), NAN, tree);
    case 'atanh':
      // DuckDB gives plus infinity at -1 too.
      return choose(
        compare('>', call('abs', x), ONE),
        NAN,
        choose(isValue(x, MINUS_ONE), MINUS_INFINITE, tree),
      );
    case 'sin':
    case 'cos':
    case 'tan':
      return choose(call('isinf', x), NAN, tree);
    case 'cot':
      return choose(call('isinf', x), NAN, choose(isValue(x, ZERO), INFINITE, tree));
    case 'gamma':
    case 'lgamma':
      return choose(isValue(x, ZERO), INFINITE, tree);
    default:
      return tree;
  }
}

/** Statistics without NaN can make DuckDB take the comparison alone for always true. */
function isValue(x: Tree, value: Tree): Tree {
  return allOf([compare('=', x, value), not(call('isnan', x))]);
}
