/** The encoding BYTE_STREAM_SPLIT: as many streams as a value has bytes. Source: the Apache Parquet format. */

/** Eight streams, of the first bytes of all values, of the second ones and so on, to values. */
export function joinStreams(from: usize, to: usize, values: i32): void {
  const n = <usize>values;
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = from + i;
    // Bytes 0 and 1 of sixteen values, 2 and 3, and so on; then fours, then whole values.
    joinSixteen(
      v128.load(at),
      v128.load(at + n),
      v128.load(at + 2 * n),
      v128.load(at + 3 * n),
      v128.load(at + 4 * n),
      v128.load(at + 5 * n),
      v128.load(at + 6 * n),
      v128.load(at + 7 * n),
      to + (i << 3),
    );
  }
  joinRest(from, to, n, i, 8);
}

/** The same of values of four bytes. */
export function joinStreams4(from: usize, to: usize, values: i32): void {
  const n = <usize>values;
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = from + i;
    const a = v128.load(at);
    const b = v128.load(at + n);
    const c = v128.load(at + 2 * n);
    const d = v128.load(at + 3 * n);
    const out = to + (i << 2);
    storeFours(lowBytes(a, b), lowBytes(c, d), out);
    storeFours(highBytes(a, b), highBytes(c, d), out + 32);
  }
  joinRest(from, to, n, i, 4);
}

function joinRest(from: usize, to: usize, n: usize, first: usize, width: usize): void {
  for (let i = first; i < n; i++) {
    for (let k: usize = 0; k < width; k++) {
      store<u8>(to + i * width + k, load<u8>(from + k * n + i));
    }
  }
}

function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

function lowTwos(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function highTwos(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Twos to the fours of four values, and of the next four. */
function storeFours(ab: v128, cd: v128, to: usize): void {
  v128.store(to, lowTwos(ab, cd));
  v128.store(to, highTwos(ab, cd), 16);
}

/** Twos and twos to the eights of four values, and of the next four. */
function storeEight(ab: v128, cd: v128, ef: v128, gh: v128, to: usize): void {
  storeFour(lowTwos(ab, cd), lowTwos(ef, gh), to);
  storeFour(highTwos(ab, cd), highTwos(ef, gh), to + 32);
}

function storeFour(low: v128, high: v128, to: usize): void {
  v128.store(to, v128.shuffle<i32>(low, high, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<i32>(low, high, 2, 6, 3, 7), 16);
}

function joinSixteen(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
  to: usize,
): void {
  storeEight(lowBytes(a, b), lowBytes(c, d), lowBytes(e, f), lowBytes(g, h), to);
  storeEight(highBytes(a, b), highBytes(c, d), highBytes(e, f), highBytes(g, h), to + 64);
}

/** Values of eight bytes to eight streams. */
export function splitStreams(from: usize, to: usize, values: i32): void {
  const n = <usize>values;
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = from + (i << 3);
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const e = v128.load(at, 64);
    const f = v128.load(at, 80);
    const g = v128.load(at, 96);
    const h = v128.load(at, 112);
    // The first four bytes of sixteen values, and the last four.
    splitSixteen(evenFours(a, b), evenFours(c, d), evenFours(e, f), evenFours(g, h), to + i, n);
    const rest = to + i + 4 * n;
    splitSixteen(oddFours(a, b), oddFours(c, d), oddFours(e, f), oddFours(g, h), rest, n);
  }
  splitRest(from, to, n, i, 8);
}

/** Values of four bytes to four streams. */
export function splitStreams4(from: usize, to: usize, values: i32): void {
  const n = <usize>values;
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = from + (i << 2);
    splitSixteen(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), to + i, n);
  }
  splitRest(from, to, n, i, 4);
}

function splitRest(from: usize, to: usize, n: usize, first: usize, width: usize): void {
  for (let i = first; i < n; i++) {
    for (let k: usize = 0; k < width; k++) {
      store<u8>(to + k * n + i, load<u8>(from + i * width + k));
    }
  }
}

function evenFours(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

function oddFours(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

function evenTwos(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

function oddTwos(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

function evenBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

function oddBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/** Sixteen values of four bytes to four streams, `n` bytes apart. */
function splitSixteen(a: v128, b: v128, c: v128, d: v128, to: usize, n: usize): void {
  const low = evenTwos(a, b);
  const low2 = evenTwos(c, d);
  const high = oddTwos(a, b);
  const high2 = oddTwos(c, d);
  v128.store(to, evenBytes(low, low2));
  v128.store(to + n, oddBytes(low, low2));
  v128.store(to + 2 * n, evenBytes(high, high2));
  v128.store(to + 3 * n, oddBytes(high, high2));
}
