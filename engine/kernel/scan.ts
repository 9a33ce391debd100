/** Tests right rows against the window of a search (search.ts), slot by slot or down a tree. */
import { ARCSEC_PER_DEGREE, arcsecFromChordSquared } from '../../partitioning/sphere.ts';
import { SLOT } from './arena.ts';
import { decHalfWidth, HALF_TURN, raHalfWidth } from './fixed-point.ts';
import { heapify, siftDown } from './heap.ts';
import type { RowSearch } from './row-search.ts';
import { keep } from './scratch.ts';
import { chordSquaredBetween, cosDec } from './separation.ts';
import { LEAF_SLOTS } from './tree.ts';

/** Slots read between two looks at the stop flag: about a millisecond. */
const WORK_PER_CHECK = 1 << 16;

/** Tests the slots [from, to) one by one. */
export function scanSlots(search: RowSearch, from: number, to: number): void {
  const { slots, slotRows } = search.grid;
  const { ra: ra2, dec: dec2 } = search.right;
  const { cosines } = search;
  const { above } = search.limits;
  const { ra, dec, cos, decHalf, raHalf } = search;
  // A coordinate without limit is masked out; its half-width stands for nothing then.
  const decMask = decHalf === Number.POSITIVE_INFINITY ? 0 : -1;
  const raMask = raHalf === Number.POSITIVE_INFINITY ? 0 : -1;
  const tall = decMask === 0 ? 0 : decHalf;
  const wide = raMask === 0 ? 0 : raHalf;
  const bottom = (search.decCentre - tall) | 0;
  const west = (search.raCentre - wide) | 0;
  let most = search.most;
  for (let slot = from; slot < to; slot++) {
    const up = (slots[SLOT * slot]! - bottom) | 0;
    const east = (slots[SLOT * slot + 1]! - west) | 0;
    const out = ((up | (2 * tall - up)) & decMask) | ((east | (2 * wide - east)) & raMask);
    if (out < 0) continue;
    const row = slotRows[slot]!;
    const d = dec2[row]!;
    const cos2 = cosines === null ? cosDec(d) : cosines[row]!;
    const chord = chordSquaredBetween(ra, dec, cos, ra2[row]!, d, cos2);
    if (chord > above && chord <= most) {
      if (search.wanted === 0) {
        search.found++;
      } else {
        offer(search, chord, row);
        most = search.most;
      }
    }
  }
  search.work += to - from;
  if (search.work >= WORK_PER_CHECK) {
    search.work = 0;
    search.checkStop();
  }
}

/** Takes one more neighbour in; once there are as many as wanted, the furthest makes room for a nearer one. */
function offer(search: RowSearch, chord: number, row: number): void {
  const { scratch, wanted, found } = search;
  if (found < wanted) {
    search.found = keep(scratch, found, chord, row);
    if (search.found < wanted) return;
    heapify(scratch.chords, scratch.rows, wanted);
  } else if (chord === search.most) {
    search.tied = true;
    return;
  } else {
    const furthest = scratch.chords[0]!;
    scratch.chords[0] = chord;
    scratch.rows[0] = row;
    siftDown(scratch.chords, scratch.rows, 0, wanted);
    if (scratch.chords[0]! === furthest) search.tied = true;
  }
  search.most = scratch.chords[0]!;
  shrink(search);
}

/** Fits the window to the furthest neighbour kept. */
function shrink(search: RowSearch): void {
  const radius = radiusOf(search.most);
  const tall = decHalfWidth(radius);
  // Small gains are not worth the trigonometry.
  if (tall >= 0.9 * search.decHalf) return;
  search.decHalf = tall;
  search.raHalf = Math.min(search.raHalf, raHalfWidth(radius, search.dec));
}

/** Visits the tree in the slots [from, to), nearer halves first. */
export function scanTree(search: RowSearch, from: number, to: number): void {
  const { stack } = search;
  const { slots } = search.grid;
  let top = push(stack, 0, from, to, 0, 0);
  while (top > 0) {
    top -= 4;
    const low = stack[top]!;
    const high = stack[top + 1]!;
    const axis = stack[top + 2]! & 1;
    // Deferred halves: how far their border is away, to see whether the window still reaches it.
    if ((stack[top + 2]! & 2) !== 0 && !reaches(search, 1 - axis, stack[top + 3]!)) continue;
    if (high - low <= LEAF_SLOTS) {
      scanSlots(search, low, high);
      continue;
    }
    const middle = (low + high) >> 1;
    scanSlots(search, middle, middle + 1);
    const border = slots[middle * SLOT + axis]!;
    const below = (axis === 0 ? search.decCentre : search.raCentre) <= border;
    const deferred = 2 + (1 - axis);
    if (below) {
      top = push(stack, top, middle + 1, high, deferred, border);
      top = push(stack, top, low, middle, 1 - axis, 0);
    } else {
      top = push(stack, top, low, middle, deferred, border);
      top = push(stack, top, middle + 1, high, 1 - axis, 0);
    }
  }
}

function push(
  stack: Int32Array,
  top: number,
  low: number,
  high: number,
  kind: number,
  border: number,
): number {
  stack[top] = low;
  stack[top + 1] = high;
  stack[top + 2] = kind;
  stack[top + 3] = border;
  return top + 4;
}

/** Whether the window reaches over a border in one coordinate. */
function reaches(search: RowSearch, axis: number, border: number): boolean {
  if (axis === 0) return Math.abs(border - search.decCentre) <= search.decHalf;
  const { raCentre, raHalf } = search;
  // Across the seam the far side of the border may be near after all.
  if (raCentre - raHalf < -HALF_TURN || raCentre + raHalf >= HALF_TURN) return true;
  return Math.abs(border - raCentre) <= raHalf;
}

/** Degrees that are surely not less than the distance with this squared chord. */
export function radiusOf(chord: number): number {
  return (arcsecFromChordSquared(chord) / ARCSEC_PER_DEGREE) * (1 + 1e-9) + 1e-9;
}
