/** The encoding RLE: runs of one number, and runs of numbers of a few bits. Source: the Apache Parquet format. */

/**
 * Numbers of `bits` bits, at most 24, as 32-bit integers; returns how many there were, at most `values`, or −1 where the bytes
 * end too early. Reads up to four bytes beyond the end.
 */
export function unpackRuns(from: usize, bytes: i32, bits: i32, to: usize, values: i32): i32 {
  const limit = from + <usize>bytes;
  const mask: u32 = ((<u32>1) << (<u32>bits)) - 1;
  let at = from;
  let count = 0;
  while (count < values && at < limit) {
    let header: u32 = 0;
    for (let shift: u32 = 0; shift < 32 && at < limit; shift += 7) {
      const byte = load<u8>(at++);
      header |= (<u32>(byte & 0x7f)) << shift;
      if (byte < 0x80) break;
    }
    const left = <u32>(values - count);
    if (header & 1) {
      const groups = header >> 1;
      const some = <i32>(groups > left >> 3 ? left : min(groups << 3, left));
      const end = <u64>groups * <u64>bits;
      if (end > <u64>(limit - at)) return -1;
      let bit: u32 = 0;
      for (let i = 0; i < some; i++) {
        const value = (load<u32>(at + (bit >> 3)) >> (bit & 7)) & mask;
        store<u32>(to + ((<usize>count) << 2), value);
        count++;
        bit += <u32>bits;
      }
      at += <usize>end;
    } else {
      const size = <usize>((bits + 7) >> 3);
      if (size > limit - at) return -1;
      const value = load<u32>(at) & mask;
      const some = <i32>min(header >> 1, left);
      for (let i = 0; i < some; i++) {
        store<u32>(to + ((<usize>count) << 2), value);
        count++;
      }
      at += size;
      if (some === 0) return -1;
    }
  }
  return count;
}

/**
 * The same of one bit each, as bytes; returns how many of the `values` are 1, or −1 where there are fewer values. Reads no
 * further than the end.
 */
export function unpackBits(from: usize, bytes: i32, to: usize, values: i32): i32 {
  const limit = from + <usize>bytes;
  const end = to + <usize>values;
  let at = from;
  let out = to;
  let ones = 0;
  while (out < end && at < limit) {
    let header: u32 = 0;
    for (let shift: u32 = 0; shift < 32 && at < limit; shift += 7) {
      const byte = load<u8>(at++);
      header |= (<u32>(byte & 0x7f)) << shift;
      if (byte < 0x80) break;
    }
    if (header & 1) {
      // Groups of eight; the last may be filled up.
      for (let group = header >> 1; group > 0 && out < end; group--) {
        if (at >= limit) return -1;
        const bits = <i32>load<u8>(at++);
        for (let b = 0; b < 8 && out < end; b++) {
          const bit = (bits >> b) & 1;
          store<u8>(out++, bit);
          ones += bit;
        }
      }
    } else {
      if (at >= limit || header < 2) return -1;
      const bit = <i32>load<u8>(at++) & 1;
      const some = min(<usize>(header >> 1), end - out);
      memory.fill(out, <u8>bit, some);
      out += some;
      ones += bit * <i32>some;
    }
  }
  return out === end ? ones : -1;
}

/** Packs 32-bit numbers of at most `bits` bits as one run; returns how many bytes that takes. Writes up to eight more. */
export function packRun(from: usize, values: i32, bits: i32, to: usize): i32 {
  const groups = (<u32>values + 7) >> 3;
  let at = to;
  let header = (groups << 1) | 1;
  while (header >= 0x80) {
    store<u8>(at++, <u8>(header | 0x80));
    header >>= 7;
  }
  store<u8>(at++, <u8>header);
  const end = at + <usize>groups * <usize>bits;
  memory.fill(at, 0, end - at);
  let held: u64 = 0;
  let fill: u64 = 0;
  for (let i = 0; i < values; i++) {
    held |= (<u64>load<u32>(from + ((<usize>i) << 2))) << fill;
    fill += <u64>bits;
    if (fill >= 32) {
      store<u32>(at, <u32>held);
      at += 4;
      held >>= 32;
      fill -= 32;
    }
  }
  if (fill > 0) store<u32>(at, <u32>held);
  return <i32>(end - to);
}

/** Moves the values of `width` bytes, 4 or 8, whose level is 1 to the front, in their order; returns how many there are. */
export function compact(values: usize, levels: usize, rows: i32, width: i32): i32 {
  let at: usize = 0;
  // What is not a value is overwritten by the next one: no branch to be guessed.
  if (width === 8) {
    for (let i: usize = 0; i < <usize>rows; i++) {
      store<u64>(values + (at << 3), load<u64>(values + (i << 3)));
      at += <usize>load<u8>(levels + i);
    }
  } else {
    for (let i: usize = 0; i < <usize>rows; i++) {
      store<u32>(values + (at << 2), load<u32>(values + (i << 2)));
      at += <usize>load<u8>(levels + i);
    }
  }
  return <i32>at;
}
