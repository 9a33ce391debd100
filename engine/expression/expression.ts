/**
 * Expressions users write: filters and values over the columns of one relation. They go through three stages:
 * {@link parseExpression} reads the text (names, grammar, sugar; no database), {@link checkExpression} settles types
 * and gives SQL that answers as IEEE 754 and numpy do, and DuckDB's own parse of that SQL is held against a whitelist.
 *
 * The language is SQL's expressions with the sugar of pandas.query: `&` `|` `~`, `==`, chained comparisons,
 * backticks around names, lists in brackets, `isna()` and `notna()`. Numbers with a point or an exponent are
 * doubles, whole numbers are computed in 64 bits, lists start at 1.
 */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { Session } from '../session.ts';
import type { Fail } from './conditions.ts';
import { type ColumnUse, elementNest, usesOf } from './levels.ts';
import { type CheckedElements, checkItems, checkNested, type ExpressionInput } from './nested.ts';
import { parseTree } from './parse.ts';
import { printTree } from './print.ts';
import { renameQuoted } from './rename.ts';
import { excerpt } from './source.ts';
import { columnsOf } from './tree.ts';

export type { ColumnUse } from './levels.ts';
export type { CheckedElements, ExpressionInput } from './nested.ts';
export { quoteName, quoteText } from './quote.ts';
export { mapColumns } from './rename.ts';

/** What a user wrote and what it means: plain data. */
export interface Expression {
  /** As written. */
  readonly text: string;
  /** SQL without sugar; every column in double quotes as the schema spells it, and nothing else in them. */
  readonly sql: string;
  /** Columns used, in order of first appearance. */
  readonly columns: readonly string[];
  /** The same, with the fields of nested columns where only those are used. */
  readonly uses: readonly ColumnUse[];
  /** The nested column whose elements the expression is about, one by one; absent: it is about rows. */
  readonly nest?: string;
}

/** An expression whose types are known: plain data. */
export interface CheckedExpression {
  /** The SQL to run: {@link Expression.sql} with the rules for NaN, integers and domains spelled out. */
  readonly sql: string;
  /** DuckDB type of the value. */
  readonly type: string;
  /** What the quoted names in `sql` stand for. */
  readonly inputs: readonly ExpressionInput[];
}

/** Longer SQL takes DuckDB seconds to plan. */
const MAX_TEXT = 100_000;

/**
 * Reads an expression over `columns`. Needs no database: types are settled by {@link checkExpression}.
 *
 * @throws requestError for anything outside the grammar, an unknown name (with the nearest ones), or a function
 *   that is not allowed
 */
export function parseExpression(text: string, columns: readonly Column[]): Expression {
  if (typeof text !== 'string') throw requestError('an expression must be a text');
  if (text.length > MAX_TEXT)
    throw requestError(`the expression is longer than ${MAX_TEXT} characters`);
  const tree = parseTree(text, columns, 'as-typed');
  const nest = elementNest(tree, text);
  return Object.freeze({
    text,
    sql: printTree(tree),
    columns: Object.freeze(columnsOf(tree)),
    uses: Object.freeze(usesOf(tree, columns)),
    ...(nest === undefined ? {} : { nest }),
  });
}

/** The conditions that a filter is made of, all of which must be true, as filters of their own. */
export function conjuncts(expression: Expression, columns: readonly Column[]): Expression[] {
  if (expression.nest !== undefined) return [expression];
  const tree = parseTree(expression.sql, columns, 'column');
  if (tree.kind !== 'and') return [expression];
  return tree.items.map((item) => {
    const sql = printTree(item);
    return Object.freeze({
      text: sql,
      sql,
      columns: Object.freeze(columnsOf(item)),
      uses: Object.freeze(usesOf(item, columns)),
    });
  });
}

/** One filter for several about the same relation. */
export function allOf(filters: readonly Expression[]): Expression {
  if (filters.length === 1) return filters[0]!;
  const uses = new Map(
    filters.flatMap((filter) =>
      filter.uses.map((use) => [JSON.stringify([use.column, use.field]), use] as const),
    ),
  );
  return Object.freeze({
    text: filters.map(({ text }) => text).join(' AND '),
    sql: filters.map(({ sql }) => `(${sql})`).join(' AND '),
    columns: Object.freeze([...new Set(filters.flatMap(({ columns }) => columns))]),
    uses: Object.freeze([...uses.values()]),
  });
}

/** The same expression over a relation whose columns have other names. */
export function renameColumns(
  expression: Expression,
  rename: (name: string) => string,
): Expression {
  return Object.freeze({
    text: expression.text,
    sql: renameQuoted(expression.sql, rename),
    columns: Object.freeze(expression.columns.map(rename)),
    uses: Object.freeze(expression.uses.map((use) => ({ ...use, column: rename(use.column) }))),
    ...(expression.nest === undefined ? {} : { nest: rename(expression.nest) }),
  });
}

/**
 * Settles the types of an expression and gives the SQL to run. Nothing is read but one row of nulls, which makes
 * DuckDB compute the constants: a malformed date is found now.
 *
 * @param columns the relation's columns with their DuckDB types
 * @param want `boolean` for a filter
 * @throws requestError where types do not fit or anything is not allowed
 */
export async function checkExpression(
  expression: Expression,
  columns: readonly Column[],
  session: Session,
  want: 'boolean' | 'any',
): Promise<CheckedExpression> {
  const fail: Fail = failOf(expression);
  const tree = parseTree(expression.sql, columns, 'column');
  const { sql, type, inputs } = await checkNested(tree, columns, session, want, fail);
  return { sql, type, inputs };
}

/**
 * Checks a condition on the elements of the nested column {@link Expression.nest}: its SQL names the elements by the
 * names in `items`.
 */
export async function checkElements(
  expression: Expression,
  columns: readonly Column[],
  session: Session,
): Promise<CheckedElements> {
  const fail: Fail = failOf(expression);
  const tree = parseTree(expression.sql, columns, 'column');
  return checkItems(tree, columns, session, 'boolean', fail);
}

function failOf(expression: Expression): Fail {
  return (what, hint) => requestError(what, hint, `expression ${excerpt(expression.text)}`);
}
