/** Puts a scan's rows in the order of the spatial index; a no-op for files that are sorted, as most are. */
import type { RowSet } from './row-set.ts';
import { takeRows } from './row-set.ts';

/** `set` with its rows ascending by index, rows of one index in their file order. */
export function sortedByIndex(set: RowSet, scan: number): RowSet {
  const index = set.index;
  if (index === null) throw new Error(`scan ${scan} was read without its spatial index`);
  const { high, low } = halves(index);
  if (isSorted(high, low)) return set;
  const rows = new Int32Array(set.length);
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  rows.sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]! || a - b);
  return takeRows(set, rows);
}

/** Two numbers per index value: comparing them makes no BigInt. */
function halves(index: BigInt64Array): { high: Int32Array; low: Uint32Array } {
  const signed = new Int32Array(index.buffer, index.byteOffset, index.length * 2);
  const unsigned = new Uint32Array(index.buffer, index.byteOffset, index.length * 2);
  const high = new Int32Array(index.length);
  const low = new Uint32Array(index.length);
  for (let i = 0; i < index.length; i++) {
    low[i] = unsigned[2 * i]!;
    high[i] = signed[2 * i + 1]!;
  }
  return { high, low };
}

function isSorted(high: Int32Array, low: Uint32Array): boolean {
  for (let i = 1; i < high.length; i++) {
    const step = high[i]! - high[i - 1]!;
    if (step < 0 || (step === 0 && low[i]! < low[i - 1]!)) return false;
  }
  return true;
}
