/**
 * Pairs of rows with the same whole number as key, found in typed arrays: a hash table of the left side's keys, through
 * which the right side goes in its order. The database would first need a table of the row numbers and join it
 * with the keys, at twenty times the cost.
 */
import { wordsOf } from '../../partitioning/facet.ts';
import { quoteName } from '../expression/quote.ts';
import { isNarrow } from '../expression/types.ts';
import type { NumericColumn } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import type { Loaded } from './loaded.ts';
import type { RowPairs, RowSet } from './row-set.ts';
import { setValues } from './row-values.ts';

/** Rows between two looks at the stop flag, less one. */
const STOP_ROWS = 0xffff;

/** Whether all values are whole numbers of 64 bits with a sign. */
export function isWholeKey({ type }: BoundColumn): boolean {
  return isNarrow(type) || type === 'BIGINT';
}

/** The keys of a set's rows. */
export async function wholeKeys(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  column: BoundColumn,
): Promise<NumericColumn> {
  const sql = `${quoteName(column.name)}::BIGINT`;
  const number = { sql, columns: [column], total: true, kind: 'i64' as const };
  const [keys] = await setValues(context, set, loaded).numbers([number]);
  return keys!;
}

/**
 * All pairs with equal keys, ascending by left row, then right row. A null is equal to nothing. More than `most` are too
 * many for the memory.
 */
export function pairsOfKeys(
  context: RunContext,
  left: NumericColumn,
  right: NumericColumn,
  most: number,
): Promise<RowPairs> {
  return timed(context, 'gather', () => {
    const checkStop = () => context.session.checkStop();
    const table = createKeyTable(left, checkStop);
    const first = table.firstRows(right, checkStop);
    const { next } = table;
    const ends = new Int32Array(left.values.length + 1);
    let pairs = 0;
    for (const row of first) {
      for (let l = row; l >= 0; l = next[l]!) {
        ends[l + 1]!++;
        pairs++;
      }
      // A key that most rows have would give more pairs than anything can hold.
      if (pairs > most) throw new CellTooLarge();
    }
    checkStop();
    for (let l = 0; l < left.values.length; l++) ends[l + 1]! += ends[l]!;
    const out = { left: new Int32Array(pairs), right: new Int32Array(pairs) };
    for (let r = 0; r < first.length; r++) {
      for (let l = first[r]!; l >= 0; l = next[l]!) {
        const at = ends[l]!++;
        out.left[at] = l;
        out.right[at] = r;
      }
    }
    return out;
  });
}

interface KeyTable {
  /** The next row with the same key, −1 for none. */
  readonly next: Int32Array;
  /** For each key the first row that has it, −1 for none. */
  firstRows(keys: NumericColumn, checkStop: () => void): Int32Array;
}

/** Open addressing: a slot holds the last row of a key put in, the others follow by `next`. */
function createKeyTable({ values, valid }: NumericColumn, stop: () => void): KeyTable {
  const rows = values.length;
  const words = wordsOf(values as BigInt64Array);
  const mask = slotsFor(rows) - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  const next = new Int32Array(rows).fill(-1);
  /** The slot of a key, or the free one where it belongs. */
  const slotOf = (low: number, high: number): number => {
    let slot = hash(low, high) & mask;
    for (;;) {
      const row = slots[slot]!;
      if (row < 0 || (words[2 * row] === low && words[2 * row + 1] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  };
  for (let row = 0; row < rows; row++) {
    if ((row & STOP_ROWS) === STOP_ROWS) stop();
    if (valid !== undefined && valid[row] === 0) continue;
    const slot = slotOf(words[2 * row]!, words[2 * row + 1]!);
    next[row] = slots[slot]!;
    slots[slot] = row;
  }
  return {
    next,
    firstRows(keys, checkStop) {
      const others = wordsOf(keys.values as BigInt64Array);
      const first = new Int32Array(keys.values.length);
      for (let r = 0; r < first.length; r++) {
        if ((r & STOP_ROWS) === STOP_ROWS) checkStop();
        const known = keys.valid === undefined || keys.valid[r] === 1;
        first[r] = known ? slots[slotOf(others[2 * r]!, others[2 * r + 1]!)]! : -1;
      }
      return first;
    },
  };
}

/** At least twice as many slots as rows. */
function slotsFor(rows: number): number {
  return 2 ** Math.ceil(Math.log2(2 * Math.max(1, rows)));
}

/** Mixes both words, so that numbers in a row and multiples of a power of two spread alike. */
function hash(low: number, high: number): number {
  let mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 12);
}
