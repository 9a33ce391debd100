/**
 * Expressions that have a value for every row there can be. Only those may be worked out for rows that are not in a
 * result: others could fail there, over something that nobody asked for.
 */
import type { Column } from '../../catalogs/types.ts';
import { isIntegerLiteral, type Tree } from './tree.ts';
import { isFloat, isInteger } from './types.ts';

type Kind = 'float' | 'integer' | 'condition';

/** Functions of one float that never fail: where others' domains end, they give NaN. */
const FLOAT_FUNCTIONS = ['abs', 'ceil', 'exp', 'floor', 'ln', 'log10', 'sqrt'];
const FLOAT_TESTS = ['isnan', 'isinf', 'isfinite'];

/** True where the expression can never fail, as far as its form and the types of columns tell. */
export function isTotal(tree: Tree, columns: readonly Column[]): boolean {
  return tree.kind === 'column' || kindOf(tree, columns) !== null;
}

/** The kind of value of a total expression; null where it is not known to be one. */
function kindOf(tree: Tree, columns: readonly Column[]): Kind | null {
  const of = (part: Tree) => kindOf(part, columns);
  switch (tree.kind) {
    case 'number':
      return isIntegerLiteral(tree) ? 'integer' : 'float';
    case 'constant':
      return tree.value === 'NULL' ? null : 'condition';
    case 'column':
      return kindOfType(columns.find(({ name }) => name === tree.name)?.type ?? '');
    case 'unary':
      return of(tree.of) === 'float' && tree.operator === '-' ? 'float' : null;
    case 'binary':
      return binaryKind(tree.operator, of(tree.left), of(tree.right));
    case 'compare':
      return areNumbers(of(tree.left), of(tree.right)) ? 'condition' : null;
    case 'null':
      return isTotal(tree.of, columns) ? 'condition' : null;
    case 'not':
      return of(tree.of) === 'condition' ? 'condition' : null;
    case 'and':
    case 'or':
      return tree.items.every((item) => of(item) === 'condition') ? 'condition' : null;
    case 'case':
      return caseKind(tree, of);
    case 'call': {
      const [only, ...more] = tree.args.map(of);
      if (only !== 'float' || more.length > 0) return null;
      if (FLOAT_FUNCTIONS.includes(tree.name)) return 'float';
      return FLOAT_TESTS.includes(tree.name) ? 'condition' : null;
    }
    default:
      return null;
  }
}

function kindOfType(type: string): Kind | null {
  if (isFloat(type)) return 'float';
  if (isInteger(type)) return 'integer';
  return type === 'BOOLEAN' ? 'condition' : null;
}

/** Whole numbers can overflow; with a float on a side they are floats themselves. */
function binaryKind(operator: string, left: Kind | null, right: Kind | null): Kind | null {
  if (!areNumbers(left, right)) return null;
  if (operator === '/') return 'float';
  const isFloating = left === 'float' || right === 'float';
  return isFloating && ['+', '-', '*'].includes(operator) ? 'float' : null;
}

function areNumbers(...kinds: readonly (Kind | null)[]): boolean {
  return kinds.every((kind) => kind === 'float' || kind === 'integer');
}

function caseKind(
  { branches, otherwise }: Extract<Tree, { kind: 'case' }>,
  of: (part: Tree) => Kind | null,
): Kind | null {
  if (branches.some(({ when }) => of(when) !== 'condition')) return null;
  const values = [
    ...branches.map(({ value }) => value),
    ...(otherwise === null ? [] : [otherwise]),
  ];
  const kinds = [...new Set(values.map(of))];
  return kinds.length === 1 ? kinds[0]! : null;
}
