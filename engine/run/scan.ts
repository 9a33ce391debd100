/** Loads the rows of one scan that a cell needs: positions, spatial index, and row numbers to gather by. */

import { borderRows, maxExcursionArcsec, maybeBorderRows } from '../../partitioning/border.ts';
import { dataError } from '../../partitioning/error.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { compareNested, indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { overlapsRange } from '../../partitioning/ranges.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { doubtfulRows } from '../../partitioning/surely-inside.ts';
import type { CellScan, ScanSpec } from '../task.ts';
import { CellTooLarge, type RunContext } from './context.ts';
import { checkCoordinates, concatenate, cutByPosition, type FileRows, pick } from './file-rows.ts';
import { footerRows, leafFiles } from './file-shapes.ts';
import { leafCount } from './leaf-values.ts';
import { MarginDeduplicator } from './margin-rows.ts';
import { boxCoverage, nearBoxes, rowsInBox, type SkyBox, widened } from './near-rows.ts';
import { cutPartition, type Leaf, type LeafPlace, readLeaves, sizeOf } from './read-leaves.ts';
import type { PlacedFile } from './relation.ts';
import type { RowSet } from './row-set.ts';
import { sortedByIndex } from './sort-rows.ts';

/** What the plan above a scan will look at. */
export interface ScanWants {
  readonly positions: boolean;
  /** Order-29 index, rows ascending by it. */
  readonly order: boolean;
  /** Row numbers count every row of the files, as their footers have it, whether it passed or not. */
  readonly allNumbers?: boolean;
  /** Rows within so much of the border of their partition, and few others. */
  readonly borderArcsec?: number;
  /** With more rows than these the cell is cut, before the rest is read. */
  readonly mostRows?: number | undefined;
}

export interface LoadedScan {
  readonly set: RowSet;
  readonly files: readonly PlacedFile[];
}

/** Which rows of a cell a part of it needs; both null: all. */
export interface CellPart {
  /** The pixel that rows of the place-giving scan must be stored under. */
  readonly cut: Pixel | null;
  /** Where the rows of the place-giving scan lie: rows of other scans that are out of reach may be left out. */
  readonly box: SkyBox | null;
}

export const WHOLE_CELL: CellPart = { cut: null, box: null };

/** Reads what `cell` needs of scan number `scan`. */
export async function loadScan(
  context: RunContext,
  scan: number,
  cell: CellScan,
  wants: ScanWants,
  cellPart: CellPart,
): Promise<LoadedScan> {
  const spec = context.scans[scan]!;
  const near = cellPart.box === null ? null : widened(cellPart.box, spec.reachArcsec);
  const leaves =
    near === null || spec.ra === undefined
      ? leavesOf(cell)
      : leavesNear(cell, near, context.slackArcsec);
  // Rows without positions have no order but that of their files.
  if (spec.ra === undefined) leaves.sort(byPixel);
  const shapes = await leafFiles(
    context,
    spec,
    leaves.map(({ path }) => path),
  );
  // Rows without positions do not become fewer where a cell is cut.
  const mostRows = spec.ra === undefined ? undefined : wants.mostRows;
  if (cellPart.cut === null && mostRows !== undefined) {
    await refuseTooMany(context, spec, cell, mostRows);
  }
  const margin = new MarginDeduplicator(
    cell.own.map((part) => part.pixel),
    leaves.filter(({ role }) => role === 'margin').length,
  );
  const parts: FileRows[] = [];
  const places = leaves.map(
    (leaf, i): LeafPlace => ({ leaf, file: shapes[i]!, cut: cellPart.cut, box: near }),
  );
  const files: PlacedFile[] = [];
  let firstRow = 0;
  let held = 0;
  for await (const read of readLeaves(context, scan, places, wants.order)) {
    const [{ leaf, file }, all] = read;
    const sources = leaf.sources?.map((path) => ({ path }));
    const stored = wants.allNumbers === true ? await footerRows(context, [file.path]) : null;
    const rows = stored ?? numberedRows(all);
    const place = { firstRow, rows, isCut: stored === null && all.rid !== null };
    files.push({ ...file, ...place, ...(sources === undefined ? {} : { sources }) });
    firstRow += rows;
    if (firstRow >= 2 ** 31) {
      throw dataError(`${firstRow} rows of ${spec.label} fall into one cell`, leaf.path);
    }
    const kept = finishLeaf(context, scan, read, wants);
    const part = leaf.role === 'margin' ? margin.keepNew(kept) : kept;
    parts.push(part);
    held += part.length;
    if (mostRows !== undefined && held > mostRows) throw new CellTooLarge();
  }
  const set = concatenate(parts, files, wants.order, scan);
  return { set: wants.order ? sortedByIndex(set, scan) : set, files };
}

/** Most rows take more bytes: files of fewer are not asked how many rows they have. */
const LEAST_BYTES_PER_ROW = 4;

/** Large files say in their footers that they had better be read in parts, before any of their rows are read. */
async function refuseTooMany(
  context: RunContext,
  spec: ScanSpec,
  { own }: CellScan,
  mostRows: number,
): Promise<void> {
  if (spec.filters.length > 0 || spec.regions.length > 0) return;
  const paths = own.flatMap(({ files }) => files);
  const bytes = paths.reduce((sum, path) => sum + (sizeOf(path) ?? 0), 0);
  if (bytes < mostRows * LEAST_BYTES_PER_ROW) return;
  if ((await footerRows(context, paths)) > mostRows) throw new CellTooLarge();
}

function leavesOf(cell: CellScan): Leaf[] {
  const own = cell.own.flatMap((part) =>
    part.files.map((path): Leaf => ({ path, role: 'own', pixel: part.pixel })),
  );
  if (cell.halo.kind === 'none') return own;
  const role = cell.halo.kind;
  if (cell.halo.kind === 'files') {
    const around = cell.halo.parts.flatMap(({ pixel, files }) =>
      files.map((path): Leaf => ({ path, role, pixel })),
    );
    return [...own, ...around];
  }
  if (cell.halo.kind === 'edges') {
    const edges = cell.halo.parts.map(
      ({ file, sources }): Leaf => ({ path: file, role, pixel: null, sources }),
    );
    return [...own, ...edges];
  }
  return [...own, ...cell.halo.files.map((path): Leaf => ({ path, role, pixel: null }))];
}

function byPixel(a: Leaf, b: Leaf): number {
  return a.pixel === null || b.pixel === null ? 0 : compareNested(a.pixel, b.pixel);
}

/** Without the partitions whose rows cannot lie in the box. */
function leavesNear(cell: CellScan, box: SkyBox, slackArcsec: number): Leaf[] {
  const coverage = boxCoverage(box, slackArcsec);
  return leavesOf(cell).filter(({ pixel }) => {
    if (pixel === null) return true;
    const { start, end } = indexRange(pixel);
    return overlapsRange(coverage, start, end);
  });
}

/** How many rows of a file need numbers: those after the last one that was read do not. */
function numberedRows({ length, rid }: FileRows): number {
  if (rid === null) return length;
  let most = -1;
  for (let i = 0; i < length; i++) if (rid[i]! > most) most = rid[i]!;
  return most + 1;
}

/** Checks the rows that were read of a leaf, and leaves out what SQL could not. */
function finishLeaf(
  context: RunContext,
  scan: number,
  [place, read]: readonly [LeafPlace, FileRows],
  wants: ScanWants,
): FileRows {
  const spec = context.scans[scan]!;
  const { leaf, cut } = place;
  // Once per row: not as somebody's neighbour, nor again for a part of a cell that did not fit. A file without a
  // pixel is a whole table.
  const counts =
    cut === null && (leaf.role === 'own' || (leaf.role === 'files' && leaf.pixel === null));
  const doubtful = leaf.pixel === null ? null : notSurelyInside(leaf.pixel, read, wants);
  let rows = checkCoordinates(context, spec, read, leaf.path, counts, doubtful);
  if (leaf.pixel !== null && spec.ra !== undefined) {
    // Of rows that were all usable only the doubtful ones can lie outside.
    const among = rows === read && doubtful !== null ? pick(rows, doubtful) : rows;
    measureExcursion(context, scan, leaf.pixel, among);
    if (wants.borderArcsec !== undefined) {
      rows = pick(among, borderRows(leaf.pixel, among.ra, among.dec, wants.borderArcsec));
    }
  }
  const cutOf = cutPartition(scan, place);
  if (cutOf !== null && spec.healpix === undefined) rows = cutByPosition(rows, cutOf, cut!);
  if (leaf.role !== 'edges') {
    // Only now: rows far from the region tell how far they lie outside their partitions.
    for (const box of nearBoxes(spec)) rows = pick(rows, rowsInBox(box, rows.ra, rows.dec));
    for (const region of spec.regions) {
      rows = pick(rows, regionRows(region, rows.ra, rows.dec));
    }
  }
  return wants.order && rows.index === null
    ? { ...rows, index: hashPositions(rows.ra, rows.dec, 29) }
    : rows;
}

/** Null: all are to be looked at. */
function notSurelyInside(
  pixel: Pixel,
  { ra, dec }: FileRows,
  { borderArcsec }: ScanWants,
): Int32Array | null {
  return borderArcsec === undefined
    ? doubtfulRows(pixel, ra, dec)
    : maybeBorderRows(pixel, ra, dec, borderArcsec);
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
  const paths = cell.own.flatMap(({ files }) => files);
  if (paths.length === 0) return 0;
  if (spec.filters.length === 0) return footerRows(context, paths);
  let rows = 0;
  for (const file of await leafFiles(context, spec, paths)) {
    rows += await leafCount(context, spec, file, { filtered: true });
  }
  return rows;
}
