/**
 * Turns row numbers back into columns: the row numbers become a table, which joins with just the columns wanted.
 * The place-giving scan is streamed; everything else is built as hash tables of matched rows only.
 */

import { hashPositions } from '../../partitioning/healpix.ts';
import { quoteName } from '../expression/quote.ts';
import type { TableColumn } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { type PlacedFile, ROW_NUMBER, scanRelation } from './relation.ts';
import type { RowSet } from './row-set.ts';

/** Files of the scans that a cell has loaded, by scan number. */
export type LoadedFiles = ReadonlyMap<number, readonly PlacedFile[]>;

/** SQL over the rows of a set; `drop` removes its temporary table. */
export interface Gathered {
  /** SQL expression of each column asked for. */
  readonly expressions: readonly string[];
  /** The `SELECT` list: the expressions under their output names. */
  readonly select: string;
  /** `FROM` clause; `q.n` is the row's number in the set. */
  readonly from: string;
  drop(): Promise<void>;
}

/**
 * Binds `columns` of the rows of `set`.
 * DuckDB gives joined rows in no order: whoever needs the set's order says `ORDER BY q.n`.
 */
export async function gatherRows(
  context: RunContext,
  set: RowSet,
  loaded: LoadedFiles,
  columns: readonly BoundColumn[],
): Promise<Gathered> {
  const scans = scansNamed(columns);
  const table = `rows_${context.nextTable++}`;
  await timed(context, 'gather', () =>
    context.session.createTable(table, tableColumns(set, scans, columns)),
  );
  let from = table;
  const carried = [
    'n',
    ...distancesNamed(columns).map((match) => `d${match}`),
    ...(columns.some((c) => c.ref.kind === 'index') ? ['h'] : []),
    ...scans.map((scan) => `r${scan}`),
  ];
  // Last scan first: the place-giving scan ends outermost and is streamed through the others' hash tables.
  for (let i = scans.length - 1; i >= 0; i--) {
    const scan = scans[i]!;
    const names = columnsOf(scan, columns);
    const relation = scanRelation(context.scans[scan]!, loaded.get(scan)!, names);
    const join = hasMissing(set.rids.get(scan) ?? null) ? 'RIGHT JOIN' : 'JOIN';
    const list = [
      ...carried.map((name) => `b.${name} AS ${name}`),
      ...names.map((_, c) => `a.c${c} AS s${scan}_${c}`),
    ];
    carried.push(...names.map((_, c) => `s${scan}_${c}`));
    const source = from === table ? table : `(${from})`;
    from = `SELECT ${list.join(', ')} FROM (${relation}) a ${join} ${source} b ON a.${ROW_NUMBER} = b.r${scan}`;
  }
  const source = from === table ? table : `(${from})`;
  const expressions = columns.map((column) => reference(column, columns));
  return {
    expressions,
    select: columns.map(({ name }, i) => `${expressions[i]} AS ${quoteName(name)}`).join(', '),
    from: `FROM ${source} q`,
    drop: () => context.session.dropTable(table),
  };
}

function reference(column: BoundColumn, columns: readonly BoundColumn[]): string {
  const { ref } = column;
  switch (ref.kind) {
    case 'scan':
      return `q.s${ref.scan}_${columnsOf(ref.scan, columns).indexOf(ref.column)}`;
    case 'distance':
      // No match is NaN in typed arrays and null in tables.
      return `nullif(q.d${ref.match}, 'nan'::DOUBLE)`;
    case 'index':
      return 'q.h';
    case 'row':
      return `q.r${ref.scan}`;
    default:
      throw new Error(`unknown column reference ${JSON.stringify(ref satisfies never)}`);
  }
}

function scansNamed(columns: readonly BoundColumn[]): number[] {
  const scans = columns.flatMap(({ ref }) => (ref.kind === 'scan' ? [ref.scan] : []));
  return [...new Set(scans)].sort((a, b) => a - b);
}

function distancesNamed(columns: readonly BoundColumn[]): number[] {
  return [...new Set(columns.flatMap(({ ref }) => (ref.kind === 'distance' ? [ref.match] : [])))];
}

function columnsOf(scan: number, columns: readonly BoundColumn[]): string[] {
  return [
    ...new Set(
      columns.flatMap(({ ref }) => (ref.kind === 'scan' && ref.scan === scan ? [ref.column] : [])),
    ),
  ];
}

function tableColumns(
  set: RowSet,
  scans: readonly number[],
  columns: readonly BoundColumn[],
): TableColumn[] {
  const numbers = rowNumbers(set.length);
  return [
    { name: 'n', values: numbers },
    ...distancesNamed(columns).map((match) => ({
      name: `d${match}`,
      values: set.distances.get(match)!,
    })),
    ...(columns.some((c) => c.ref.kind === 'index') ? [{ name: 'h', values: indexOf(set) }] : []),
    ...scans.map((scan) => ({
      name: `r${scan}`,
      values: set.rids.get(scan) ?? numbers,
      nullIfNegative: true,
    })),
  ];
}

function indexOf(set: RowSet): BigInt64Array {
  return set.index ?? hashPositions(set.ra!, set.dec!, 29);
}

function rowNumbers(length: number): Int32Array {
  const numbers = new Int32Array(length);
  for (let i = 0; i < length; i++) numbers[i] = i;
  return numbers;
}

function hasMissing(ids: Int32Array | null): boolean {
  return ids !== null && ids.includes(-1);
}
