/** Lists of generation atoms: those of a partition, and those that surround it. */
import { childrenOf, containsPixel, type Pixel } from '../../partitioning/pixel.ts';
import type { Position } from '../../partitioning/plane.ts';
import { DENSITY_ORDER } from './density.ts';
import { centreOf, distanceToCentre, pixelRadius } from './place.ts';
import { type SkyNode, type SkyTree, starsOf } from './tree.ts';

/** The atoms with stars within a partition cell, in NESTED order. */
export function atomsIn(tree: SkyTree, cell: Pixel): SkyNode[] {
  const out: SkyNode[] = [];
  if (cell.order >= DENSITY_ORDER) {
    const node = tree.node(cell);
    if (node !== undefined) collect(tree, node, out);
    return out;
  }
  const span = 4 ** (DENSITY_ORDER - cell.order);
  for (let i = cell.pixel * span; i < (cell.pixel + 1) * span; i++) {
    collect(tree, tree.root(i), out);
  }
  return out;
}

function collect(tree: SkyTree, node: SkyNode, out: SkyNode[]): void {
  if (starsOf(node) === 0) return;
  const children = tree.split(node);
  if (children === undefined) out.push(node);
  else for (const child of children) collect(tree, child, out);
}

/**
 * The atoms with stars that lie in the cell or may have a point within `reach` radians of it, in NESTED
 * order: never too few, a few too many.
 */
export function atomsAround(tree: SkyTree, cell: Pixel, reach: number): SkyNode[] {
  const out: SkyNode[] = [];
  for (let pixel = 0; pixel < 12; pixel++) gather(tree, cell, reach, { order: 0, pixel }, out);
  return out;
}

function gather(tree: SkyTree, cell: Pixel, reach: number, at: Pixel, out: SkyNode[]): void {
  const { from, to } = tree.range(at);
  if (from === to || !isNear(at, cell, reach)) return;
  if (at.order === DENSITY_ORDER) {
    gatherNodes(tree, cell, reach, tree.root(at.pixel), out);
    return;
  }
  for (const child of childrenOf(at)) gather(tree, cell, reach, child, out);
}

function gatherNodes(
  tree: SkyTree,
  cell: Pixel,
  reach: number,
  node: SkyNode,
  out: SkyNode[],
): void {
  if (starsOf(node) === 0) return;
  if (containsPixel(cell, node)) {
    collect(tree, node, out);
    return;
  }
  if (!isNear(node, cell, reach)) return;
  const children = tree.split(node);
  if (children === undefined) out.push(node);
  else for (const child of children) gatherNodes(tree, cell, reach, child, out);
}

/** False only when no point of `node` is within `reach` radians of `cell`. */
function isNear(node: Pixel, cell: Pixel, reach: number): boolean {
  if (containsPixel(node, cell)) return true;
  const centre = centreOf(node);
  return meets(centre, node.order, cell, reach + pixelRadius(node.order));
}

/**
 * True when the cell may come within `reach` radians of `centre`. Looks at it in pieces down to half the
 * size of a node, so that only its border attracts nodes.
 */
function meets(centre: Position, nodeOrder: number, piece: Pixel, reach: number): boolean {
  if (distanceToCentre(centre, piece) > reach + pixelRadius(piece.order)) return false;
  if (piece.order > nodeOrder) return true;
  return childrenOf(piece).some((child) => meets(centre, nodeOrder, child, reach));
}

/** Running sums of row counts: stretch k of the rows is [out[k], out[k + 1]). */
export function startsOf(counts: readonly number[]): Int32Array {
  const out = new Int32Array(counts.length + 1);
  for (let k = 0; k < counts.length; k++) out[k + 1] = out[k]! + counts[k]!;
  return out;
}

/** Stars of the fullest atom. */
export function mostStars(atoms: readonly SkyNode[]): number {
  return atoms.reduce((most, atom) => Math.max(most, starsOf(atom)), 0);
}
