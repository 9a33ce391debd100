/**
 * RING numbering: cells numbered along circles of latitude from north to south, eastward from ra = 0. Maps are
 * often exchanged in it; everything else here is NESTED.
 */
import { checkOrder, collectBits, facetCellOf, nestedOf, spreadBits } from './facet.ts';
import { MAX_INT32_ORDER } from './healpix.ts';

/** Where a cell stands on its ring: rings count from 1 in the north to 4·side − 1, places from 0. */
interface RingPlace {
  ring: number;
  place: number;
}

/** Column and row of a cell in its facet, written by {@link findCell}. */
interface MutableCell {
  facet: number;
  x: number;
  y: number;
}

/** RING numbers of NESTED ones at an order from 0 to 13; `out` may be `pixels` itself. */
export function nestedToRing(
  order: number,
  pixels: Int32Array,
  out: Int32Array = new Int32Array(pixels.length),
): Int32Array {
  checkOrder(order, MAX_INT32_ORDER);
  const side = 2 ** order;
  const mask = side - 1;
  const found: RingPlace = { ring: 0, place: 0 };
  for (let r = 0; r < pixels.length; r++) {
    const pixel = pixels[r]!;
    const x = collectBits(pixel) & mask;
    const y = collectBits(pixel >>> 1) & mask;
    findPlace(side, pixel >>> (2 * order), x, y, found);
    out[r] = ringStart(side, found.ring) + found.place;
  }
  return out;
}

/** NESTED numbers of RING ones at an order from 0 to 13; `out` may be `pixels` itself. */
export function ringToNested(
  order: number,
  pixels: Int32Array,
  out: Int32Array = new Int32Array(pixels.length),
): Int32Array {
  checkOrder(order, MAX_INT32_ORDER);
  const side = 2 ** order;
  const found: MutableCell = { facet: 0, x: 0, y: 0 };
  for (let r = 0; r < pixels.length; r++) {
    const pixel = pixels[r]!;
    const ring = ringOf(side, pixel);
    findCell(side, ring, pixel - ringStart(side, ring), found);
    out[r] = (found.facet << (2 * order)) | spreadBits(found.x) | (spreadBits(found.y) << 1);
  }
  return out;
}

/** The RING number of one NESTED cell at an order from 0 to 29. */
export function nestedToRingPixel(order: number, pixel: bigint): bigint {
  const { facet, x, y } = facetCellOf(order, pixel);
  const side = 2 ** order;
  const found: RingPlace = { ring: 0, place: 0 };
  findPlace(side, facet, x, y, found);
  return bigRingStart(BigInt(side), BigInt(found.ring)) + BigInt(found.place);
}

/** The NESTED number of one RING cell at an order from 0 to 29. */
export function ringToNestedPixel(order: number, pixel: bigint): bigint {
  checkOrder(order);
  const side = 2 ** order;
  const bigSide = BigInt(side);
  if (pixel < 0n || pixel >= 12n * bigSide * bigSide) {
    throw new RangeError(`pixel ${pixel} does not exist at HEALPix order ${order}`);
  }
  // A double names the ring up to a rounding: the exact starts settle it.
  let ring = ringOf(side, Number(pixel));
  while (bigRingStart(bigSide, BigInt(ring)) > pixel) ring--;
  while (bigRingStart(bigSide, BigInt(ring + 1)) <= pixel) ring++;
  const found: MutableCell = { facet: 0, x: 0, y: 0 };
  findCell(side, ring, Number(pixel - bigRingStart(bigSide, BigInt(ring))), found);
  return nestedOf(order, found.facet, found.x, found.y);
}

/** RING number of the first cell of a ring; one past the last ring it is the number of cells. */
function ringStart(side: number, ring: number): number {
  if (ring < side) return 2 * ring * (ring - 1);
  if (ring <= 3 * side) return 2 * side * (side - 1) + (ring - side) * 4 * side;
  const fromSouth = 4 * side - ring;
  return 12 * side * side - 2 * fromSouth * (fromSouth + 1);
}

/** {@link ringStart} where numbers pass 2⁵³. */
function bigRingStart(side: bigint, ring: bigint): bigint {
  if (ring < side) return 2n * ring * (ring - 1n);
  if (ring <= 3n * side) return 2n * side * (side - 1n) + (ring - side) * 4n * side;
  const fromSouth = 4n * side - ring;
  return 12n * side * side - 2n * fromSouth * (fromSouth + 1n);
}

/** The ring that holds a RING number, exact below 2⁵⁰. Ring r of a cap ends before cell 2r(r + 1). */
function ringOf(side: number, pixel: number): number {
  const cap = 2 * side * (side - 1);
  const cells = 12 * side * side;
  if (pixel < cap) return capRing(pixel);
  if (pixel < cells - cap) return side + Math.floor((pixel - cap) / (4 * side));
  return 4 * side - capRing(Math.max(0, cells - 1 - pixel));
}

/** The ring, from the pole, of the cell number counted from the pole: largest r with 2r(r − 1) ≤ cell. */
function capRing(cell: number): number {
  return Math.floor(0.5 + 0.5 * Math.sqrt(1 + 2 * cell));
}

/** The ring and the place on it of a cell of a facet. */
function findPlace(side: number, facet: number, x: number, y: number, out: RingPlace): void {
  const zone = facet >> 2;
  const column = facet & 3;
  const ring = side * (zone + 2) - x - y - 1;
  const across = x - y;
  out.ring = ring;
  if (ring < side) {
    out.place = column * ring + (across + ring - 1) / 2;
  } else if (ring > 3 * side) {
    const fromSouth = 4 * side - ring;
    out.place = column * fromSouth + (across + fromSouth - 1) / 2;
  } else {
    // Eastward distance of the centre from ra = 0 in half cells; only facet 4 reaches across it.
    const half = (zone === 1 ? 2 * column : 2 * column + 1) * side + across;
    out.place = Math.floor((half < 0 ? half + 8 * side : half) / 2);
  }
}

/** The cell at a place of a ring, the inverse of {@link findPlace}. */
function findCell(side: number, ring: number, place: number, out: MutableCell): void {
  const fromPole = ring < side ? ring : 4 * side - ring;
  let across: number;
  let up: number;
  if (fromPole < side) {
    const column = Math.floor(place / fromPole);
    across = 2 * (place - column * fromPole) - (fromPole - 1);
    up = ring < side ? 2 * side - ring : fromPole;
    out.facet = ring < side ? column : 8 + column;
  } else {
    const half = 2 * place + 1 - ((ring - side) % 2);
    const quarter = Math.floor(half / (2 * side));
    across = half - (2 * quarter + 1) * side;
    up = 2 * side - ring;
    // The diagonals of a quarter of the zone part four facets; no centre lies on them.
    const right = across > up;
    const above = across > -up;
    if (right === above) {
      out.facet = 4 + (right ? (quarter + 1) & 3 : quarter);
      across += right ? -side : side;
      up += side;
    } else {
      out.facet = above ? quarter : 8 + quarter;
      if (!above) up += 2 * side;
    }
  }
  out.x = (up - 1 + across) / 2;
  out.y = (up - 1 - across) / 2;
}
