/** Sorts numbers into bins between ascending edges, each bin with its lower edge, the last one with its upper, too. */
import type { RowNumber } from '../groups.ts';
import type { NumericColumn } from '../session.ts';

/** Bins of rows that are in none between the edges, counted from the number of bins on. */
export const BELOW = 0;
export const ABOVE = 1;
export const NOT_A_NUMBER = 2;
export const NO_VALUE = 3;

/** The bin of each row: 0 to n − 1 between n + 1 edges, from n on the four above. */
export function binsOf(
  { values, valid }: NumericColumn,
  { kind, biased }: RowNumber,
  edges: readonly number[],
): Int32Array {
  const bins = edges.length - 1;
  const limits = Float64Array.from(edges);
  const out = new Int32Array(values.length);
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const bias = biased ? 2 ** 31 : 0;
  for (let row = 0; row < out.length; row++) {
    if (valid !== undefined && valid[row] === 0) {
      out[row] = bins + NO_VALUE;
      continue;
    }
    if (kind === 'f64') {
      out[row] = binOf(values[row] as number, limits);
      continue;
    }
    const high = words[2 * row + 1]! + bias;
    out[row] =
      Math.abs(high) < 2 ** 21
        ? binOf(high * 2 ** 32 + (words[2 * row]! >>> 0), limits)
        : wideBin(high, words[2 * row]! >>> 0, limits);
  }
  return out;
}

function binOf(value: number, edges: Float64Array): number {
  const bins = edges.length - 1;
  if (value >= edges[0]! && value < edges[bins]!) return placeIn(value, edges);
  if (value < edges[0]!) return bins + BELOW;
  if (value === edges[bins]!) return bins - 1;
  return bins + (value > edges[bins]! ? ABOVE : NOT_A_NUMBER);
}

/** The last edge that is not above a value between the first and the last. */
function placeIn(value: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The bin of a whole number that no double may hold. Rounded to 53 bits it compares with every edge as it is, except
 * with the one that it is rounded to.
 */
function wideBin(high: number, low: number, edges: Float64Array): number {
  const rounded = high * 2 ** 32 + low;
  const off = BigInt(high) * 2n ** 32n + BigInt(low) - BigInt(rounded);
  const edge = off === 0n ? -1 : edges.indexOf(rounded);
  if (edge < 0) return binOf(rounded, edges);
  const bins = edges.length - 1;
  if (off < 0n) return edge === 0 ? bins + BELOW : edge - 1;
  return edge === bins ? bins + ABOVE : edge;
}
