/** Groups the rows of a cell and works out the parts of aggregates that other cells' parts are added to. */
import { hashToInt32 } from '../../partitioning/healpix.ts';
import { type GroupPart, type GroupsSink, groupsWithoutPositions } from '../groups.ts';
import type { NumericColumn } from '../session.ts';
import type { CellNode, ScanSpec } from '../task.ts';
import { binsOf } from './bins.ts';
import { categorise, categoryNumber } from './categories.ts';
import { CellTooLarge, timed } from './context.ts';
import { type CellRun, evaluate } from './evaluate.ts';
import { footerRows, type LeafFile, leafFiles } from './file-shapes.ts';
import { type GroupedRows, groupRows } from './group-rows.ts';
import { leafCount, type NumberSql } from './leaf-values.ts';
import { firstRows, type RowSet } from './row-set.ts';
import { filteredValues, type RowValues, setValues } from './row-values.ts';
import { countScan } from './scan.ts';
import { stateOf } from './value-states.ts';

/** However small the share: a cell of so few rows is not worth cutting. */
const LEAST_ROWS = 1 << 12;
/** Bytes per row besides its numbers: category, place, order, and the order while it is made. */
const BYTES_PER_ROW = 16;

/** Rows in a cell, or a part of one, and their groups. */
export interface GroupsResult {
  readonly rows: number;
  readonly groups: readonly GroupPart[];
}

/** Groups the rows of `root`; the first `limit` ones, where that is less than all. */
export async function runGroups(
  run: CellRun,
  root: CellNode,
  sink: GroupsSink,
  limit: number,
): Promise<GroupsResult> {
  const { context } = run;
  const wantsOrder = limit !== Number.POSITIVE_INFINITY;
  if (
    root.kind === 'scan' &&
    run.cut === null &&
    !wantsOrder &&
    groupsWithoutPositions(sink, root.scan) &&
    needsNoPositions(context.scans[root.scan]!)
  ) {
    return filteredGroups(run, root.scan, sink);
  }
  const all = await evaluate(run, root, { positions: true, order: wantsOrder });
  const set = firstRows(all, limit);
  if (set.length === 0) return { rows: 0, groups: [] };
  if (set.length > mostRows(run, sink)) throw new CellTooLarge();
  return groupsOf(run, sink, setValues(context, set, run), set.length, set);
}

/** Whether rows can be told apart without looking at where they are. */
export function needsNoPositions({ regions, dropInvalid }: ScanSpec): boolean {
  return regions.length === 0 && !dropInvalid;
}

async function filteredGroups(run: CellRun, scan: number, sink: GroupsSink): Promise<GroupsResult> {
  const { context } = run;
  const cell = run.work.scans[scan]!;
  const rows = await countScan(context, scan, cell);
  if (rows === 0) return { rows, groups: [] };
  const paths = cell.own.flatMap(({ files }) => files);
  const files = await leafFiles(context, context.scans[scan]!, paths);
  if (rows <= mostRows(run, sink)) {
    return groupsOf(run, sink, filteredValues(context, scan, files), rows, null);
  }
  const groups: GroupPart[] = [];
  for (const file of files) groups.push(...(await groupsInWindows(run, scan, sink, file)));
  return { rows, groups };
}

/**
 * The groups of a file in as many parts as do not fit together. Cutting the sky instead would look at positions, which
 * have no part in the answer and may be unusable.
 */
async function groupsInWindows(
  run: CellRun,
  scan: number,
  sink: GroupsSink,
  file: LeafFile,
): Promise<GroupPart[]> {
  const { context } = run;
  const most = mostRows(run, sink);
  const all = await footerRows(context, [file.path]);
  const parts: GroupPart[] = [];
  for (let from = 0; from < all; from += most) {
    const window = { from, to: from + most };
    const counted = { filtered: true, window };
    const rows = await leafCount(context, context.scans[scan]!, file, counted);
    if (rows === 0) continue;
    const values = filteredValues(context, scan, [file], window);
    parts.push(...(await groupsOf(run, sink, values, rows, null)).groups);
  }
  return parts;
}

/** Rows that fit: our arrays and the database's own copy of them are counted beforehand. */
function mostRows(run: CellRun, sink: GroupsSink): number {
  const bytesPerRow = BYTES_PER_ROW + 16 * numbersOf(sink).length;
  return Math.max(LEAST_ROWS, Math.floor(run.context.arrayBytes / bytesPerRow));
}

/** Every number that has to be read: of the bins, of the keys, and the values. */
function numbersOf({ place, keys, values }: GroupsSink): NumberSql[] {
  return [
    ...(place.kind === 'bin' ? [place.value] : []),
    ...(keys.length > 0 ? [categoryNumber(keys)] : []),
    ...values,
  ];
}

async function groupsOf(
  run: CellRun,
  sink: GroupsSink,
  source: RowValues,
  rows: number,
  set: RowSet | null,
): Promise<GroupsResult> {
  const { context } = run;
  const { keys, maxCategories: max } = sink;
  const wanted = numbersOf(sink);
  const read = wanted.length === 0 ? [] : await source.numbers(wanted);
  const numbers = keys.length === 0 ? undefined : read[read.length - sink.values.length - 1]!;
  const categories =
    numbers === undefined
      ? { ids: null, keys: [[]] }
      : await categorise(context, { keys, max, values: source, numbers });
  context.session.checkStop();
  return timed(context, 'kernel', () => {
    const place = placesOf(sink, set, read[0]);
    const grouped = groupRows(rows, categories.ids, place);
    const columns = read.slice(read.length - sink.values.length);
    const part: GroupPart = {
      keys: categories.keys,
      category: grouped.category,
      place: grouped.place,
      rows: sizesOf(grouped),
      values: sink.values.map((value, i) => stateOf(columns[i]!, value, grouped)),
    };
    return { rows, groups: [part] };
  });
}

function placesOf(
  { place }: GroupsSink,
  set: RowSet | null,
  first: NumericColumn | undefined,
): Int32Array | null {
  switch (place.kind) {
    case 'one':
      return null;
    case 'pixel':
      return hashToInt32(set!.ra!, set!.dec!, place.order);
    case 'bin':
      return binsOf(first!, place.value, place.edges);
    default:
      throw new Error(`unknown place ${JSON.stringify(place satisfies never)}`);
  }
}

function sizesOf({ end }: GroupedRows): Float64Array {
  const sizes = new Float64Array(end.length);
  let from = 0;
  for (let group = 0; group < end.length; group++) {
    sizes[group] = end[group]! - from;
    from = end[group]!;
  }
  return sizes;
}
