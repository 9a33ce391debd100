/** Output rows of one block, in growing arrays of its own, so that the caller may keep them. */
import { arcsecFromChordSquared } from '../../partitioning/sphere.ts';
import type { Pairs } from './types.ts';

export interface Output {
  left: Int32Array;
  right: Int32Array;
  /** Squared chords until {@link finish}; NaN: unmatched. */
  chords: Float64Array;
  length: number;
  readonly most: number;
}

/** Room for `expected` rows at first, and for `most` at most. Memory that is never written costs none. */
export function createOutput(expected: number, most: number): Output {
  const capacity = Math.min(expected, most);
  return {
    left: new Int32Array(capacity),
    right: new Int32Array(capacity),
    chords: new Float64Array(capacity),
    length: 0,
    most,
  };
}

/** Makes room for `more` rows, which must fit below `most`. */
export function reserve(output: Output, more: number): void {
  const needed = output.length + more;
  if (needed <= output.left.length) return;
  const capacity = Math.min(output.most, Math.max(needed, Math.ceil(1.5 * output.left.length)));
  const { left, right, chords } = output;
  output.left = new Int32Array(capacity);
  output.right = new Int32Array(capacity);
  output.chords = new Float64Array(capacity);
  output.left.set(left);
  output.right.set(right);
  output.chords.set(chords);
}

/** The rows as pairs, or null when there are none; the squared chords turn into distances in place. */
export function finish(output: Output): Pairs | null {
  const { left, right, chords, length } = output;
  if (length === 0) return null;
  for (let i = 0; i < length; i++) chords[i] = arcsecFromChordSquared(chords[i]!);
  return {
    length,
    left: left.subarray(0, length),
    right: right.subarray(0, length),
    distArcsec: chords.subarray(0, length),
  };
}
