/** The normal distribution in plain arithmetic; one uniform number in, one normal number out. */

/**
 * Probability that a standard normal value is below `z`, to ±2e-7. Only +, × and ÷, so that row counts
 * derived from it are the same on every platform (M. Abramowitz and I. Stegun, Handbook of Mathematical
 * Functions, 7.1.28).
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  let p = 0.0002765672 + x * 0.0000430638;
  p = 0.0092705272 + x * (0.0001520143 + x * p);
  p = 1 + x * (0.0705230784 + x * (0.0422820123 + x * p));
  const p4 = p * p * (p * p);
  const tail = 0.5 / (p4 * p4 * (p4 * p4));
  return z < 0 ? tail : 1 - tail;
}

/** The normal distribution cut off at ±4 standard deviations: 0 and 1 there and beyond. */
export function truncatedCdf(z: number): number {
  if (z <= -4) return 0;
  if (z >= 4) return 1;
  return (normalCdf(z) - TAIL_4) / (1 - 2 * TAIL_4);
}

/** Inverse of {@link truncatedCdf} up to 1e-3 at the far ends. */
export function truncatedQuantile(p: number): number {
  return normalQuantile(TAIL_4 + p * (1 - 2 * TAIL_4));
}

const TAIL_4 = normalCdf(-4);
const LOW = 0.02425;

/**
 * The value below which a standard normal value lies with probability `p`, 0 < p < 1, relative error 1.2e-9
 * (rational approximation by P. J. Acklam). Its tails use log, so the last bits may differ between
 * JavaScript engines.
 */
export function normalQuantile(p: number): number {
  if (p < LOW) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - LOW) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  let top = -39.69683028665376 * r + 220.9460984245205;
  top = (top * r - 275.9285104469687) * r + 138.357751867269;
  top = (top * r - 30.66479806614716) * r + 2.506628277459239;
  let bottom = -54.47609879822406 * r + 161.5858368580409;
  bottom = (bottom * r - 155.6989798598866) * r + 66.80131188771972;
  bottom = (bottom * r - 13.28068155288572) * r + 1;
  return (top * q) / bottom;
}

function tail(q: number): number {
  let top = -0.007784894002430293 * q - 0.3223964580411365;
  top = (top * q - 2.400758277161838) * q - 2.549732538343734;
  top = (top * q + 4.374664141464968) * q + 2.938163982698783;
  let bottom = 0.007784695709041462 * q + 0.3224671290700398;
  bottom = (bottom * q + 2.445134137142996) * q + 3.754408661907416;
  return top / (bottom * q + 1);
}
