/** Bringing the partitions of several catalogs together: LSDB's pixel alignment, and our own task cells. */
import {
  compareNested,
  containsPixel,
  indexRange,
  MAX_PIXEL_ORDER,
  type Pixel,
  parentAt,
} from './pixel.ts';
import { appendBlocks, overlapsRange, type RangeSet } from './ranges.ts';
import { overlapping, type PixelTree } from './tree.ts';

/** Which side's sky an alignment keeps where the other side has nothing. */
export type AlignHow = 'inner' | 'left' | 'right' | 'outer';

/** A piece of sky with the partition of each side that it belongs to: places in the trees. */
export interface AlignedPixel {
  readonly pixel: Pixel;
  readonly left?: number;
  readonly right?: number;
}

/** One side of the sweep: its next partition and how far it has been emitted. */
interface Side {
  readonly tree: PixelTree;
  /** Whether sky that only this side covers is emitted. */
  readonly keepsAlone: boolean;
  readonly name: 'left' | 'right';
  next: number;
}

/**
 * Aligns two trees as HATS does: every pair of overlapping partitions gives the smaller of the two
 * pixels; sky that only one side covers is added in the coarsest pixels that fill it, for the side(s)
 * that `how` keeps. The pixels are disjoint and in NESTED order.
 * @param moc when given, only pixels that overlap it are kept
 */
export function align(
  left: PixelTree,
  right: PixelTree,
  how: AlignHow,
  moc?: RangeSet,
): AlignedPixel[] {
  const l: Side = {
    tree: left,
    keepsAlone: how === 'left' || how === 'outer',
    name: 'left',
    next: 0,
  };
  const r: Side = {
    tree: right,
    keepsAlone: how === 'right' || how === 'outer',
    name: 'right',
    next: 0,
  };
  const out: AlignedPixel[] = [];
  let done = 0;
  while (l.next < left.pixels.length || r.next < right.pixels.length) done = step(l, r, done, out);
  if (moc === undefined) return out;
  return out.filter(({ pixel }) => {
    const { start, end } = indexRange(pixel);
    return overlapsRange(moc, start, end);
  });
}

/** Emits up to the end of the partition that ends first; returns that end. */
function step(l: Side, r: Side, done: number, out: AlignedPixel[]): number {
  const first = endsFirst(l, r) ? l : r;
  const other = first === l ? r : l;
  const end = endOf(first);
  const start = Math.max(first.tree.starts[first.next]!, done);
  const otherStart = Math.max(startOf(other), done);
  if (otherStart >= end) {
    fill(first, start, end, out);
  } else {
    // Of two pixels that overlap, the one that ends first lies inside the other.
    fill(other, otherStart, start, out);
    const pixel = first.tree.pixels[first.next]!;
    out.push({ pixel, [first.name]: first.next, [other.name]: other.next } as AlignedPixel);
    if (endOf(other) === end) other.next++;
  }
  first.next++;
  return end;
}

/** Whether the next partition of `l` ends before that of `r`, or with it and is no larger. */
function endsFirst(l: Side, r: Side): boolean {
  const difference = endOf(l) - endOf(r);
  return difference === 0 ? startOf(l) >= startOf(r) : difference < 0;
}

function startOf(side: Side): number {
  return side.tree.starts[side.next] ?? Number.POSITIVE_INFINITY;
}

function endOf(side: Side): number {
  return side.tree.ends[side.next] ?? Number.POSITIVE_INFINITY;
}

function fill(side: Side, start: number, end: number, out: AlignedPixel[]): void {
  if (!side.keepsAlone) return;
  const pixels: Pixel[] = [];
  appendBlocks(pixels, start, end);
  for (const pixel of pixels) out.push({ pixel, [side.name]: side.next } as AlignedPixel);
}

/** A task cell: a pixel of sky and the places of the partitions in it. */
export interface Cell {
  readonly pixel: Pixel;
  /** Never empty. */
  readonly left: readonly number[];
  /** One list per right tree. */
  readonly rights: readonly (readonly number[])[];
}

export interface CellOptions {
  /** Cells finer than this order are merged into cells of it. */
  readonly coarsestOrder?: number;
}

/**
 * The cells of a match of one left tree against any number of right trees: of all partitions, the coarsest
 * ones, each with everything inside it. So every partition that has a part in the match belongs to exactly
 * one cell and is read once, however the trees are cut. Cells without a left partition are left out.
 * In NESTED order.
 */
export function cells(
  left: PixelTree,
  rights: readonly PixelTree[],
  options: CellOptions = {},
): Cell[] {
  const all = [left, ...rights].flatMap((tree) => tree.pixels).sort(compareNested);
  const coarsestOrder = options.coarsestOrder ?? MAX_PIXEL_ORDER;
  const out: Cell[] = [];
  let last: Pixel | undefined;
  for (const p of all) {
    // Pixels nest or are disjoint and the coarser come first, so only the last cell can contain `p`.
    if (last !== undefined && containsPixel(last, p)) continue;
    const pixel = p.order > coarsestOrder ? parentAt(p, coarsestOrder) : p;
    last = pixel;
    const inLeft = overlapping(left, pixel);
    if (inLeft.length === 0) continue;
    out.push({ pixel, left: inLeft, rights: rights.map((tree) => overlapping(tree, pixel)) });
  }
  return out;
}
