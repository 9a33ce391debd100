/**
 * A HEALPix pixel in NESTED numbering, as used for partitions and cells.
 * Orders 0–24 only: up to there the number of a pixel is exact in a double (12·4²⁴ < 2⁵³).
 * Positions are indexed at orders up to 29 through 64-bit arrays (healpix.ts).
 */
export interface Pixel {
  readonly order: number;
  readonly pixel: number;
}

/** Deepest order a {@link Pixel} can have: cells of 12 milliarcseconds. */
export const MAX_PIXEL_ORDER = 24;

/** Order of the spatial index `_healpix_29`. */
export const INDEX_ORDER = 29;

/** A half-open range [start, end) of the spatial index at order 29. */
export interface IndexRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Refuses what is not a pixel; returns it otherwise. */
export function checkPixel(order: number, pixel: number): Pixel {
  if (!Number.isInteger(order) || order < 0 || order > MAX_PIXEL_ORDER) {
    throw new RangeError(`HEALPix order ${order} is not an integer from 0 to ${MAX_PIXEL_ORDER}`);
  }
  if (!Number.isInteger(pixel) || pixel < 0 || pixel >= 12 * 4 ** order) {
    throw new RangeError(`pixel ${pixel} does not exist at HEALPix order ${order}`);
  }
  return { order, pixel };
}

/** Text form `order/pixel`, used in messages, plans and file names. */
export function pixelText(p: Pixel): string {
  return `${p.order}/${p.pixel}`;
}

/** Order of the finest of them; 0 where there are none. */
export function deepestOrder(pixels: Iterable<Pixel>): number {
  let deepest = 0;
  for (const { order } of pixels) if (order > deepest) deepest = order;
  return deepest;
}

/** The pixel at a coarser (or the same) order that contains `p`. */
export function parentAt(p: Pixel, order: number): Pixel {
  return { order, pixel: Math.floor(p.pixel / 4 ** (p.order - order)) };
}

/** The four pixels one order finer, in NESTED order. */
export function childrenOf(p: Pixel): [Pixel, Pixel, Pixel, Pixel] {
  const order = p.order + 1;
  const first = p.pixel * 4;
  return [
    { order, pixel: first },
    { order, pixel: first + 1 },
    { order, pixel: first + 2 },
    { order, pixel: first + 3 },
  ];
}

/** True when `outer` is `inner` or an ancestor of it. */
export function containsPixel(outer: Pixel, inner: Pixel): boolean {
  return outer.order <= inner.order && parentAt(inner, outer.order).pixel === outer.pixel;
}

/** True when one contains the other. */
export function pixelsOverlap(a: Pixel, b: Pixel): boolean {
  return containsPixel(a, b) || containsPixel(b, a);
}

/** The range of the order-29 index that `p` covers. */
export function indexRange(p: Pixel): IndexRange {
  const shift = BigInt(2 * (INDEX_ORDER - p.order));
  const start = BigInt(p.pixel) << shift;
  return { start, end: start + (1n << shift) };
}

/** Orders pixels along the NESTED curve; of two that overlap, the coarser comes first. */
export function compareNested(a: Pixel, b: Pixel): number {
  const deepest = Math.max(a.order, b.order);
  const first = a.pixel * 4 ** (deepest - a.order) - b.pixel * 4 ** (deepest - b.order);
  return first !== 0 ? first : a.order - b.order;
}
