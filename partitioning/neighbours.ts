/** Cells around a cell, and the rings of fine cells just outside and just inside a pixel's border. */
import { checkOrder, facetCellOf, nestedOf } from './facet.ts';
import type { Pixel } from './pixel.ts';

/** The number that stands for a neighbour that does not exist. */
export const NO_NEIGHBOUR = -1n;

/** Directions of {@link neighbours}, in their order. */
export const DIRECTIONS = ['SW', 'W', 'NW', 'N', 'NE', 'E', 'SE', 'S'] as const;

/** Steps in x and y of {@link DIRECTIONS}: x grows to the north-east, y to the north-west. */
const STEPS = [
  [-1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
] as const;

/** Where a walk over facets stands; x and y may lie beyond the facet's edges. */
interface Walk {
  facet: number;
  x: number;
  y: number;
}

/**
 * Carries a walk that has left its facet through the upper edge of x or the lower edge of x (y alike) onto the
 * facet beyond. Between two polar facets the axes turn by 90°; between a polar and an equatorial one they
 * go on. `side` is the number of cells along an edge.
 */
function crossEdge(walk: Walk, side: number): void {
  const { facet, x, y } = walk;
  const column = facet & 3;
  const east = (column + 1) & 3;
  const west = (column + 3) & 3;
  if (facet < 4) {
    if (x >= side) moveTo(walk, east, y, 2 * side - 1 - x);
    else if (y >= side) moveTo(walk, west, 2 * side - 1 - y, x);
    else if (x < 0) moveTo(walk, 4 + column, x + side, y);
    else moveTo(walk, 4 + east, x, y + side);
  } else if (facet < 8) {
    if (x >= side) moveTo(walk, column, x - side, y);
    else if (y >= side) moveTo(walk, west, x, y - side);
    else if (x < 0) moveTo(walk, 8 + west, x + side, y);
    else moveTo(walk, 8 + column, x, y + side);
  } else {
    if (x >= side) moveTo(walk, 4 + east, x - side, y);
    else if (y >= side) moveTo(walk, 4 + column, x, y - side);
    else if (x < 0) moveTo(walk, 8 + west, y, -1 - x);
    else moveTo(walk, 8 + east, -1 - y, x);
  }
}

function moveTo(walk: Walk, facet: number, x: number, y: number): void {
  walk.facet = facet;
  walk.x = x;
  walk.y = y;
}

/**
 * The number of the cell at (x, y) of a facet's lattice, which may lie one facet beyond its edges or diagonally
 * beyond a corner. −1 beyond the corners at which three facets meet instead of four: the east and west corners
 * of polar facets, the north and south corners of equatorial ones.
 */
function cellBeyond(order: number, facet: number, x: number, y: number): bigint {
  const side = 2 ** order;
  const walk: Walk = { facet, x, y };
  const outX = x < 0 || x >= side;
  const outY = y < 0 || y >= side;
  if (outX && outY) {
    const towardsPole = x < 0 === y < 0;
    const equatorial = facet >= 4 && facet < 8;
    if (towardsPole === equatorial) return NO_NEIGHBOUR;
  }
  if (outX || outY) crossEdge(walk, side);
  if (outX && outY) crossEdge(walk, side);
  return nestedOf(order, walk.facet, walk.x, walk.y);
}

/**
 * The eight neighbours of a cell, order 0–29, in the order of {@link DIRECTIONS} (that of healpy).
 * {@link NO_NEIGHBOUR} stands where there is none: 24 cells of an order have seven neighbours; at order 0 all
 * twelve have six.
 */
export function neighbours(order: number, pixel: bigint): BigInt64Array {
  const { facet, x, y } = facetCellOf(order, pixel);
  const found = new BigInt64Array(STEPS.length);
  for (let d = 0; d < STEPS.length; d++) {
    const [stepX, stepY] = STEPS[d]!;
    found[d] = cellBeyond(order, facet, x + stepX, y + stepY);
  }
  return found;
}

/**
 * All cells at `fineOrder` (from the pixel's own order to 29) outside a pixel that touch one of its edges or corners,
 * ascending: 4·2^d + 4 of them, d orders finer, less one for each corner at which three facets meet.
 */
export function externalRing(p: Pixel, fineOrder: number): BigInt64Array {
  const { facet, x, y, side } = fineSquare(p, fineOrder);
  const found = new BigInt64Array(4 * side + 4);
  let count = 0;
  const add = (i: number, j: number) => {
    const cell = cellBeyond(fineOrder, facet, x + i, y + j);
    if (cell !== NO_NEIGHBOUR) found[count++] = cell;
  };
  for (let k = -1; k < side; k++) {
    add(k, -1);
    add(side, k);
    add(side - 1 - k, side);
    add(-1, side - 1 - k);
  }
  return found.subarray(0, count).sort();
}

/**
 * The cells at `fineOrder` (from the pixel's own order to 29) inside a pixel along its border, ascending: the
 * pixel itself at its own order, 4·2^d − 4 cells d orders finer.
 */
export function innerRing(p: Pixel, fineOrder: number): BigInt64Array {
  const { facet, x, y, side } = fineSquare(p, fineOrder);
  if (side === 1) return BigInt64Array.of(BigInt(p.pixel));
  const last = side - 1;
  const found = new BigInt64Array(4 * last);
  for (let k = 0; k < last; k++) {
    found[4 * k] = nestedOf(fineOrder, facet, x + k, y);
    found[4 * k + 1] = nestedOf(fineOrder, facet, x + last, y + k);
    found[4 * k + 2] = nestedOf(fineOrder, facet, x + last - k, y + last);
    found[4 * k + 3] = nestedOf(fineOrder, facet, x, y + last - k);
  }
  return found.sort();
}

/** The south corner of a pixel on the lattice of a finer order, and its cells along an edge. */
function fineSquare(p: Pixel, fineOrder: number): Walk & { side: number } {
  checkOrder(fineOrder);
  if (fineOrder < p.order) {
    throw new RangeError(
      `a ring at order ${fineOrder} is coarser than its pixel of order ${p.order}`,
    );
  }
  const { facet, x, y } = facetCellOf(p.order, p.pixel);
  const side = 2 ** (fineOrder - p.order);
  return { facet, x: x * side, y: y * side, side };
}
