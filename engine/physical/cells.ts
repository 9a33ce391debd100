/** Forms the cells of a program and says which files each needs. */
import type { Partition } from '../../catalogs/types.ts';
import { cells as formCells } from '../../partitioning/align.ts';
import { minWidthRadians } from '../../partitioning/border.ts';
import { compareNested, deepestOrder, indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { buildTree, overlapping, type PixelTree, within } from '../../partitioning/tree.ts';
import type { CellScan, CellWork, HaloSource } from '../task.ts';

import type { Program } from './lower.ts';
import type { ProgramScan } from './lower-scan.ts';
import { nearTest } from './near-partitions.ts';

const ARCSEC = Math.PI / 180 / 3600;

/** How the rows around a cell are to be had, one entry per scan. */
export type HaloMode =
  | { readonly kind: 'none' }
  | { readonly kind: 'margin' }
  /** Edge files by index of the partition in the catalog. */
  | { readonly kind: 'edges'; readonly fileOf: (partition: number) => string }
  | { readonly kind: 'files' }
  /** Partitions before and after those of the cell. */
  | { readonly kind: 'curve' };

/** A cell with its size estimate. */
export interface PlannedCell extends CellWork {
  /** Estimated rows of all scans. */
  readonly weight: number;
}

interface ScanTree {
  readonly scan: ProgramScan;
  readonly tree: PixelTree;
  /** Tree position → index into catalog.partitions. */
  readonly partition: readonly number[];
  readonly mode: HaloMode;
  readonly marginTree: PixelTree | null;
  readonly marginPartition: readonly Partition[];
}

/** The cells of `program` in NESTED order; those where an inner partner cannot exist are left out. */
export function planCells(
  program: Program,
  modes: readonly HaloMode[],
  slackArcsec: number,
): PlannedCell[] {
  const trees = program.scans.map((scan, i) => scanTree(scan, modes[i]!, slackArcsec));
  const [left, ...rights] = trees;
  const reach = Math.max(...program.scans.map((scan) => scan.reachArcsec));
  const formed = formCells(
    left!.tree,
    rights.map(({ tree }) => tree),
    { coarsestOrder: coarsestOrder(reach) },
  );
  const out: PlannedCell[] = [];
  for (const cell of formed) {
    const scans = trees.map((tree, i) =>
      cellScan(tree, cell.pixel, i === 0 ? cell.left : cell.rights[i - 1]!, slackArcsec),
    );
    const possible = scans.every((scan, i) => !program.scans[i]!.required || hasFiles(scan.files));
    if (!possible) continue;
    out.push({
      pixel: cell.pixel,
      scans: scans.map(({ files }) => files),
      weight: scans.reduce((sum, scan) => sum + scan.weight, 0),
    });
  }
  return out.sort((a, b) => compareNested(a.pixel, b.pixel));
}

/** A cell is never narrower than four reaches, else its border would hold more rows than itself. */
function coarsestOrder(reachArcsec: number): number | undefined {
  if (reachArcsec === 0) return undefined;
  let order = 0;
  while (order < 24 && minWidthRadians(order + 1) >= 4 * reachArcsec * ARCSEC) order++;
  return order;
}

function scanTree(scan: ProgramScan, mode: HaloMode, slackArcsec: number): ScanTree {
  const { near } = scan.spec;
  const pixelOf = (index: number) => scan.catalog.partitions[index]!.pixel;
  const isNear = nearTest(near, slackArcsec, deepestOrder(scan.partitions.map(pixelOf)));
  const partitions = scan.partitions.filter((index) => isNear(pixelOf(index)));
  const margin = mode.kind === 'margin' ? nearMargin(scan, slackArcsec) : [];
  return {
    scan,
    tree: buildTree(partitions.map(pixelOf)),
    partition: partitions,
    mode,
    marginTree: mode.kind === 'margin' ? buildTree(margin.map(({ pixel }) => pixel)) : null,
    marginPartition: margin,
  };
}

/** Rows of a margin file lie up to the threshold outside the pixel that it is named for. */
function nearMargin({ catalog, spec }: ProgramScan, slackArcsec: number): readonly Partition[] {
  const { catalog: table, thresholdArcsec } = catalog.margin!;
  const isNear = nearTest(
    spec.near,
    slackArcsec + thresholdArcsec,
    deepestOrder(table.partitions.map(({ pixel }) => pixel)),
  );
  return table.partitions.filter(({ pixel }) => isNear(pixel));
}

function cellScan(
  tree: ScanTree,
  pixel: Pixel,
  own: readonly number[],
  slackArcsec: number,
): { files: CellScan; weight: number } {
  const { catalog } = tree.scan;
  const parts = own.map((position) => catalog.partitions[tree.partition[position]!]!);
  return {
    files: {
      own: parts.map((part) => ({ pixel: part.pixel, files: part.files.map(({ path }) => path) })),
      halo: haloOf(tree, pixel, own, slackArcsec),
    },
    weight: parts.reduce((sum, part) => sum + part.rows, 0),
  };
}

function haloOf(
  tree: ScanTree,
  pixel: Pixel,
  own: readonly number[],
  slackArcsec: number,
): HaloSource {
  const { mode, scan } = tree;
  if (mode.kind === 'none') return { kind: 'none' };
  if (mode.kind === 'margin') {
    const files = overlapping(tree.marginTree!, pixel).flatMap((position) =>
      tree.marginPartition[position]!.files.map(({ path }) => path),
    );
    return { kind: 'margin', files };
  }
  const inside = new Set(own);
  const around =
    mode.kind === 'curve'
      ? alongCurve(tree, pixel, own)
      : within(tree.tree, pixel, scan.reachArcsec + slackArcsec);
  const beside = around.filter((position) => !inside.has(position));
  const indices = beside.map((position) => tree.partition[position]!);
  const filesOf = (index: number) => scan.catalog.partitions[index]!.files.map(({ path }) => path);
  if (mode.kind === 'edges') {
    const edges = indices.map((index) => ({ file: mode.fileOf(index), sources: filesOf(index) }));
    return { kind: 'edges', parts: edges };
  }
  const parts = indices.map((index) => ({
    pixel: scan.catalog.partitions[index]!.pixel,
    files: filesOf(index),
  }));
  return { kind: 'files', parts };
}

/** Places of the partitions in which a row of the cell may have its nearest one along the curve. */
function alongCurve({ scan, tree, partition }: ScanTree, pixel: Pixel, own: readonly number[]) {
  const all = Array.from(tree.pixels, (_, position) => position);
  if (scan.alongCurve === 'all') return all;
  const isEmpty = (position: number) => scan.catalog.partitions[partition[position]!]!.rows === 0;
  const start = overlapping(tree, { start: 0n, end: indexRange(pixel).start }).length;
  let before = (own[0] ?? start) - 1;
  while (before >= 0 && isEmpty(before)) before--;
  let after = (own.at(-1) ?? start - 1) + 1;
  while (after < all.length && isEmpty(after)) after++;
  return [before, after].filter((position) => position in all);
}

function hasFiles({ own, halo }: CellScan): boolean {
  if (own.length > 0) return true;
  return halo.kind !== 'none' && (halo.kind === 'margin' ? halo.files : halo.parts).length > 0;
}
