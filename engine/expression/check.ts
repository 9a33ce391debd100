/** Types, rules and the whitelist for an expression over plain columns: what checkExpression is made of. */
import type { Column } from '../../catalogs/types.ts';
import { CrosshatchError } from '../../partitioning/error.ts';
import type { Session } from '../session.ts';
import { checkOperands, type Fail } from './conditions.ts';
import { typedQuery, typeParts, usedColumns } from './operands.ts';
import { printTree } from './print.ts';
import { checkFunctions } from './purity.ts';
import { rewriteTree } from './rewrite.ts';
import type { Tree } from './tree.ts';
import { checkNodes } from './whitelist.ts';

/** Nested functions that are spelled out can multiply a short text. */
const MAX_SQL = 400_000;

/**
 * Settles the types of `tree` and gives the SQL to run. Nothing is read but one row of nulls, which makes DuckDB
 * compute the constants: a malformed date is found now.
 *
 * @param columns the relation's columns; what `tree` names and is not one of them is refused
 */
export async function checkTree(
  tree: Tree,
  columns: readonly Column[],
  session: Session,
  want: 'boolean' | 'any',
  fail: Fail,
): Promise<{ sql: string; type: string }> {
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
  return { sql, type: value!.type };
}

/** The type of SQL made here out of checked parts. */
export async function typeOfSql(
  sql: string,
  columns: readonly Column[],
  session: Session,
  fail: Fail,
): Promise<string> {
  const [value] = await asRequest(fail, () => session.describe(typedQuery([sql], columns)));
  return value!.type;
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
