/** Counts rows per HEALPix pixel of one order, sparse. */
import { wordsOf } from '../../partitioning/facet.ts';
import { hashToInt32 } from '../../partitioning/healpix.ts';
import { inBlocks } from '../../partitioning/in-blocks.ts';
import { INDEX_ORDER } from '../../partitioning/pixel.ts';
import type { SparseMap } from '../task.ts';
import { groupRows } from './group-rows.ts';

/** Rows whose pixel numbers are worked out at a time: what is made of them stays in the processor's cache. */
const BLOCK_ROWS = 4096;

const block = {
  ra: new Float64Array(BLOCK_ROWS),
  dec: new Float64Array(BLOCK_ROWS),
  weights: new Uint32Array(BLOCK_ROWS),
  pixels: new Int32Array(BLOCK_ROWS),
};

/** Rows per pixel at `order` (at most 13); `weights[i]`: how often row i counts, absent: once. */
export function countPerPixel(
  ra: Float64Array,
  dec: Float64Array,
  order: number,
  weights?: Uint32Array,
): SparseMap {
  runs.clear();
  for (let from = 0; from < ra.length; ) {
    if (weights === undefined) {
      const to = Math.min(ra.length, from + BLOCK_ROWS);
      hashToInt32(ra.subarray(from, to), dec.subarray(from, to), order, block.pixels);
      runs.addRows(to - from);
      from = to;
    } else {
      const { rows, next } = fillBlock(ra, dec, weights, from);
      hashToInt32(block.ra.subarray(0, rows), block.dec, order, block.pixels);
      runs.addWeights(rows);
      from = next;
    }
  }
  return runs.map(order);
}

/** Indices of order 29 are below it. */
const INDEX_END = 12n << BigInt(2 * INDEX_ORDER);

/**
 * Rows per pixel at `order` (at most 13) by their order-29 index, ascending, as LSDB counts those that it writes: where an index
 * disagrees with the position, the map agrees with the partitions. Null where some are no indices.
 */
export function countByIndex(index: BigInt64Array, order: number): SparseMap | null {
  if (index.length > 0 && (index[0]! < 0n || index.at(-1)! >= INDEX_END)) return null;
  runs.clear();
  const words = wordsOf(index);
  inBlocks(index.length, (from, to) => runs.addIndices(words, from, to, 2 * (INDEX_ORDER - order)));
  return runs.map(order);
}

/** Rows of all pixels. */
export function rowsOfMap({ counts }: SparseMap): number {
  let rows = 0;
  for (const count of counts) rows += count;
  return rows;
}

/** Fills the block with rows from `from` on that count: the pixel numbers of others need not be known. */
function fillBlock(
  ra: Float64Array,
  dec: Float64Array,
  weights: Uint32Array,
  from: number,
): { rows: number; next: number } {
  let rows = 0;
  let row = from;
  for (; row < ra.length && rows < BLOCK_ROWS; row++) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    block.ra[rows] = ra[row]!;
    block.dec[rows] = dec[row]!;
    block.weights[rows++] = weight;
  }
  return { rows, next: row };
}

/** Counts of pixels in the order of rows, which most often is that of pixels: a run of one pixel is one entry. */
class Runs {
  #pixels = new Int32Array(1024);
  #counts = new Float64Array(1024);
  #length = 0;
  #isAscending = true;

  clear(): void {
    this.#length = 0;
    this.#isAscending = true;
  }

  /** Adds the first rows of the block, each once. */
  addRows(rows: number): void {
    this.#makeRoom(rows);
    const { pixels } = block;
    for (let i = 0; i < rows; i++) this.#add(pixels[i]!, 1);
  }

  /** The same with the block's weights. */
  addWeights(rows: number): void {
    this.#makeRoom(rows);
    const { pixels, weights } = block;
    for (let i = 0; i < rows; i++) this.#add(pixels[i]!, weights[i]!);
  }

  /** Adds rows [from, to) by their indices, two words each, whose last `shift` bits, 32 at least, are below a pixel. */
  addIndices(words: Int32Array, from: number, to: number, shift: number): void {
    this.#makeRoom(to - from);
    for (let i = from; i < to; i++) this.#add(words[2 * i + 1]! >>> (shift - 32), 1);
  }

  #add(pixel: number, count: number): void {
    const last = this.#length - 1;
    const before = last < 0 ? -1 : this.#pixels[last]!;
    if (pixel === before) {
      this.#counts[last]! += count;
      return;
    }
    if (pixel < before) this.#isAscending = false;
    this.#pixels[last + 1] = pixel;
    this.#counts[last + 1] = count;
    this.#length++;
  }

  #makeRoom(rows: number): void {
    const needed = this.#length + rows;
    if (needed <= this.#pixels.length) return;
    const pixels = new Int32Array(2 * needed);
    const counts = new Float64Array(2 * needed);
    pixels.set(this.#pixels.subarray(0, this.#length));
    counts.set(this.#counts.subarray(0, this.#length));
    this.#pixels = pixels;
    this.#counts = counts;
  }

  /** The counts in ascending pixel order. */
  map(order: number): SparseMap {
    const pixels = this.#pixels.subarray(0, this.#length);
    const counts = this.#counts.slice(0, this.#length);
    if (this.#isAscending) return { order, pixels: new Float64Array(pixels), counts };
    const { order: runs, end, place } = groupRows(this.#length, null, pixels);
    const sums = new Float64Array(end.length);
    let from = 0;
    for (let group = 0; group < end.length; group++) {
      const to = end[group]!;
      for (let i = from; i < to; i++) sums[group]! += counts[runs === null ? i : runs[i]!]!;
      from = to;
    }
    return { order, pixels: new Float64Array(place!), counts: sums };
  }
}

/** Kept from cell to cell: memory that is new is what takes time. */
const runs = new Runs();
