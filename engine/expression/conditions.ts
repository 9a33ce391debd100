/** What DuckDB would cast without a word, and a user would not mean: refused once the types are known. */
import type { CrosshatchError } from '../../partitioning/error.ts';
import { printTree } from './print.ts';
import type { TypeOf } from './rewrite.ts';
import { literalOf, partsOf, type Tree } from './tree.ts';
import { isNested, isNumber } from './types.ts';

/** Makes the error of an expression. */
export type Fail = (what: string, hint?: string) => CrosshatchError;

/** Throws for operands of the wrong kind, anywhere in the tree. */
export function checkOperands(tree: Tree, typeOf: TypeOf, fail: Fail): void {
  for (const part of partsOf(tree)) checkOperands(part, typeOf, fail);
  switch (tree.kind) {
    case 'compare':
      checkPair(tree.left, tree.right, typeOf, fail);
      break;
    case 'in':
      for (const item of tree.items) checkPair(tree.of, item, typeOf, fail);
      break;
    case 'not':
      checkCondition('not', tree.of, typeOf, fail);
      break;
    case 'and':
    case 'or':
      for (const item of tree.items) checkCondition(tree.kind, item, typeOf, fail);
      break;
    case 'case':
      for (const { when } of tree.branches) checkCondition('when', when, typeOf, fail);
      break;
    default:
      break;
  }
}

function checkCondition(word: string, part: Tree, typeOf: TypeOf, fail: Fail): void {
  const type = typeOf(part);
  if (type === 'BOOLEAN' || type === '"NULL"') return;
  throw fail(
    `${word} needs conditions, but ${printTree(part)} is ${type}`,
    `Compare it with something, for example ${printTree(part)} != 0.`,
  );
}

function checkPair(left: Tree, right: Tree, typeOf: TypeOf, fail: Fail): void {
  for (const side of [left, right]) {
    if (!isNested(typeOf(side))) continue;
    const hint =
      side.kind === 'list'
        ? 'For one of several values write x in (1, 2).'
        : 'Compare one element or field of it.';
    throw fail(`a comparison needs single values, but ${printTree(side)} is ${typeOf(side)}`, hint);
  }
  checkText(left, right, typeOf, fail);
  checkText(right, left, typeOf, fail);
}

/** DuckDB reads a number out of a text constant, and fails in the middle of a run where it cannot. */
function checkText(side: Tree, other: Tree, typeOf: TypeOf, fail: Fail): void {
  if (typeOf(side) !== 'VARCHAR' || !isNumber(typeOf(other))) return;
  const number =
    literalOf(other) === undefined
      ? `${printTree(other)}, which is ${typeOf(other)}`
      : printTree(other);
  const hint =
    side.kind === 'text'
      ? 'Write numbers without quotes.'
      : 'Write numbers as texts in quotes, or cast: x::double.';
  throw fail(`${printTree(side)} is a text and cannot be compared with the number ${number}`, hint);
}
