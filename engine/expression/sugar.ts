/**
 * `&`, `|` and `~`: logic between conditions as pandas.query has it, bits between whole numbers, for columns of
 * flags. Which one is decided by the types the schema declares, so it is known when the expression is parsed.
 */
import type { Column } from '../../catalogs/types.ts';
import type { Grammar } from './grammar.ts';
import { fieldsAfter, nestOf } from './nest-type.ts';
import type { Token } from './tokenize.ts';
import { allOf, anyOf, binary, isIntegerLiteral, not, type Tree } from './tree.ts';
import { isInteger } from './types.ts';

type ValueKind = 'integer' | 'condition' | 'unknown';

/** `left & right` or `left | right`, also spelled `and` and `or`, which always mean logic. */
export function joinLogical(grammar: Grammar, token: Token, left: Tree, right: Tree): Tree {
  const { columns, reader } = grammar;
  const operator = token.value.toLowerCase();
  if (operator === 'and') return allOf([left, right]);
  if (operator === 'or') return anyOf([left, right]);
  const kinds = [valueKind(left, columns), valueKind(right, columns)];
  if (!kinds.includes('integer'))
    return operator === '&' ? allOf([left, right]) : anyOf([left, right]);
  if (kinds.includes('condition')) {
    throw reader.fail(
      token,
      `${operator} between a whole number and a condition`,
      `It binds looser than comparisons; for bits write parentheses: (flags ${operator} 4) > 0.`,
    );
  }
  return binary(operator === '&' ? '&' : '|', left, right);
}

/** `~of`: the complement of a whole number's bits, otherwise not. */
export function negateLogical(grammar: Grammar, token: Token, of: Tree): Tree {
  const kind = valueKind(of, grammar.columns);
  if (kind === 'integer') return { kind: 'unary', operator: '~', of };
  if (kind === 'unknown' && typeOfTree(of, grammar.columns) !== undefined) {
    throw grammar.reader.fail(
      token,
      '~ needs a condition or a whole number',
      'Put parentheses around the condition: ~(x > 1).',
    );
  }
  return not(of);
}

/** The type the schema declares for a column or a struct field; undefined for anything computed. */
export function typeOfTree(tree: Tree, columns: readonly Column[]): string | undefined {
  if (tree.kind === 'column') return columns.find(({ name }) => name === tree.name)?.type;
  if (tree.kind !== 'field') return undefined;
  const owner = typeOfTree(tree.of, columns);
  const fields = owner === undefined ? undefined : fieldsAfter(owner);
  return fields?.find(({ name }) => name === tree.name)?.type;
}

/** The type of one element, for a field of a nested column; undefined for everything else. */
export function elementTypeOf(tree: Tree, columns: readonly Column[]): string | undefined {
  if (tree.kind !== 'field' || tree.of.kind !== 'column') return undefined;
  const nest = nestOf(typeOfTree(tree.of, columns) ?? '');
  return nest?.fields.find(({ name }) => name === tree.name)?.type;
}

function valueKind(tree: Tree, columns: readonly Column[]): ValueKind {
  switch (tree.kind) {
    case 'compare':
    case 'in':
    case 'like':
    case 'null':
    case 'not':
    case 'and':
    case 'or':
      return 'condition';
    case 'constant':
      return tree.value === 'NULL' ? 'unknown' : 'condition';
    case 'number':
      return isIntegerLiteral(tree) ? 'integer' : 'unknown';
    case 'column':
    case 'field':
      return kindOfType(elementTypeOf(tree, columns) ?? typeOfTree(tree, columns));
    case 'cast':
      return kindOfType(tree.type);
    case 'unary':
      return valueKind(tree.of, columns);
    case 'binary': {
      const whole = [tree.left, tree.right].every((part) => valueKind(part, columns) === 'integer');
      return whole && tree.operator !== '/' && tree.operator !== '**' && tree.operator !== '||'
        ? 'integer'
        : 'unknown';
    }
    case 'text':
    case 'element':
    case 'item':
    case 'over-list':
    case 'list':
    case 'case':
    case 'call':
      return 'unknown';
  }
}

function kindOfType(type: string | undefined): ValueKind {
  if (type === undefined) return 'unknown';
  if (isInteger(type)) return 'integer';
  return type === 'BOOLEAN' ? 'condition' : 'unknown';
}
