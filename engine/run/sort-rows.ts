/** Puts a scan's rows in the order of the spatial index; a no-op for files that are sorted, as most are. */
import { wordsOf } from '../../partitioning/facet.ts';
import { inBlocks } from '../../partitioning/in-blocks.ts';
import { consecutive, type RowSet, takeRows } from './row-set.ts';

/** `set` with its rows ascending by index, rows of one index in their file order. */
export function sortedByIndex(set: RowSet, scan: number): RowSet {
  const index = set.index;
  if (index === null) throw new Error(`scan ${scan} was read without its spatial index`);
  const rows = ascending(index);
  return rows === null ? set : takeRows(set, rows);
}

/**
 * The rows in the order of their index; null: they are in it. Rows come as a few sorted runs, one for each file, which
 * are merged two by two: n log(runs) comparisons.
 */
export function ascending(index: BigInt64Array): Int32Array | null {
  const keys = new IndexKeys(index);
  let starts = runStarts(wordsOf(index));
  if (starts.length <= 1) return null;
  let from = consecutive(0, index.length);
  let to = new Int32Array(index.length);
  while (starts.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < starts.length; run += 2) {
      const start = starts[run]!;
      const middle = starts[run + 1] ?? index.length;
      mergeRuns(keys, from, to, [start, middle, starts[run + 2] ?? index.length]);
      merged.push(start);
    }
    starts = merged;
    [from, to] = [to, from];
  }
  return from;
}

/** Two words per index value: comparing them makes no BigInt. */
class IndexKeys {
  readonly #words: Int32Array;

  constructor(index: BigInt64Array) {
    this.#words = wordsOf(index);
  }

  /** Whether row `a` has a smaller index than row `b`. */
  less(a: number, b: number): boolean {
    const words = this.#words;
    const highA = words[2 * a + 1]!;
    const highB = words[2 * b + 1]!;
    return highA < highB || (highA === highB && words[2 * a]! >>> 0 < words[2 * b]! >>> 0);
  }
}

/** Where ascending runs begin, of keys of two words each. */
function runStarts(words: Int32Array): number[] {
  const rows = words.length / 2;
  const starts = rows === 0 ? [] : [0];
  inBlocks(rows, (from, to) => addStarts(words, Math.max(1, from), to, starts));
  return starts;
}

function addStarts(words: Int32Array, from: number, to: number, starts: number[]): void {
  for (let i = from; i < to; i++) {
    const high = words[2 * i + 1]!;
    const before = words[2 * i - 1]!;
    if (high > before) continue;
    if (high < before || words[2 * i]! >>> 0 < words[2 * i - 2]! >>> 0) starts.push(i);
  }
}

/** Merges the runs [start, middle) and [middle, end) of `from`; of equal rows those of the first come first. */
function mergeRuns(
  keys: IndexKeys,
  from: Int32Array,
  to: Int32Array,
  [start, middle, end]: readonly [number, number, number],
): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takesRight = right < end && (left === middle || keys.less(from[right]!, from[left]!));
    to[at] = takesRight ? from[right++]! : from[left++]!;
  }
}
