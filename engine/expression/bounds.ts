/** What a filter says of single columns: the part of it that statistics of a file can contradict. */
import type { Column } from '../../catalogs/types.ts';
import type { Expression } from './expression.ts';
import { parseTree } from './parse.ts';
import type { CompareOperator, Tree } from './tree.ts';

/** `column operator value` must hold for a row to pass the filter. */
export interface ColumnBound {
  readonly column: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  readonly value: number;
}

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' } as const;

/**
 * Conditions that every row of the filter fulfils, of the form column against number. Null and NaN fail all of
 * them, as they do in the filter, so bounds of the other values decide.
 */
export function boundsOf(expression: Expression, columns: readonly Column[]): ColumnBound[] {
  const out: ColumnBound[] = [];
  collect(parseTree(expression.sql, columns, 'column'), out);
  return out;
}

function collect(tree: Tree, out: ColumnBound[]): void {
  if (tree.kind === 'and') {
    for (const item of tree.items) collect(item, out);
    return;
  }
  if (tree.kind !== 'compare') return;
  const operator = comparable(tree.operator);
  if (operator === null) return;
  const [left, right] = [tree.left, tree.right];
  if (left.kind === 'column') {
    const value = numberOf(right);
    if (value !== null) out.push({ column: left.name, operator, value });
  } else if (right.kind === 'column') {
    const value = numberOf(left);
    if (value !== null) out.push({ column: right.name, operator: MIRRORED[operator], value });
  }
}

function comparable(operator: CompareOperator): ColumnBound['operator'] | null {
  switch (operator) {
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '=':
      return operator;
    default:
      return null;
  }
}

/** A number literal that a double holds exactly; others are not used. */
function numberOf(tree: Tree): number | null {
  if (tree.kind === 'unary' && tree.operator === '-') {
    const value = numberOf(tree.of);
    return value === null ? null : -value;
  }
  if (tree.kind !== 'number') return null;
  const value = Number(tree.text);
  const isInteger = /^\d+$/.test(tree.text);
  return Number.isFinite(value) && (!isInteger || Number.isSafeInteger(value)) ? value : null;
}
