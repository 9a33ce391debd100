/** Sorting rows by their spatial index, atom by atom. */
import { wordsOf } from '../../partitioning/facet.ts';

const TWO_32 = 2 ** 32;

/**
 * The rows in the order of `index`. They come in stretches that are in order already, stretch k being
 * [starts[k], starts[k + 1]), each within one pixel of order 5 or finer; equal indices keep their order.
 */
export function orderWithin(index: BigInt64Array, starts: Int32Array): Int32Array {
  const words = wordsOf(index);
  const rows = new Int32Array(index.length);
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  const scratch: Scratch = { keys: new Float64Array(0), spare: new Int32Array(0) };
  for (let k = 0; k + 1 < starts.length; k++) {
    const from = starts[k]!;
    const to = starts[k + 1]!;
    if (to - from < 2) continue;
    if (scratch.keys.length < to - from) {
      scratch.keys = new Float64Array(to - from);
      scratch.spare = new Int32Array(to - from);
    }
    // Indices of one order-5 pixel share all but 48 bits, so their distances are exact doubles.
    const base = words[2 * from + 1]! & ~0xffff;
    for (let i = from; i < to; i++) {
      scratch.keys[i - from] = (words[2 * i + 1]! - base) * TWO_32 + (words[2 * i]! >>> 0);
    }
    mergeSort(rows, from, to, scratch);
  }
  return rows;
}

interface Scratch {
  keys: Float64Array;
  spare: Int32Array;
}

/** Short stretches are sorted by insertion, then merged two by two. */
const RUN = 16;

function mergeSort(rows: Int32Array, from: number, to: number, { keys, spare }: Scratch): void {
  for (let start = from; start < to; start += RUN) {
    insertionSort(rows, start, Math.min(start + RUN, to), keys, from);
  }
  for (let width = RUN; width < to - from; width *= 2) {
    for (let start = from; start + width < to; start += 2 * width) {
      const middle = start + width;
      const end = Math.min(middle + width, to);
      for (let i = start; i < middle; i++) spare[i - start] = rows[i]!;
      let left = 0;
      let right = middle;
      let out = start;
      while (left < width && right < end) {
        const a = spare[left]!;
        const b = rows[right]!;
        if (keys[a - from]! <= keys[b - from]!) {
          rows[out++] = a;
          left++;
        } else {
          rows[out++] = b;
          right++;
        }
      }
      while (left < width) rows[out++] = spare[left++]!;
    }
  }
}

function insertionSort(
  rows: Int32Array,
  from: number,
  to: number,
  keys: Float64Array,
  base: number,
): void {
  for (let i = from + 1; i < to; i++) {
    const row = rows[i]!;
    const key = keys[row - base]!;
    let j = i - 1;
    while (j >= from && keys[rows[j]! - base]! > key) {
      rows[j + 1] = rows[j]!;
      j--;
    }
    rows[j + 1] = row;
  }
}

/** Writes a whole number below 2⁵³ (or −1) to place `i` of 64-bit numbers given as their words. */
export function writeInt64(words: Int32Array, i: number, value: number): void {
  words[2 * i] = value | 0;
  words[2 * i + 1] = Math.floor(value / TWO_32);
}
