/** The encoding DELTA_BINARY_PACKED: differences in as few bits as they take. Source: the Apache Parquet format. */

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

/** Where the numbers that were unpacked last ended. */
export function packedEnd(): usize {
  return at;
}

/**
 * Numbers of `width` bytes, 4 or 8, out of at most `bytes` bytes; returns how many there were, or −1 for what is not such
 * a page of `values` values. Reads up to eight bytes beyond the end.
 */
export function unpackDeltas(from: usize, bytes: i32, to: usize, values: i32, width: i32): i32 {
  at = from;
  limit = from + <usize>bytes;
  const blockValues = <i64>varint();
  const miniBlocks = <i64>varint();
  if (<i64>varint() !== <i64>values || miniBlocks < 1 || blockValues < 1) return -1;
  if (blockValues > 1 << 24 || miniBlocks > 1 << 16 || blockValues % (miniBlocks * 32) !== 0)
    return -1;
  const perMini = <i32>(blockValues / miniBlocks);
  const shift: usize = width === 4 ? 2 : 3;
  let value = zigzag();
  if (values === 0) return 0;
  put(to, value, shift);
  let count = 1;
  while (count < values) {
    const least = zigzag();
    const widths = at;
    at += <usize>miniBlocks;
    if (at > limit) return -1;
    for (let m = 0; m < <i32>miniBlocks && count < values; m++) {
      const bits = <i32>load<u8>(widths + <usize>m);
      const end = at + <usize>(perMini >> 3) * <usize>bits;
      if (bits > 64 || end > limit) return -1;
      const wanted = min(perMini, values - count);
      for (let i = 0; i < wanted; i++) {
        value += least + packed(at, i, bits);
        put(to + ((<usize>count) << shift), value, shift);
        count++;
      }
      at = end;
    }
  }
  return count;
}

function put(to: usize, value: i64, shift: usize): void {
  if (shift === 2) store<i32>(to, <i32>value);
  else store<i64>(to, value);
}

/** Number `i` of a run of numbers of so many bits. */
function packed(run: usize, i: i32, bits: i32): i64 {
  if (bits === 0) return 0;
  const bit = <i64>i * <i64>bits;
  const byte = run + <usize>(bit >> 3);
  const shift = <i64>(bit & 7);
  let value = load<u64>(byte) >> shift;
  if (shift + <i64>bits > 64) value |= (<u64>load<u8>(byte, 8)) << (64 - shift);
  return bits === 64 ? <i64>value : <i64>(value & (((<u64>1) << (<u64>bits)) - 1));
}

const BLOCK = 128;
const MINI_BLOCK = 32;

/**
 * Packs numbers of `width` bytes, 4 or 8; returns how many bytes they take, at most 9 a number and 300. Of four bytes no two
 * may be more than 2³¹ − 1 apart: readers take their differences for numbers of 33 bits. Writes up to eight bytes more.
 */
export function packDeltas(from: usize, to: usize, values: i32, width: i32): i32 {
  at = to;
  putVarint(BLOCK);
  putVarint(BLOCK / MINI_BLOCK);
  putVarint(<u64>values);
  putZigzag(values > 0 ? number(from, 0, width) : 0);
  for (let first = 1; first < values; first += BLOCK) {
    packBlock(from, first, min(BLOCK, values - first), width);
  }
  return <i32>(at - to);
}

function number(from: usize, i: i32, width: i32): i64 {
  return width === 4
    ? <i64>load<i32>(from + ((<usize>i) << 2))
    : load<i64>(from + ((<usize>i) << 3));
}

function packBlock(from: usize, first: i32, count: i32, width: i32): void {
  let least = i64.MAX_VALUE;
  let before = number(from, first - 1, width);
  for (let i = 0; i < count; i++) {
    const value = number(from, first + i, width);
    least = min(least, value - before);
    before = value;
  }
  putZigzag(least);
  const widths = at;
  at += BLOCK / MINI_BLOCK;
  store<u32>(widths, 0);
  for (let i = 0; i < count; i += MINI_BLOCK) {
    const some = min(MINI_BLOCK, count - i);
    let all: u64 = 0;
    let last = number(from, first + i - 1, width);
    for (let k = 0; k < some; k++) {
      const value = number(from, first + i + k, width);
      all |= <u64>(value - last - least);
      last = value;
    }
    const bits = 64 - <i32>clz(all);
    store<u8>(widths + <usize>(i / MINI_BLOCK), <u8>bits);
    if (bits > 0) packMini(from, first + i, some, width, least, <u64>bits);
  }
}

/** A last one that is not full is filled up with zeros. */
function packMini(from: usize, first: i32, some: i32, width: i32, least: i64, bits: u64): void {
  const end = at + ((<usize>bits) << 2);
  memory.fill(at, 0, end - at);
  let to = at;
  let held: u64 = 0;
  let fill: u64 = 0;
  let last = number(from, first - 1, width);
  for (let k = 0; k < some; k++) {
    const value = number(from, first + k, width);
    const difference = <u64>(value - last - least);
    last = value;
    held |= difference << fill;
    fill += bits;
    if (fill >= 64) {
      store<u64>(to, held);
      to += 8;
      fill -= 64;
      // What did not fit; a shift by 64 would be one by 0.
      held = fill === 0 ? 0 : difference >> (bits - fill);
    }
  }
  if (fill > 0) store<u64>(to, held);
  at = end;
}

function putVarint(value: u64): void {
  let rest = value;
  while (rest >= 0x80) {
    store<u8>(at++, <u8>(rest | 0x80));
    rest >>= 7;
  }
  store<u8>(at++, <u8>rest);
}

function putZigzag(value: i64): void {
  putVarint(<u64>((value << 1) ^ (value >> 63)));
}
