/** The least and the greatest of some values, which are stored at `to` and behind it. */

/** False where all are NaN. */
export function boundDoubles(from: usize, values: i32, to: usize): bool {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i: usize = 0; i < <usize>values; i++) {
    const value = load<f64>(from + (i << 3));
    // Comparisons with NaN are false.
    if (value < least) least = value;
    if (value > most) most = value;
  }
  store<f64>(to, least);
  store<f64>(to, most, 8);
  return least <= most;
}

/** False where all are NaN. */
export function boundFloats(from: usize, values: i32, to: usize): bool {
  let least: f32 = f32.POSITIVE_INFINITY;
  let most: f32 = f32.NEGATIVE_INFINITY;
  for (let i: usize = 0; i < <usize>values; i++) {
    const value = load<f32>(from + (i << 2));
    if (value < least) least = value;
    if (value > most) most = value;
  }
  store<f32>(to, least);
  store<f32>(to, most, 4);
  return least <= most;
}

export function boundLongs(from: usize, values: i32, to: usize, isSigned: bool): void {
  // Flipping the first bit puts unsigned numbers in the order of signed ones.
  const flip: i64 = isSigned ? 0 : i64.MIN_VALUE;
  let least = i64.MAX_VALUE;
  let most = i64.MIN_VALUE;
  for (let i: usize = 0; i < <usize>values; i++) {
    const value = load<i64>(from + (i << 3)) ^ flip;
    least = min(least, value);
    most = max(most, value);
  }
  store<i64>(to, least ^ flip);
  store<i64>(to, most ^ flip, 8);
}

export function boundIntegers(from: usize, values: i32, to: usize, isSigned: bool): void {
  const flip: i32 = isSigned ? 0 : i32.MIN_VALUE;
  let least = i32.MAX_VALUE;
  let most = i32.MIN_VALUE;
  for (let i: usize = 0; i < <usize>values; i++) {
    const value = load<i32>(from + (i << 2)) ^ flip;
    least = min(least, value);
    most = max(most, value);
  }
  store<i32>(to, least ^ flip);
  store<i32>(to, most ^ flip, 4);
}
