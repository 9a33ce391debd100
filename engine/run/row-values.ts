/**
 * Reads expressions of the rows of a result. What names columns of one scan and cannot fail is read from its files,
 * row by row in their order, and picked by row number; the rest is joined to the rows by the database.
 */
import { mapColumns } from '../expression/expression.ts';
import type { RowExpression } from '../groups.ts';
import type { NumericColumn } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import type { LeafFile } from './file-shapes.ts';
import { type Gathered, gatherRows } from './gather.ts';
import { type LeafNumbers, leafDistinct, leafNumbers, type NumberSql } from './leaf-values.ts';
import type { Loaded } from './loaded.ts';
import type { RowSet } from './row-set.ts';
import { joined, scanOf, storedNumbers, windowsIn } from './window-values.ts';

/** Values of some expressions in a row, as e0, e1, …. */
export type DistinctRow = Record<string, unknown>;

export interface RowValues {
  /** The numbers of each expression, in the order of rows; at least one expression. */
  numbers(expressions: readonly NumberSql[]): Promise<NumericColumn[]>;
  /**
   * The different values that expressions have together, as e0, e1, …, where `where` holds, SQL over these names. Some
   * may be of rows that are not in the result.
   */
  distinct(expressions: readonly RowExpression[], where: string): Promise<DistinctRow[]>;
}

/** The rows of a scan's files that pass its filters, without their positions; `window`: in each file between two rows. */
export function filteredValues(
  context: RunContext,
  scan: number,
  files: readonly LeafFile[],
  window?: { readonly from: number; readonly to: number },
): RowValues {
  const spec = context.scans[scan]!;
  const rows = { filtered: true, ...(window === undefined ? {} : { window }) };
  return {
    async numbers(expressions) {
      const parts: LeafNumbers[] = [];
      for (const file of files) {
        parts.push(await leafNumbers(context, spec, file, expressions, rows));
      }
      const length = parts.reduce((sum, part) => sum + part.rows, 0);
      const columns = parts.map((part) => part.columns);
      return joined(columns, expressions, length);
    },
    async distinct(expressions, where) {
      const found: DistinctRow[] = [];
      for (const file of files) {
        found.push(...(await leafDistinct(context, spec, file, expressions, [rows, where])));
      }
      return found;
    },
  };
}

/** The rows of a set. */
export function setValues(context: RunContext, set: RowSet, loaded: Loaded): RowValues {
  return {
    async numbers(expressions) {
      const out = new Map<NumberSql, NumericColumn>();
      const keep = (list: readonly NumberSql[], columns: readonly NumericColumn[]) => {
        list.forEach((expression, i) => {
          out.set(expression, columns[i]!);
        });
      };
      const joins: NumberSql[] = [];
      for (const list of Map.groupBy(expressions, (each) => scanOf([each], set)).values()) {
        const columns = await storedNumbers(context, set, loaded, list);
        if (columns === null) joins.push(...list);
        else keep(list, columns);
      }
      if (joins.length > 0) keep(joins, await joinNumbers(context, set, loaded, joins));
      return expressions.map((expression) => out.get(expression)!);
    },
    async distinct(expressions, where) {
      const scan = scanOf(expressions, set);
      const windows = scan === null ? null : windowsIn(context, set, loaded, scan, 0);
      if (windows === null) return joinDistinct(context, set, loaded, expressions, where);
      const found: DistinctRow[] = [];
      for (const { file, from, to } of windows.windows) {
        const rows = { filtered: false, window: { from, to } };
        const spec = context.scans[windows.scan]!;
        found.push(...(await leafDistinct(context, spec, file, expressions, [rows, where])));
      }
      return found;
    },
  };
}

async function joinNumbers(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly NumberSql[],
): Promise<NumericColumn[]> {
  return withJoin(context, set, loaded, expressions, async ({ from, inOrder }, sqls) => {
    const query = `SELECT ${sqls.join(', ')} ${from}${inOrder}`;
    const kinds = expressions.map(({ kind }) => kind);
    const read = await timed(context, 'gather', () => context.session.columns(query, kinds));
    if (read.rows !== set.length) throw new Error(`${read.rows} values for ${set.length} rows`);
    return read.columns;
  });
}

async function joinDistinct(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly RowExpression[],
  where: string,
): Promise<DistinctRow[]> {
  return withJoin(context, set, loaded, expressions, ({ from }, sqls) => {
    const list = sqls.map((sql, i) => `${sql} AS e${i}`).join(', ');
    const query = `SELECT DISTINCT * FROM (SELECT ${list} ${from}) WHERE ${where}`;
    return timed(context, 'gather', () => context.session.rows(query));
  });
}

/** Joins the columns of expressions to the rows, and drops the join after `work`. */
async function withJoin<T>(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  expressions: readonly RowExpression[],
  work: (join: Gathered, sqls: readonly string[]) => Promise<T>,
): Promise<T> {
  const byName = new Map<string, BoundColumn>();
  for (const { columns } of expressions) {
    for (const column of columns) byName.set(column.name, column);
  }
  const join = await gatherRows(context, set, loaded, [...byName.values()]);
  try {
    const names = [...byName.keys()];
    const sqlOf = (name: string) => join.expressions[names.indexOf(name)]!;
    return await work(
      join,
      expressions.map(({ sql }) => mapColumns(sql, sqlOf)),
    );
  } finally {
    await join.drop();
  }
}
