/**
 * Cells with too many rows become k-d trees in place (Bentley 1975, CACM 18, 509): the middle slot of a range
 * is the median in one coordinate, the halves beside it are split in the other one, down to short runs.
 */
import { SLOT } from './arena.ts';

/** Slots of a grid and their rows. */
export interface Slots {
  readonly slots: Int32Array;
  readonly slotRows: Int32Array;
}

/** Runs of at most this many slots are not split. */
export const LEAF_SLOTS = 24;

/** Reorders the slots [from, to) into a tree whose first split is in dec. */
export function splitCell(cells: Slots, from: number, to: number, axis: 0 | 1 = 0): void {
  if (to - from <= LEAF_SLOTS) return;
  const middle = (from + to) >> 1;
  select(cells, from, to - 1, middle, axis);
  splitCell(cells, from, middle, axis === 0 ? 1 : 0);
  splitCell(cells, middle + 1, to, axis === 0 ? 1 : 0);
}

/** Puts the slot that sorting [low, high] would put at `middle` there, smaller ones before it (Hoare's FIND). */
function select(
  { slots, slotRows }: Slots,
  first: number,
  last: number,
  middle: number,
  axis: number,
): void {
  let low = first;
  let high = last;
  while (low < high) {
    const pivot = medianOfThree(
      slots[SLOT * low + axis]!,
      slots[SLOT * ((low + high) >> 1) + axis]!,
      slots[SLOT * high + axis]!,
    );
    let i = low;
    let j = high;
    while (i <= j) {
      while (slots[SLOT * i + axis]! < pivot) i++;
      while (slots[SLOT * j + axis]! > pivot) j--;
      if (i <= j) {
        swap(slots, SLOT * i, SLOT * j);
        swap(slots, SLOT * i + 1, SLOT * j + 1);
        swap(slotRows, i++, j--);
      }
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(numbers: Int32Array, a: number, b: number): void {
  const first = numbers[a]!;
  numbers[a] = numbers[b]!;
  numbers[b] = first;
}
