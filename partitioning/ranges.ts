/**
 * Sets of sky positions as ranges of the order-29 index: what IVOA calls a MOC (Multi-Order Coverage).
 * All operations are for planning, a few thousand ranges at a time; rows are tested in region-rows.ts.
 */
import { dataError, requestError } from './error.ts';
import { INDEX_ORDER, MAX_PIXEL_ORDER, type Pixel } from './pixel.ts';

/**
 * A coverage: sorted, disjoint, non-touching, non-empty half-open ranges [start, end) of the order-29
 * NESTED index, flattened as start, end, start, end, … Never changed after it is made.
 */
export interface RangeSet {
  readonly ranges: BigInt64Array;
}

/** End of the order-29 index: 12 · 4²⁹. */
export const SKY_END = 12n << BigInt(2 * INDEX_ORDER);

/** Order-29 cells in a cell of order 24. */
const FINEST_PIXEL = 1n << BigInt(2 * (INDEX_ORDER - MAX_PIXEL_ORDER));

/** The coverage of nothing. */
export const emptyRanges: RangeSet = { ranges: new BigInt64Array(0) };

/** The coverage of the whole sky. */
export const fullSky: RangeSet = { ranges: BigInt64Array.of(0n, SKY_END) };

/** The union of ranges that come sorted by start. */
class Appender {
  private readonly ends: bigint[] = [];

  add(start: bigint, end: bigint): void {
    const { ends } = this;
    const last = ends.length - 1;
    if (last > 0 && start <= ends[last]!) {
      if (end > ends[last]!) ends[last] = end;
    } else if (start < end) {
      ends.push(start, end);
    }
  }

  done(): RangeSet {
    return { ranges: BigInt64Array.from(this.ends) };
  }
}

/**
 * Normalises ranges that may overlap, touch, be empty or come in any order.
 * @param pairs flattened start, end, … or an iterable of [start, end)
 * @throws data error when a range is reversed or leaves [0, {@link SKY_END})
 */
export function fromRanges(
  pairs: BigInt64Array | Iterable<readonly [start: bigint, end: bigint]>,
): RangeSet {
  const flat = pairs instanceof BigInt64Array ? pairs : BigInt64Array.from([...pairs].flat());
  if (flat.length % 2 !== 0) throw dataError(`coverage has ${flat.length} bounds, an odd number`);
  const count = flat.length / 2;
  const starts = new BigInt64Array(count);
  const ends = new BigInt64Array(count);
  for (let i = 0; i < count; i++) {
    const start = flat[2 * i]!;
    const end = flat[2 * i + 1]!;
    if (start < 0n || end > SKY_END || start > end) {
      throw dataError(`coverage range [${start}, ${end}) is not a range of the order-29 index`);
    }
    starts[i] = start;
    ends[i] = end;
  }
  // How many ranges are open at a place does not depend on which start goes with which end, so the
  // union stays the same when both are sorted apart, which typed arrays do fast.
  starts.sort();
  ends.sort();
  const out = new Appender();
  for (let i = 0; i < count; i++) out.add(starts[i]!, ends[i]!);
  return out.done();
}

/** The coverage of some pixels, overlapping or not, in any order. */
export function fromPixels(pixels: Iterable<Pixel>): RangeSet {
  const flat: bigint[] = [];
  for (const { order, pixel } of pixels) {
    const shift = BigInt(2 * (INDEX_ORDER - order));
    const start = BigInt(pixel) << shift;
    flat.push(start, start + (1n << shift));
  }
  return fromRanges(BigInt64Array.from(flat));
}

/** The coverage of cells of one order (0–29), in any order. */
export function fromCells(order: number, cells: BigInt64Array): RangeSet {
  const shift = BigInt(2 * (INDEX_ORDER - order));
  const sorted = cells.slice().sort();
  const out = new Appender();
  for (const cell of sorted) out.add(cell << shift, (cell + 1n) << shift);
  return out.done();
}

/** Sweeps over both sets' bounds; `keep` says what belongs to the result by membership in each. */
function combine(
  a: RangeSet,
  b: RangeSet,
  keep: (inA: boolean, inB: boolean) => boolean,
): RangeSet {
  const x = a.ranges;
  const y = b.ranges;
  const bounds: bigint[] = [];
  let i = 0;
  let j = 0;
  let inside = false;
  while (i < x.length || j < y.length) {
    const at = j >= y.length || (i < x.length && x[i]! < y[j]!) ? x[i]! : y[j]!;
    if (i < x.length && x[i] === at) i++;
    if (j < y.length && y[j] === at) j++;
    // An odd number of passed bounds means inside.
    if (keep((i & 1) === 1, (j & 1) === 1) !== inside) {
      inside = !inside;
      bounds.push(at);
    }
  }
  return { ranges: BigInt64Array.from(bounds) };
}

export function union(a: RangeSet, b: RangeSet): RangeSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

export function intersect(a: RangeSet, b: RangeSet): RangeSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** What is in `a` and not in `b`. */
export function subtract(a: RangeSet, b: RangeSet): RangeSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** The rest of the sky. */
export function complement(set: RangeSet): RangeSet {
  return subtract(fullSky, set);
}

/** Number of the first range that ends after `index`; the number of ranges when none does. */
function firstEndingAfter(ranges: BigInt64Array, index: bigint): number {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1]! > index) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function isEmpty(set: RangeSet): boolean {
  return set.ranges.length === 0;
}

export function containsIndex(set: RangeSet, index: bigint): boolean {
  return coversRange(set, index, index + 1n);
}

/** True when [start, end) and the set share an index. */
export function overlapsRange(set: RangeSet, start: bigint, end: bigint): boolean {
  const i = firstEndingAfter(set.ranges, start);
  return start < end && 2 * i < set.ranges.length && set.ranges[2 * i]! < end;
}

/** True when all of [start, end) lies in the set (an empty range always does). */
export function coversRange(set: RangeSet, start: bigint, end: bigint): boolean {
  if (start >= end) return true;
  const i = firstEndingAfter(set.ranges, start);
  return 2 * i < set.ranges.length && set.ranges[2 * i]! <= start && end <= set.ranges[2 * i + 1]!;
}

/** The smallest superset made of whole cells of `order` (0–29). */
export function degrade(set: RangeSet, order: number): RangeSet {
  const shift = BigInt(2 * (INDEX_ORDER - order));
  const last = (1n << shift) - 1n;
  const out = new Appender();
  for (let i = 0; i < set.ranges.length; i += 2) {
    out.add((set.ranges[i]! >> shift) << shift, ((set.ranges[i + 1]! + last) >> shift) << shift);
  }
  return out.done();
}

/**
 * The fewest pixels that make up the set, in NESTED order. Ranges finer than `maxOrder` (at most 24) are
 * covered outward.
 */
export function toPixels(set: RangeSet, maxOrder = MAX_PIXEL_ORDER): Pixel[] {
  const { ranges } = degrade(set, Math.min(maxOrder, MAX_PIXEL_ORDER));
  const pixels: Pixel[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const start = Number(ranges[i]! / FINEST_PIXEL);
    appendBlocks(pixels, start, Number(ranges[i + 1]! / FINEST_PIXEL));
  }
  return pixels;
}

/** Appends the fewest pixels that fill [start, end), counted in cells of order 24: greedy, NESTED order. */
export function appendBlocks(pixels: Pixel[], start: number, end: number): void {
  let at = start;
  while (at < end) {
    let order = MAX_PIXEL_ORDER;
    let size = 1;
    while (order > 0 && at % (size * 4) === 0 && at + size * 4 <= end) {
      size *= 4;
      order--;
    }
    pixels.push({ order, pixel: at / size });
    at += size;
  }
}

/** The share of the sphere that the set covers, 0–1. */
export function skyFraction(set: RangeSet): number {
  let sum = 0n;
  for (let i = 0; i < set.ranges.length; i += 2) sum += set.ranges[i + 1]! - set.ranges[i]!;
  return Number(sum) / Number(SKY_END);
}

/**
 * A superset of at most `count` ranges: the smallest gaps are closed (of equal ones, the later first).
 * For push-down into a scan, where each range is one more term of a predicate.
 */
export function simplify(set: RangeSet, count: number): RangeSet {
  if (!(count >= 1)) throw new RangeError(`a coverage cannot be made of ${count} ranges`);
  const { ranges } = set;
  const gapCount = ranges.length / 2 - 1;
  if (gapCount < count) return set;
  const gap = (i: number) => ranges[2 * i + 2]! - ranges[2 * i + 1]!;
  const widest = Array.from({ length: gapCount }, (_, i) => i).sort((a, b) => {
    const difference = gap(b) - gap(a);
    return difference > 0n ? 1 : difference < 0n ? -1 : a - b;
  });
  const kept = widest.slice(0, count - 1).sort((a, b) => a - b);
  const bounds = kept.flatMap((i) => [ranges[2 * i + 1]!, ranges[2 * i + 2]!]);
  return { ranges: BigInt64Array.of(ranges[0]!, ...bounds, ranges[ranges.length - 1]!) };
}

/** The set as decimal numbers start, end, start, … : the form that survives JSON. */
export function rangesToText(set: RangeSet): string[] {
  return Array.from(set.ranges, String);
}

/**
 * Reads what {@link rangesToText} gives.
 * @throws request error when an entry is not a whole number, data error when a range is not one of the sky
 */
export function rangesFromText(bounds: readonly string[]): RangeSet {
  return fromRanges(
    BigInt64Array.from(bounds, (text) => {
      if (typeof text === 'string' && /^\d{1,19}$/.test(text)) return BigInt(text);
      throw requestError(`coverage bound ${JSON.stringify(text)} is not a decimal whole number`);
    }),
  );
}

/**
 * Reads the IVOA JSON form of a MOC, `{"order": [pixels]}`, orders 0–29.
 * @throws request error naming the first entry that is not a pixel
 */
export function mocFromJson(moc: unknown): RangeSet {
  if (typeof moc !== 'object' || moc === null || Array.isArray(moc)) {
    throw requestError('a MOC in JSON is an object of pixel lists by order', MOC_EXAMPLE);
  }
  const bounds: bigint[] = [];
  for (const [key, pixels] of Object.entries(moc)) {
    const order = /^\d{1,2}$/.test(key) ? Number(key) : Number.NaN;
    if (!(order <= INDEX_ORDER)) throw requestError(`MOC order "${key}" is not 0–29`, MOC_EXAMPLE);
    if (!Array.isArray(pixels)) throw requestError(`MOC order ${key} is not a list`, MOC_EXAMPLE);
    const shift = BigInt(2 * (INDEX_ORDER - order));
    for (const pixel of pixels) {
      if (Number.isInteger(pixel) && pixel > Number.MAX_SAFE_INTEGER) {
        throw requestError(
          `MOC pixel ${pixel} at order ${key} is too large for JSON`,
          'Save the MOC as FITS, or at order 24 or coarser.',
        );
      }
      if (!Number.isSafeInteger(pixel) || pixel < 0 || pixel >= 12 * 4 ** order) {
        throw requestError(`MOC pixel ${pixel} does not exist at order ${key}`, MOC_EXAMPLE);
      }
      bounds.push(BigInt(pixel) << shift, BigInt(pixel + 1) << shift);
    }
  }
  return fromRanges(BigInt64Array.from(bounds));
}

const MOC_EXAMPLE = 'For example {"1": [1, 2], "2": [12, 14]}.';

/**
 * The IVOA JSON form of a set. Deeper than order 24 (12 milliarcseconds) JSON numbers are not exact, so
 * finer ranges are covered outward by cells of `maxOrder`.
 */
export function mocToJson(set: RangeSet, maxOrder = MAX_PIXEL_ORDER): Record<string, number[]> {
  const moc: Record<string, number[]> = {};
  for (const { order, pixel } of toPixels(set, maxOrder)) {
    moc[order] ??= [];
    moc[order].push(pixel);
  }
  return moc;
}
