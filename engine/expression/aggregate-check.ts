/** Settles the types of aggregate expressions, and so what has to be worked out for them. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { Session } from '../session.ts';
import type { AggregateCall, AggregateExpression } from './aggregate.ts';
import type { AggregateFunction } from './aggregate-functions.ts';
import { type CheckedExpression, checkExpression, type Expression } from './expression.ts';
import { parseTree } from './parse.ts';
import { excerpt } from './source.ts';
import { isSummable, storageOf } from './storage.ts';
import { isTotal } from './total.ts';
import { isInteger, isNested } from './types.ts';

/** An expression of one row, ready to be computed. */
export interface CheckedValue extends CheckedExpression {
  /** It never fails, whatever the row. */
  readonly total: boolean;
}

export interface CheckedCall {
  readonly function: AggregateFunction;
  /** Null: rows are counted. */
  readonly of: CheckedValue | null;
  /** DuckDB type of the result. */
  readonly type: string;
}

export interface CheckedAggregate {
  readonly text: string;
  readonly calls: readonly CheckedCall[];
  readonly names: readonly string[];
  /** SQL over `names` and its type; the SQL is one of the names where the aggregate is all there is. */
  readonly value: CheckedExpression;
}

/** Checks the types of one expression over the columns of rows. */
export async function checkValue(
  expression: Expression,
  columns: readonly Column[],
  session: Session,
): Promise<CheckedValue> {
  const checked = await checkExpression(expression, columns, session, 'any');
  const tree = parseTree(expression.sql, columns, 'column');
  return { ...checked, total: isTotal(tree, columns) };
}

/**
 * Settles the types of an aggregate expression.
 *
 * @throws requestError where an aggregate cannot be taken of such values
 */
export async function checkAggregate(
  expression: AggregateExpression,
  columns: readonly Column[],
  session: Session,
): Promise<CheckedAggregate> {
  const calls: CheckedCall[] = [];
  for (const call of expression.calls) {
    const of = call.of === null ? null : await checkValue(call.of, columns, session);
    calls.push({ function: call.function, of, type: typeOfCall(call, of?.type) });
  }
  const { names } = expression;
  const results = names.map((name, i): Column => ({ name, type: calls[i]!.type }));
  const value = await checkExpression(expression.value, results, session, 'any');
  return { text: expression.text, calls, names, value };
}

/** The type of a call's result, given the type of what it is taken of. */
function typeOfCall(call: AggregateCall, type: string | undefined): string {
  if (type === undefined) return 'BIGINT';
  switch (call.function) {
    case 'count':
      return 'BIGINT';
    case 'sum':
      if (!isSummable(type)) throw refuse(call, type, 'numbers');
      return isInteger(type) || type === 'BOOLEAN' ? 'HUGEINT' : 'DOUBLE';
    case 'mean':
    case 'var_samp':
    case 'var_pop':
    case 'stddev_samp':
    case 'stddev_pop':
      if (!isSummable(type)) throw refuse(call, type, 'numbers');
      return 'DOUBLE';
    case 'min':
    case 'max':
      if (storageOf(type) === undefined) throw refuse(call, type, 'numbers, dates or times');
      return type;
    case 'bool_and':
    case 'bool_or':
      if (type !== 'BOOLEAN') throw refuse(call, type, 'conditions');
      return 'BOOLEAN';
    default:
      throw new Error(`unknown aggregate ${call.function satisfies never}`);
  }
}

function refuse({ text, of }: AggregateCall, type: string, wanted: string) {
  return requestError(
    `${text} needs ${wanted}, but ${of!.text} is ${type}`,
    hintFor(type, of!.text),
    `expression ${excerpt(text)}`,
  );
}

function hintFor(type: string, text: string): string | undefined {
  if (isNested(type)) return 'Make one value of each row first, such as len(x) or x[1].';
  if (/^(U?HUGEINT|DECIMAL)/.test(type)) return `Cast it: (${text})::double or ::bigint.`;
  return type === 'VARCHAR' ? `Numbers in texts can be cast: (${text})::double.` : undefined;
}
