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
import { CrosshatchError, requestError } from '../../partitioning/error.ts';
import type { Session } from '../session.ts';
import { checkOperands, type Fail } from './conditions.ts';
import { typedQuery, typeParts, usedColumns } from './operands.ts';
import { parseTree } from './parse.ts';
import { printTree } from './print.ts';
import { checkFunctions } from './purity.ts';
import { renameQuoted } from './rename.ts';
import { rewriteTree } from './rewrite.ts';
import { excerpt } from './source.ts';
import { columnsOf } from './tree.ts';
import { checkNodes } from './whitelist.ts';

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
}

/** An expression whose types are known: plain data. */
export interface CheckedExpression {
  /** The SQL to run: {@link Expression.sql} with the rules for NaN, integers and domains spelled out. */
  readonly sql: string;
  /** DuckDB type of the value. */
  readonly type: string;
  readonly columns: readonly string[];
}

/** Longer SQL takes DuckDB seconds to plan; nested functions that are spelled out can multiply a short text. */
const MAX_TEXT = 100_000;
const MAX_SQL = 400_000;

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
  return Object.freeze({ text, sql: printTree(tree), columns: Object.freeze(columnsOf(tree)) });
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
  const fail: Fail = (what, hint) =>
    requestError(what, hint, `expression ${excerpt(expression.text)}`);
  const tree = parseTree(expression.sql, columns, 'column');
  const used = usedColumns(tree, columns);
  const names = used.map(({ name }) => name);
  // Before DuckDB binds anything: binding alone could read a file. The types are texts out of a catalog.
  const types = used.map(({ type }) => `CAST(NULL AS ${type}) IS NULL`);
  if (types.length > 0) await checkNodes(types.join(' AND '), [], session);
  await checkFunctions(await checkNodes(printTree(tree), names, session), session);
  const typeOf = await asRequest(fail, () => typeParts(tree, columns, session));
  checkOperands(tree, typeOf, fail);
  const sql = printTree(rewriteTree(tree, typeOf));
  if (sql.length > MAX_SQL)
    throw fail('the expression becomes too large', 'Split it into several filters.');
  await checkFunctions(await checkNodes(sql, names, session), session);
  const query = typedQuery([sql], used);
  const [value] = await asRequest(fail, () => session.describe(query));
  if (want === 'boolean' && value!.type !== 'BOOLEAN') {
    throw fail(
      `a filter must be true or false, but this is ${value!.type}`,
      'Compare it with something, for example x > 0.',
    );
  }
  await asRequest(fail, () => session.rows(`SELECT e0 IS NULL AS n FROM (${query})`));
  return { sql, type: value!.type, columns: columnsOf(tree) };
}

/** Turns DuckDB's refusal of a query into an error of the request: its first line, from after the error's class. */
async function asRequest<T>(fail: Fail, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CrosshatchError && error.tag !== 'data') throw error;
    const message = error instanceof Error ? error.message : String(error);
    const first = message.split('\n')[0]!;
    throw fail(first.replace(/^.*?\b[A-Z][A-Za-z ]*Error: /, ''));
  }
}
