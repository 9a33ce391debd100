/** The types of the parts whose meaning depends on them, asked of DuckDB over a relation without rows. */
import type { Column } from '../../catalogs/types.ts';
import type { Session } from '../session.ts';
import { printTree } from './print.ts';
import { quoteName } from './quote.ts';
import { mapColumns } from './rename.ts';
import type { TypeOf } from './rewrite.ts';
import { columnsOf, isIntegerLiteral, literalOf, partsOf, type Tree } from './tree.ts';

/**
 * A query for `sqls` over one row of typed nulls. Columns are named by position there: names that differ only by
 * letter case are one name to DuckDB.
 */
export function typedQuery(sqls: readonly string[], columns: readonly Column[]): string {
  const place = new Map(columns.map(({ name }, i) => [name, quoteName(`c${i}`)]));
  const list = sqls.map((sql, i) => `(${mapColumns(sql, (name) => place.get(name)!)}) AS e${i}`);
  if (columns.length === 0) return `SELECT ${list.join(', ')}`;
  const nulls = columns.map(({ type }, i) => `CAST(NULL AS ${type}) AS c${i}`);
  return `SELECT ${list.join(', ')} FROM (SELECT ${nulls.join(', ')}) AS t`;
}

/** The columns of `columns` that `tree` uses. */
export function usedColumns(tree: Tree, columns: readonly Column[]): Column[] {
  const names = columnsOf(tree);
  return columns.filter(({ name }) => names.includes(name));
}

/** Asks at once for the types of all operands in `tree` that are not conditions or literals. */
export async function typeParts(
  tree: Tree,
  columns: readonly Column[],
  session: Session,
): Promise<TypeOf> {
  const sqls = new Set<string>();
  collect(tree, sqls);
  if (sqls.size === 0) return (part) => knownType(part)!;
  const list = [...sqls];
  const described = await session.describe(typedQuery(list, usedColumns(tree, columns)));
  const types = new Map(list.map((sql, i) => [sql, described[i]!.type]));
  return (part) => knownType(part) ?? types.get(printTree(part))!;
}

/** Conditions and literals have one type wherever they stand. */
function knownType(tree: Tree): string | undefined {
  switch (tree.kind) {
    case 'compare':
    case 'in':
    case 'like':
    case 'null':
    case 'not':
    case 'and':
    case 'or':
      return 'BOOLEAN';
    case 'constant':
      return tree.value === 'NULL' ? '"NULL"' : 'BOOLEAN';
    case 'text':
      return 'VARCHAR';
    default:
      if (literalOf(tree) === undefined) return undefined;
      return isIntegerLiteral(tree) ? 'INTEGER' : 'DOUBLE';
  }
}

function collect(tree: Tree, sqls: Set<string>): void {
  for (const part of partsOf(tree)) {
    if (knownType(part) === undefined && typeMatters(tree)) sqls.add(printTree(part));
    collect(part, sqls);
  }
}

/** True for nodes that mean different things for operands of different types. */
function typeMatters(tree: Tree): boolean {
  return ['compare', 'in', 'binary', 'unary', 'not', 'and', 'or', 'case'].includes(tree.kind);
}
