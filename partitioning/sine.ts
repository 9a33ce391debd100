/**
 * Sine and cosine of small angles by their power series. They are inlined into hot loops, and they make
 * every index and distance the same on every machine: engines differ in the last bits of `Math.sin`.
 *
 * The terms are grouped as a binary tree, which leaves the processor independent work, and the factorials
 * are written out, because a literal costs less in an inlined function than a module's constant.
 */

/** Sine of x radians, |x| ≤ π/4. The first omitted term, x¹⁹/19!, is below 2e-19 of x. */
export function sinSmall(x: number): number {
  const q = x * x;
  const q2 = q * q;
  const low = -1 / 6 + q * (1 / 120) + q2 * (-1 / 5040 + q * (1 / 362880));
  const high =
    -1 / 39916800 + q * (1 / 6227020800) + q2 * (-1 / 1307674368000 + q * (1 / 355687428096000));
  return x + x * (q * (low + q2 * q2 * high));
}

/** Cosine of x radians, |x| ≤ π/4. The first omitted term, x¹⁸/18!, is below 2.1e-18. */
export function cosSmall(x: number): number {
  const q = x * x;
  const q2 = q * q;
  const low = 1 / 24 - q * (1 / 720) + q2 * (1 / 40320 - q * (1 / 3628800));
  const high = 1 / 479001600 - q * (1 / 87178291200) + q2 * (1 / 20922789888000);
  return 1 - (0.5 * q - q2 * (low + q2 * q2 * high));
}

/** Sine of any finite angle in degrees; whole right angles are taken off first, which is exact. */
export function sinDegrees(degrees: number): number {
  const rest = degrees % 360;
  const quarters = Math.round(rest / 90);
  const x = (rest - 90 * quarters) * (Math.PI / 180);
  const value = (quarters & 1) === 0 ? sinSmall(x) : cosSmall(x);
  return (quarters & 2) === 0 ? value : -value;
}

/** Cosine of any finite angle in degrees, as {@link sinDegrees}. */
export function cosDegrees(degrees: number): number {
  const rest = Math.abs(degrees % 360);
  const quarters = Math.round(rest / 90);
  const x = (rest - 90 * quarters) * (Math.PI / 180);
  const value = (quarters & 1) === 0 ? cosSmall(x) : -sinSmall(x);
  return (quarters & 2) === 0 ? value : -value;
}
