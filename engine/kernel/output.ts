/** Output rows of one block, in growing arrays of its own, so that the caller may keep them. */
import { arcsecFromChordSquared } from '../../partitioning/sphere.ts';
import type { Pairs } from './types.ts';

export interface Output {
  left: Int32Array;
  right: Int32Array;
  /** NaN: unmatched. */
  distArcsec: Float64Array;
  length: number;
  readonly most: number;
}

/** Room for `expected` rows at first, and for `most` at most. Memory that is never written costs none. */
export function createOutput(expected: number, most: number): Output {
  const capacity = Math.min(expected, most);
  return {
    left: new Int32Array(capacity),
    right: new Int32Array(capacity),
    distArcsec: new Float64Array(capacity),
    length: 0,
    most,
  };
}

/** Makes room for `more` rows, which must fit below `most`. */
export function reserve(output: Output, more: number): void {
  const needed = output.length + more;
  if (needed <= output.left.length) return;
  const capacity = Math.min(output.most, Math.max(needed, Math.ceil(1.5 * output.left.length)));
  const { left, right, distArcsec } = output;
  output.left = new Int32Array(capacity);
  output.right = new Int32Array(capacity);
  output.distArcsec = new Float64Array(capacity);
  output.left.set(left);
  output.right.set(right);
  output.distArcsec.set(distArcsec);
}

/** The rows as pairs, or null when there are none. */
export function finish(output: Output): Pairs | null {
  const { left, right, distArcsec, length } = output;
  if (length === 0) return null;
  return {
    length,
    left: left.subarray(0, length),
    right: right.subarray(0, length),
    distArcsec: distArcsec.subarray(0, length),
  };
}

/** Appends one row, for which there is room; `chord` squared. */
export function append(output: Output, left: number, right: number, chord: number): void {
  const at = output.length++;
  output.left[at] = left;
  output.right[at] = right;
  output.distArcsec[at] = arcsecFromChordSquared(chord);
}
