/** The doubles beside a finite double other than zero. */

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The next larger one. */
export function doubleAbove(value: number): number {
  double[0] = value;
  bits[0]! += value > 0 ? 1n : -1n;
  return double[0]!;
}

/** The next smaller one. */
export function doubleBelow(value: number): number {
  return -doubleAbove(-value);
}
