/** Loads the rows of one scan that a cell needs: positions, spatial index, and row numbers to gather by. */

import { maxExcursionArcsec } from '../../partitioning/border.ts';
import { dataError } from '../../partitioning/error.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { quoteName, quoteText } from '../expression/quote.ts';
import type { NumericColumn, NumericKind } from '../session.ts';
import type { CellScan, ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import {
  checkCoordinates,
  concatenate,
  cutByPosition,
  doubles,
  type FileRows,
  pick,
} from './file-rows.ts';
import { haloWindow, regionWindow } from './halo-window.ts';
import { MarginDeduplicator } from './margin-rows.ts';
import { leafRelation, type PlacedFile, typedLeaf } from './relation.ts';
import type { RowSet } from './row-set.ts';
import { sortedByIndex } from './sort-rows.ts';

/** What the plan above a scan will look at. */
export interface ScanWants {
  readonly positions: boolean;
  /** Order-29 index, rows ascending by it. */
  readonly order: boolean;
}

export interface LoadedScan {
  readonly set: RowSet;
  readonly files: readonly PlacedFile[];
}

type Role = 'own' | 'margin' | 'edges' | 'files';

interface Leaf {
  readonly path: string;
  readonly role: Role;
  /** Partition the file stores; its own rows must lie in it. */
  readonly pixel: Pixel | null;
}

/**
 * Reads what `cell` needs of scan number `scan`.
 *
 * @param cut the pixel that rows of the place-giving scan must be stored under; for others, rows far from it
 *   may be left out. Null: no restriction.
 */
export async function loadScan(
  context: RunContext,
  scan: number,
  cell: CellScan,
  wants: ScanWants,
  cut: Pixel | null,
): Promise<LoadedScan> {
  const spec = context.scans[scan]!;
  const leaves = leavesOf(cell);
  const files = await placeFiles(context, spec, leaves);
  const margin = new MarginDeduplicator(cell.own.map((part) => part.pixel));
  const parts: FileRows[] = [];
  for (const leaf of leaves) {
    context.session.checkStop();
    const rows = await loadLeaf(context, scan, leaf, wants, cut);
    parts.push(leaf.role === 'margin' ? margin.keepNew(rows) : rows);
  }
  const set = concatenate(parts, files, wants.order, scan);
  return { set: wants.order ? sortedByIndex(set, scan) : set, files };
}

function leavesOf(cell: CellScan): Leaf[] {
  const own = cell.own.flatMap((part) =>
    part.files.map((path): Leaf => ({ path, role: 'own', pixel: part.pixel })),
  );
  if (cell.halo.kind === 'none') return own;
  const role = cell.halo.kind;
  return [...own, ...cell.halo.files.map((path): Leaf => ({ path, role, pixel: null }))];
}

/** Row counts from the footers, and so the first row number of each file. */
async function placeFiles(
  context: RunContext,
  spec: ScanSpec,
  leaves: readonly Leaf[],
): Promise<PlacedFile[]> {
  if (leaves.length === 0) return [];
  const list = leaves.map((leaf) => quoteText(leaf.path)).join(', ');
  const found = await timed(context, 'scan', () =>
    context.session.rows(`SELECT file_name, num_rows FROM parquet_file_metadata([${list}])`),
  );
  const rowsOf = new Map(found.map((row) => [row['file_name'] as string, Number(row['num_rows'])]));
  const files: PlacedFile[] = [];
  let firstRow = 0;
  for (const { path } of leaves) {
    const rows = rowsOf.get(path);
    if (rows === undefined) throw dataError(`no Parquet footer in a file of ${spec.label}`, path);
    files.push({ path, firstRow, rows });
    firstRow += rows;
  }
  if (firstRow >= 2 ** 31) {
    throw dataError(`${firstRow} rows of ${spec.label} fall into one cell`, leaves[0]!.path);
  }
  return files;
}

async function loadLeaf(
  context: RunContext,
  scan: number,
  leaf: Leaf,
  wants: ScanWants,
  cut: Pixel | null,
): Promise<FileRows> {
  const spec = context.scans[scan]!;
  const stored = spec.healpix;
  const cutRows = cut !== null && leaf.pixel !== null && leaf.pixel.order < cut.order;
  const readIndex = stored?.order === 29 && (leaf.role === 'margin' || wants.order);
  const near =
    leaf.role === 'own' && spec.regions.length > 0 ? regionWindow(spec, leaf.pixel!) : null;
  const where = [
    ...(leaf.role === 'edges' ? [] : spec.filters.map((filter) => filter.sql)),
    ...(near === null ? [] : [near]),
    ...(cutRows && stored !== undefined ? [haloWindow(spec, stored, cut)] : []),
  ];
  const columns = [
    ...new Set([
      spec.ra,
      spec.dec,
      ...(stored === undefined ? [] : [stored.name]),
      ...(leaf.role === 'edges' ? [] : spec.filters.flatMap((filter) => filter.columns)),
    ]),
  ];
  const select = [
    `${quoteName(spec.ra)}::DOUBLE`,
    `${quoteName(spec.dec)}::DOUBLE`,
    ...(readIndex ? [`${quoteName(stored.name)}::BIGINT`] : []),
    ...(where.length > 0 ? ['file_row_number::INTEGER'] : []),
  ];
  const kinds: NumericKind[] = [
    'f64',
    'f64',
    ...(readIndex ? (['i64'] as const) : []),
    ...(where.length > 0 ? (['i32'] as const) : []),
  ];
  const filter = where.length === 0 ? '' : ` WHERE ${where.map((w) => `(${w})`).join(' AND ')}`;
  const sql = `SELECT ${select.join(', ')} FROM ${typedLeaf(spec, leaf.path, columns)}${filter}`;
  const read = await timed(context, 'scan', () => context.session.columns(sql, kinds));
  const rid = where.length > 0 ? (read.columns[kinds.length - 1]!.values as Int32Array) : null;
  const indexColumn = readIndex ? read.columns[2]! : null;
  let rows: FileRows = {
    length: read.rows,
    ra: doubles(read.columns[0]!),
    dec: doubles(read.columns[1]!),
    index: indexColumn === null ? null : storedIndex(spec, indexColumn, leaf.path),
    rid,
  };
  rows = checkCoordinates(context, spec, rows, leaf.path);
  if (leaf.role === 'own' && leaf.pixel !== null) measureExcursion(context, scan, leaf.pixel, rows);
  if (cutRows && stored === undefined && spec.reachArcsec === 0) rows = cutByPosition(rows, cut);
  if (leaf.role !== 'edges') {
    for (const region of spec.regions) {
      rows = pick(rows, regionRows(region, rows.ra, rows.dec));
    }
  }
  return wants.order && rows.index === null
    ? { ...rows, index: hashPositions(rows.ra, rows.dec, 29) }
    : rows;
}

function storedIndex(spec: ScanSpec, column: NumericColumn, path: string): BigInt64Array {
  if (column.valid !== undefined) {
    const row = column.valid.indexOf(0);
    if (row >= 0) {
      throw dataError(`${spec.healpix!.name} is null in row ${row} of ${spec.label}`, path);
    }
  }
  return column.values as BigInt64Array;
}

function measureExcursion(context: RunContext, scan: number, pixel: Pixel, rows: FileRows): void {
  const arcsec = maxExcursionArcsec(pixel, rows.ra, rows.dec);
  if (arcsec > context.excursionArcsec[scan]!) context.excursionArcsec[scan] = arcsec;
}

/** Rows of a scan, counted by SQL alone: nothing above it looks at positions. */
export async function countScan(
  context: RunContext,
  scan: number,
  cell: CellScan,
): Promise<number> {
  const spec = context.scans[scan]!;
  let rows = 0;
  for (const part of cell.own) {
    for (const path of part.files) {
      const columns = spec.filters.flatMap((filter) => filter.columns);
      const where = spec.filters.map((filter) => `(${filter.sql})`).join(' AND ');
      const sql =
        where === ''
          ? `SELECT count(*)::DOUBLE FROM ${leafRelation(spec, path)}`
          : `SELECT count(*)::DOUBLE FROM ${typedLeaf(spec, path, [...new Set(columns)])} WHERE ${where}`;
      const read = await timed(context, 'scan', () => context.session.columns(sql, ['f64']));
      rows += (read.columns[0]!.values as Float64Array)[0]!;
    }
  }
  return rows;
}
