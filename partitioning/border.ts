/**
 * Rows near the border of a pixel, by cheap tests in the HEALPix plane.
 *
 * A point at angle θ from another has facet coordinates that differ by at most L·θ while both lie on one facet
 * (plane.ts derives L). So a point inside a pixel whose x and y keep more than L·θ from the pixel's four
 * edges is further than θ from its border: the shortest way to the border runs inside the pixel, on one facet.
 */
import { facetCellOf } from './facet.ts';
import type { Pixel } from './pixel.ts';
import {
  BLOCK_ROWS,
  createPlaneRows,
  EQUATORIAL_STRETCH,
  POLAR_STRETCH,
  positionAt,
  projectRows,
} from './plane.ts';
import { boundaryPoint, pixelBoundary } from './projection.ts';
import {
  ARCSEC_PER_RADIAN,
  angularDistance,
  arcsecFromChordSquared,
  chordSquared,
  RADIANS_PER_ARCSEC,
  unitVectors,
} from './sphere.ts';
import { doubtfulRows } from './surely-inside.ts';

/** Rounding of facet coordinates, several times over. */
const PLANE_ROUNDING = 2e-15;
/** Rounding of distances in arcseconds, several times over. */
const ARCSEC_ROUNDING = 1e-9;
/** Points per edge from which the search for the nearest point of a boundary starts. */
const SEARCH_STEPS = 16;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Golden-section steps: 0.618⁶⁰ of a pixel's edge is below the rounding of a distance. */
const SEARCH_DEPTH = 60;

const block = createPlaneRows();
const blockRows = new Int32Array(BLOCK_ROWS);

/** A pixel as a square of its facet: x in [x0, x1], y in [y0, y1]. */
interface Square {
  readonly facet: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function squareOf(p: Pixel): Square {
  const { facet, x, y } = facetCellOf(p.order, p.pixel);
  const side = 2 ** p.order;
  return { facet, x0: x / side, y0: y / side, x1: (x + 1) / side, y1: (y + 1) / side };
}

/** True when no point of the square lies in a polar cap. */
function isEquatorial({ facet, x0, y0, x1, y1 }: Square): boolean {
  if (facet < 4) return x1 + y1 <= 1;
  return facet < 8 || x0 + y0 >= 1;
}

/**
 * Indices, ascending, of the rows that may lie within `reachArcsec` of the border of `p`, and of all rows
 * outside it. None that does is left out. Rows further away than that are among them only in a band along the
 * border, at most 1.05 reaches wide in the equatorial zone and 1.9 in the polar caps. Degrees; any finite
 * ra, |dec| ≤ 90.
 */
export function borderRows(
  p: Pixel,
  ra: Float64Array,
  dec: Float64Array,
  reachArcsec: number,
): Int32Array {
  if (!(reachArcsec >= 0))
    throw new RangeError(`reach ${reachArcsec} is not an angle in arcseconds`);
  const square = squareOf(p);
  const band = bandOf(square, reachArcsec);
  const doubtful = doubtfulRows(p, ra, dec, band);
  if (doubtful === null) return rowsOutside(square, band, ra, dec);
  const pick = (values: Float64Array) => Float64Array.from(doubtful, (row) => values[row]!);
  return rowsOutside(square, band, pick(ra), pick(dec)).map((row) => doubtful[row]!);
}

/** Width of the band along the edges of a square that holds all within a reach of its border, in facet coordinates. */
function bandOf(square: Square, reachArcsec: number): number {
  const stretch = isEquatorial(square) ? EQUATORIAL_STRETCH : POLAR_STRETCH;
  return stretch * reachArcsec * RADIANS_PER_ARCSEC + PLANE_ROUNDING;
}

/**
 * Indices, ascending, of rows that hold all of {@link borderRows} and all unusable positions, told by one look-up per
 * row. Null: the rows are too few to be worth it.
 */
export function maybeBorderRows(
  p: Pixel,
  ra: Float64Array,
  dec: Float64Array,
  reachArcsec: number,
): Int32Array | null {
  return doubtfulRows(p, ra, dec, bandOf(squareOf(p), reachArcsec));
}

/** Indices, ascending, of the rows that are not in the square less a band along its edges. */
function rowsOutside(
  square: Square,
  band: number,
  ra: Float64Array,
  dec: Float64Array,
): Int32Array {
  const rows = ra.length;
  const found = new Int32Array(rows);
  let count = 0;
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const to = Math.min(rows, from + BLOCK_ROWS);
    projectRows(ra, dec, from, to, block);
    count = keepOutside(square, band, from, to, found, count);
  }
  return found.slice(0, count);
}

/** Appends the rows of the block that are not in the square less a band along its edges; returns the new count. */
function keepOutside(
  square: Square,
  band: number,
  from: number,
  to: number,
  found: Int32Array,
  at: number,
): number {
  const { facet, x, y } = block;
  const own = square.facet;
  const left = square.x0 + band;
  const right = square.x1 - band;
  const bottom = square.y0 + band;
  const top = square.y1 - band;
  let count = at;
  for (let r = from, o = 0; r < to; r++, o++) {
    const i = x[o]!;
    const j = y[o]!;
    if (facet[o]! !== own || !(i > left && i < right && j > bottom && j < top)) found[count++] = r;
  }
  return count;
}

/**
 * An upper bound, in arcseconds and close, of how far the furthest row outside `p` lies from `p`; 0 when all rows
 * lie inside by their positions. Rows inside cost a projection; of those outside only the ones that may lie
 * further away than all before them are measured. Degrees; any finite ra, |dec| ≤ 90.
 */
export function maxExcursionArcsec(p: Pixel, ra: Float64Array, dec: Float64Array): number {
  const square = squareOf(p);
  const rows = ra.length;
  let outside: Outside | undefined;
  let furthest = 0;
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const to = Math.min(rows, from + BLOCK_ROWS);
    projectRows(ra, dec, from, to, block);
    const count = keepOutside(square, -PLANE_ROUNDING, from, to, blockRows, 0);
    if (count === 0) continue;
    outside ??= createOutside(p);
    for (let k = 0; k < count; k++) {
      outside.ra[k] = ra[blockRows[k]!]!;
      outside.dec[k] = dec[blockRows[k]!]!;
    }
    furthest = furthestOf(square, outside, count, furthest);
  }
  return furthest;
}

/** Rows met outside a pixel, and the pixel's boundary as evenly spaced points from the south corner on. */
interface Outside {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  readonly vectors: Vectors;
  readonly boundary: Vectors;
}

interface Vectors {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
}

function createOutside(p: Pixel): Outside {
  const points = pixelBoundary(p.order, p.pixel, SEARCH_STEPS);
  const boundary = createVectors(points.ra.length);
  unitVectors(points.ra, points.dec, 0, points.ra.length, boundary.x, boundary.y, boundary.z);
  return {
    ra: new Float64Array(BLOCK_ROWS),
    dec: new Float64Array(BLOCK_ROWS),
    vectors: createVectors(BLOCK_ROWS),
    boundary,
  };
}

function createVectors(rows: number): Vectors {
  return { x: new Float64Array(rows), y: new Float64Array(rows), z: new Float64Array(rows) };
}

/**
 * The larger of `known` and the distances in arcseconds of the first `count` rows outside from the pixel. The distance
 * of any boundary point bounds a row's own, so only rows whose nearest sample lies beyond `known` are
 * refined, and a search that ends in a second-best place errs on the safe side.
 */
function furthestOf(square: Square, outside: Outside, count: number, known: number): number {
  const { ra, dec, vectors, boundary } = outside;
  unitVectors(ra, dec, 0, count, vectors.x, vectors.y, vectors.z);
  let furthest = known;
  for (let k = 0; k < count; k++) {
    const x = vectors.x[k]!;
    const y = vectors.y[k]!;
    const z = vectors.z[k]!;
    let nearest = 0;
    let best = Number.POSITIVE_INFINITY;
    for (let b = 0; b < boundary.x.length; b++) {
      const c2 = chordSquared(x, y, z, boundary.x[b]!, boundary.y[b]!, boundary.z[b]!);
      if (c2 < best) {
        best = c2;
        nearest = b;
      }
    }
    if (withRounding(arcsecFromChordSquared(best)) <= furthest) continue;
    const radians = distanceNear(square, nearest, ra[k]!, dec[k]!);
    furthest = Math.max(furthest, withRounding(radians * ARCSEC_PER_RADIAN));
  }
  return furthest;
}

function withRounding(arcsec: number): number {
  return arcsec * (1 + 1e-12) + ARCSEC_ROUNDING;
}

/**
 * Distance in radians of a position from the nearest point of the boundary between one spacing before its point `k`
 * and one after, by golden-section search.
 */
function distanceNear(square: Square, k: number, ra: number, dec: number): number {
  const { facet, x0, y0, x1, y1 } = square;
  const distanceAt = (t: number) => {
    const { i, j } = boundaryPoint((t + 4) % 4);
    const point = positionAt(facet, x0 + i * (x1 - x0), y0 + j * (y1 - y0));
    return angularDistance(ra, dec, point.ra, point.dec);
  };
  let low = (k - 1) / SEARCH_STEPS;
  let high = (k + 1) / SEARCH_STEPS;
  let t1 = high - GOLDEN * (high - low);
  let t2 = low + GOLDEN * (high - low);
  let d1 = distanceAt(t1);
  let d2 = distanceAt(t2);
  for (let step = 0; step < SEARCH_DEPTH; step++) {
    if (d1 < d2) {
      high = t2;
      t2 = t1;
      d2 = d1;
      t1 = high - GOLDEN * (high - low);
      d1 = distanceAt(t1);
    } else {
      low = t1;
      t1 = t2;
      d1 = d2;
      t2 = low + GOLDEN * (high - low);
      d2 = distanceAt(t2);
    }
  }
  return Math.min(d1, d2);
}

/**
 * A lower bound of the width of the pixels of an order, in radians: every point within it of a cell lies in that
 * cell or in one of its neighbours; and every point within it of a larger pixel lies in that pixel or in its
 * external ring of cells of this order.
 *
 * For f, the larger of the distances in x and in y from the pixel: it is 0 on the pixel's edges, 1/side on the
 * outer edges of the ring, and continuous over the ring's cells, also at the corners where three facets meet
 * and over the turns by 90° between polar facets, which exchange x and y. Along any path it changes by at
 * most L per radian, so that a path that leaves the ring is at least 1/(L·side) long. With L = 1.4519 that
 * is 0.6888/side. HATS allows √(π/3)/1.6 = 0.6396/side, which is 7 % less and therefore sound too.
 */
export function minWidthRadians(order: number): number {
  return (2 ** -order - PLANE_ROUNDING) / POLAR_STRETCH;
}

/** The finest order, 0–29, whose cells are at least `reachArcsec` wide; −1 when not even those of order 0 are. */
export function ringOrderFor(reachArcsec: number): number {
  if (!(reachArcsec >= 0))
    throw new RangeError(`reach ${reachArcsec} is not an angle in arcseconds`);
  const reach = reachArcsec * RADIANS_PER_ARCSEC;
  let order = 29;
  while (order >= 0 && minWidthRadians(order) < reach) order--;
  return order;
}
