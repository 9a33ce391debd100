/**
 * Turns row numbers back into columns: the row numbers become a table, which joins with just the columns wanted.
 * The place-giving scan is streamed; everything else is built as hash tables of matched rows only.
 */

import { hashPositions } from '../../partitioning/healpix.ts';
import type { TableColumn } from '../session.ts';
import type { BoundColumn, ScanSpec } from '../task.ts';
import { ColumnSql, selectList } from './column-sql.ts';
import { type RunContext, timed } from './context.ts';
import { leafFiles } from './file-shapes.ts';
import { JoinChain } from './join-chain.ts';
import { type Leaves, leavesOf, type StoredColumn } from './leaves.ts';
import type { Loaded } from './loaded.ts';
import { isBeyond, madeRelation, type PlacedFile, ROW_NUMBER, scanRelation } from './relation.ts';
import { consecutive, expandGroups, type RowSet, usedBases } from './row-set.ts';
import { listColumns, typedLists } from './typed-lists.ts';

/** SQL over the rows of a set; `drop` removes its temporary tables. */
export interface Gathered {
  /** SQL expression of each column asked for. */
  readonly expressions: readonly string[];
  /** The `SELECT` list: the expressions under their output names. */
  readonly select: string;
  /** `FROM` clause; `q.n` is the row's number in the set. */
  readonly from: string;
  /** `ORDER BY` clause for the set's order; empty where rows come in it by themselves, read as they are stored. */
  readonly inOrder: string;
  drop(): Promise<void>;
}

/**
 * Binds `columns` of the rows of `set`.
 * DuckDB gives joined rows in no order: whoever needs the set's order uses `inOrder`.
 *
 * @param carried further numbers per row, under these names
 */
export async function gatherRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
  carried: readonly TableColumn[] = [],
): Promise<Gathered> {
  const leaves = leavesOf(columns, context.computed);
  if (carried.length === 0 && isStored(set, leaves)) {
    return storedRows(context, loaded, columns, leaves);
  }
  const table = `rows_${context.nextTable++}`;
  const numbers = [...tableColumns(set, leaves), ...carried];
  await timed(context, 'gather', () => context.session.createTable(table, numbers));
  const chain = new JoinChain(
    table,
    numbers.map(({ name }) => name),
  );
  // Last first: the place-giving scan ends outermost and is streamed through the others' hash tables.
  for (const [step, names] of leaves.made) {
    chain.join(
      madeRelation(loaded.made.get(step), step, names),
      `m${step}`,
      missing(set.made.get(step)),
    );
  }
  for (const [scan, stored] of [...leaves.scans].reverse()) {
    const spec = context.scans[scan]!;
    const files = await withSources(context, spec, loaded.files.get(scan)!, stored);
    const relation = scanRelation(spec, files, stored);
    const prefix = `s${scan}`;
    chain.join({ ...relation, prefix }, `r${scan}`, missing(set.rids.get(scan)));
  }
  const drops: Drop[] = [() => context.session.dropTable(table)];
  try {
    await addSteps(context, set, loaded, leaves, { chain, drops });
  } catch (error) {
    // The cell may be tried again in parts, in the same session.
    await dropAll(drops);
    throw error;
  }
  const names = new ColumnSql(leaves, context.computed);
  for (const number of leaves.computed)
    chain.compute(names.computedName(number), names.computation(number));
  const expressions = columns.map(({ ref }) => names.value(ref, 'q.'));
  return {
    expressions,
    select: selectList(columns, expressions),
    from: `FROM ${chain.source} q`,
    inOrder: ' ORDER BY q.n',
    drop: () => dropAll(drops),
  };
}

type Drop = () => Promise<void>;

async function dropAll(drops: readonly Drop[]): Promise<void> {
  for (const drop of drops) await drop();
}

/** Brings in what steps made of the rows: elements of lists, and lists. */
async function addSteps(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  leaves: Leaves,
  { chain, drops }: { readonly chain: JoinChain; readonly drops: Drop[] },
): Promise<void> {
  for (const [step, wanted] of leaves.exploded) {
    const { sql, drop } = await gatherElements(context, set, loaded, step, wanted);
    chain.elements(sql, step, wanted.length);
    drops.push(drop);
  }
  for (const [step, wanted] of leaves.gathered) {
    for (const { sql, columns } of await gatherLists(context, set, loaded, step, wanted, drops)) {
      chain.lists(sql, step, columns);
    }
  }
}

/** What the partitions behind edge files lack matters only where their own columns are read. */
async function withSources(
  context: RunContext,
  spec: ScanSpec,
  files: readonly PlacedFile[],
  stored: readonly StoredColumn[],
): Promise<readonly PlacedFile[]> {
  if (!isBeyond(spec, stored)) return files;
  const out: PlacedFile[] = [];
  for (const file of files) {
    const paths = file.sources?.map(({ path }) => path);
    out.push(
      paths === undefined ? file : { ...file, sources: await leafFiles(context, spec, paths) },
    );
  }
  return out;
}

/** Whether the set is all rows of one scan as they are stored, and nothing else is asked of it. */
function isStored(set: RowSet, leaves: Leaves): boolean {
  const [scan, ...more] = [...leaves.scans.keys()];
  const others =
    leaves.rows.size + leaves.distances.size + leaves.elements.size + leaves.exploded.size;
  const steps = leaves.made.size + leaves.gathered.size;
  return (
    scan !== undefined &&
    more.length === 0 &&
    others + steps === 0 &&
    !leaves.index &&
    set.rids.get(scan) === null
  );
}

/** No row numbers need to go to the database. */
function storedRows(
  context: RunContext,
  loaded: Loaded,
  columns: readonly BoundColumn[],
  leaves: Leaves,
): Gathered {
  const [[scan, stored]] = [...leaves.scans] as [[number, readonly StoredColumn[]]];
  const { sql } = scanRelation(context.scans[scan]!, loaded.files.get(scan)!, stored);
  const list = stored.map((_, c) => `a.c${c} AS s${scan}_${c}`);
  let source = `(SELECT a.${ROW_NUMBER}::INTEGER AS n, ${list.join(', ')} FROM (${sql}) a)`;
  const names = new ColumnSql(leaves, context.computed);
  for (const number of leaves.computed) {
    source = `(SELECT *, ${names.computation(number)} AS ${names.computedName(number)} FROM ${source})`;
  }
  const expressions = columns.map(({ ref }) => names.value(ref, 'q.'));
  return {
    expressions,
    select: selectList(columns, expressions),
    from: `FROM ${source} q`,
    inOrder: '',
    drop: async () => {},
  };
}

/** The elements that an explode step's rows can stand for: `b` and `i`, base row and number, and v0, v1, … */
async function gatherElements(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  step: number,
  lists: readonly BoundColumn[],
): Promise<{ sql: string; drop(): Promise<void> }> {
  const { used } = usedBases(set.exploded.get(step)!);
  const inner = await gatherRows(context, used, loaded, lists);
  const names = lists.map((_, i) => `l${i}`);
  const base = inner.expressions.map((value, i) => `${value} AS ${names[i]}`).join(', ');
  const length = names.map((name) => `coalesce(len(${name}), 0)`).join(', ');
  const longest = names.length === 1 ? length : `greatest(${length})`;
  const values = names.map((name, i) => `unnest(${name}) AS v${i}`).join(', ');
  const sql =
    `SELECT n AS b, unnest(range(1, ${longest} + 1)) AS i, ${values} ` +
    `FROM (SELECT q.n AS n, ${base} ${inner.from})`;
  return { sql, drop: inner.drop };
}

/**
 * The lists of a nest step: relations with the number `n` of a row of `set` and lists l0, l1, …, and the columns that
 * these are.
 */
async function gatherLists(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  step: number,
  columns: readonly BoundColumn[],
  drops: Drop[],
): Promise<readonly Lists[]> {
  const groups = set.groups.get(step)!;
  const { members, owners } = expandGroups(groups);
  const typed: Lists[] = [];
  for await (const values of typedLists(context, members, loaded, columns)) {
    const table = `lists_${context.nextTable++}`;
    const stored = listColumns(groups, [...values.values()]);
    drops.push(() => context.session.dropTable(table));
    await timed(context, 'gather', () => context.session.createTable(table, stored));
    typed.push({ sql: `SELECT * FROM ${table}`, columns: [...values.keys()] });
  }
  const known = new Set(typed.flatMap((lists) => lists.columns));
  const others = columns.flatMap((_, c) => (known.has(c) ? [] : [c]));
  if (others.length === 0) return typed;
  const carried = [{ name: 'owner', values: owners }];
  const wanted = others.map((c) => columns[c]!);
  const inner = await gatherRows(context, members, loaded, wanted, carried);
  drops.push(inner.drop);
  // Rows come out of a join in no order, so each list says its own.
  const values = inner.expressions.map((value, i) => `list(${value} ORDER BY q.n) AS l${i}`);
  const sql = `SELECT q.owner AS n, ${values.join(', ')} ${inner.from} GROUP BY q.owner`;
  // The last ones are streamed through the rest.
  return [{ sql, columns: others }, ...typed];
}

interface Lists {
  readonly sql: string;
  readonly columns: readonly number[];
}

function tableColumns(set: RowSet, leaves: Leaves): TableColumn[] {
  const numbers = consecutive(0, set.length);
  const ids = (name: string, values: Int32Array | null | undefined): TableColumn => ({
    name,
    values: values ?? numbers,
    nullIfNegative: true,
  });
  const scans = new Set([...leaves.scans.keys(), ...leaves.rows]);
  return [
    { name: 'n', values: numbers },
    ...[...leaves.distances].map((match) => ({
      name: `d${match}`,
      values: set.distances.get(match)!,
    })),
    ...(leaves.index ? [{ name: 'h', values: indexOf(set) }] : []),
    ...[...scans].map((scan) => ids(`r${scan}`, set.rids.get(scan))),
    ...[...leaves.made.keys()].map((step) => ids(`m${step}`, set.made.get(step))),
    ...[...new Set([...leaves.elements, ...leaves.exploded.keys()])].flatMap((step) => {
      const exploded = set.exploded.get(step)!;
      return [ids(`b${step}`, usedBases(exploded).places), ids(`e${step}`, exploded.elements)];
    }),
  ];
}

function indexOf(set: RowSet): BigInt64Array {
  return set.index ?? hashPositions(set.ra!, set.dec!, 29);
}

function missing(ids: Int32Array | null | undefined): boolean {
  return ids !== null && ids !== undefined && ids.includes(-1);
}
