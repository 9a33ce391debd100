/** Cosines of declinations, two at a time, bit for bit those of ../separation.ts: the same operations in the same order. */

const RADIANS_PER_DEGREE: f64 = Math.PI / 180.0;

/** Cosines of two declinations in degrees. */
export function cosDec(dec: v128): v128 {
  const size = f64x2.abs(dec);
  const isSmall = f64x2.le(size, f64x2.splat(45.0));
  const mask = i64x2.bitmask(isSmall);
  // Mostly both are.
  if (mask === 3) return cosSmall(times(size, RADIANS_PER_DEGREE));
  const sine = sinSmall(times(minus(90.0, size), RADIANS_PER_DEGREE));
  if (mask === 0) return sine;
  return v128.bitselect(cosSmall(times(size, RADIANS_PER_DEGREE)), sine, isSmall);
}

/** As in partitioning/sine.ts. */
function sinSmall(x: v128): v128 {
  const q = f64x2.mul(x, x);
  const q2 = f64x2.mul(q, q);
  const low = sum(-1.0 / 6.0, times(q, 1.0 / 120.0), q2, linear(-1.0 / 5040.0, q, 1.0 / 362880.0));
  const high = sum(
    -1.0 / 39916800.0,
    times(q, 1.0 / 6227020800.0),
    q2,
    linear(-1.0 / 1307674368000.0, q, 1.0 / 355687428096000.0),
  );
  const inner = f64x2.mul(q, f64x2.add(low, f64x2.mul(f64x2.mul(q2, q2), high)));
  return f64x2.add(x, f64x2.mul(x, inner));
}

/** As in partitioning/sine.ts. */
function cosSmall(x: v128): v128 {
  const q = f64x2.mul(x, x);
  const q2 = f64x2.mul(q, q);
  const low = f64x2.add(
    minus(1.0 / 24.0, times(q, 1.0 / 720.0)),
    f64x2.mul(q2, minus(1.0 / 40320.0, times(q, 1.0 / 3628800.0))),
  );
  const high = f64x2.add(
    minus(1.0 / 479001600.0, times(q, 1.0 / 87178291200.0)),
    times(q2, 1.0 / 20922789888000.0),
  );
  const inner = f64x2.add(low, f64x2.mul(f64x2.mul(q2, q2), high));
  return minus(1.0, f64x2.sub(times(q, 0.5), f64x2.mul(q2, inner)));
}

/** constant + x + q2 · y */
function sum(constant: f64, x: v128, q2: v128, y: v128): v128 {
  return f64x2.add(f64x2.add(f64x2.splat(constant), x), f64x2.mul(q2, y));
}

/** constant + factor · x */
function linear(constant: f64, x: v128, factor: f64): v128 {
  return f64x2.add(f64x2.splat(constant), times(x, factor));
}

/** factor · x */
export function times(x: v128, factor: f64): v128 {
  return f64x2.mul(x, f64x2.splat(factor));
}

/** from − x */
export function minus(from: f64, x: v128): v128 {
  return f64x2.sub(f64x2.splat(from), x);
}
