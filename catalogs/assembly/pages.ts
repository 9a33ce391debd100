/**
 * Encoded values of Parquet pages, eight bytes each, put together; in AssemblyScript, which becomes WebAssembly
 * (../compiled-pages.ts, by `npm run loops`). What comes in begins at `from`, what goes out at `to`, a multiple of 16;
 * ../page-loops.ts sees to it that there is room for both.
 *
 * Source: the encodings BYTE_STREAM_SPLIT and DELTA_BINARY_PACKED of the Apache Parquet format.
 */

/** Eight streams, of the first bytes of all values, of the second ones and so on. */
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
  for (; i < n; i++) {
    for (let k: usize = 0; k < 8; k++) {
      store<u8>(to + (i << 3) + k, load<u8>(from + k * n + i));
    }
  }
}

function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Twos and twos to the fours of four values, and of the next four. */
function storeEight(ab: v128, cd: v128, ef: v128, gh: v128, to: usize): void {
  storeFour(
    v128.shuffle<i16>(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11),
    v128.shuffle<i16>(ef, gh, 0, 8, 1, 9, 2, 10, 3, 11),
    to,
  );
  storeFour(
    v128.shuffle<i16>(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15),
    v128.shuffle<i16>(ef, gh, 4, 12, 5, 13, 6, 14, 7, 15),
    to + 32,
  );
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

let at: usize = 0;
let limit: usize = 0;

/** Unsigned; what is beyond 64 bits is cut off. */
function varint(): u64 {
  let value: u64 = 0;
  for (let shift = 0; shift < 70 && at < limit; shift += 7) {
    const byte = load<u8>(at++);
    value |= (<u64>(byte & 0x7f)) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

function zigzag(): i64 {
  const value = varint();
  return <i64>(value >> 1) ^ -(<i64>(value & 1));
}

/**
 * Values stored as differences, packed in as few bits as they take, from `bytes` bytes; returns how many there were, or
 * −1 for what is not such a page of `values` values. Reads up to eight bytes beyond the end.
 */
export function unpackDeltas(from: usize, bytes: i32, to: usize, values: i32): i32 {
  at = from;
  limit = from + <usize>bytes;
  const blockValues = <i64>varint();
  const miniBlocks = <i64>varint();
  if (<i64>varint() !== <i64>values || miniBlocks < 1 || blockValues < 1) return -1;
  if (blockValues > 1 << 24 || miniBlocks > 1 << 16 || blockValues % (miniBlocks * 32) !== 0)
    return -1;
  const perMini = <i32>(blockValues / miniBlocks);
  let value = zigzag();
  if (values === 0) return 0;
  store<i64>(to, value);
  let count = 1;
  while (count < values) {
    const least = zigzag();
    const widths = at;
    at += <usize>miniBlocks;
    if (at > limit) return -1;
    for (let m = 0; m < <i32>miniBlocks && count < values; m++) {
      const width = <i32>load<u8>(widths + <usize>m);
      const end = at + <usize>(perMini >> 3) * <usize>width;
      if (width > 64 || end > limit) return -1;
      const wanted = min(perMini, values - count);
      for (let i = 0; i < wanted; i++) {
        value += least + packed(at, i, width);
        store<i64>(to + ((<usize>count) << 3), value);
        count++;
      }
      at = end;
    }
  }
  return count;
}

/** Number `i` of a run of numbers of so many bits. */
function packed(run: usize, i: i32, width: i32): i64 {
  if (width === 0) return 0;
  const bit = <i64>i * <i64>width;
  const byte = run + <usize>(bit >> 3);
  const shift = <i64>(bit & 7);
  let value = load<u64>(byte) >> shift;
  if (shift + <i64>width > 64) value |= (<u64>load<u8>(byte, 8)) << (64 - shift);
  return width === 64 ? <i64>value : <i64>(value & (((<u64>1) << (<u64>width)) - 1));
}
