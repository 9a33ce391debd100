/** Values of pages taken apart and put together by compiled loops (assembly/pages.ts). */
import { ensureBytes, instantiate, type WasmMemory } from '../partitioning/wasm.ts';
import { COMPILED_PAGES } from './compiled-pages.ts';

interface Loops {
  joinStreams(from: number, to: number, values: number): void;
  joinStreams4(from: number, to: number, values: number): void;
  splitStreams(from: number, to: number, values: number): void;
  splitStreams4(from: number, to: number, values: number): void;
  unpackDeltas(from: number, bytes: number, to: number, values: number, width: number): number;
  packedEnd(): number;
  packDeltas(from: number, to: number, values: number, width: number): number;
  unpackRuns(from: number, bytes: number, bits: number, to: number, values: number): number;
  unpackBits(from: number, bytes: number, to: number, values: number): number;
  packRun(from: number, values: number, bits: number, to: number): number;
  compact(values: number, levels: number, rows: number, width: number): number;
  boundDoubles(from: number, values: number, to: number): number;
  boundFloats(from: number, values: number, to: number): number;
  boundLongs(from: number, values: number, to: number, isSigned: number): void;
  boundIntegers(from: number, values: number, to: number, isSigned: number): void;
}

/** Bytes of a number. */
export type Width = 4 | 8;

let copy: { readonly exports: Loops; readonly memory: WasmMemory } | null = null;

/** Larger pages are left to the database: the memory stays as large as its largest page. */
const MOST_BYTES = 1 << 26;

/** What may be read and written beyond what there is. */
const SPARE_BYTES = 128;

/** What differences may take beyond that: a block of 32 numbers, and what stands before all. */
const BLOCK_BYTES = 512;

/** Where what comes in begins. */
const FROM = 16;

/** Loops whose memory has room for so many bytes that come in, and so many that go out, from `to` on. */
function withRoom(bytesIn: number, bytesOut: number) {
  const most = Math.max(bytesIn, bytesOut);
  if (most > MOST_BYTES) throw new RangeError(`a page of ${most} bytes`);
  copy ??= instantiate<Loops>(COMPILED_PAGES);
  const { exports: loops, memory } = copy;
  const to = Math.ceil((FROM + bytesIn + SPARE_BYTES) / 16) * 16;
  ensureBytes(memory, to + bytesOut + SPARE_BYTES);
  return { loops, to, buffer: memory.buffer };
}

/** Has `work` read `bytes` at its first address and write to its second one what goes to `target`. */
function withPage<T>(
  bytes: Uint8Array,
  target: Uint8Array,
  work: (loops: Loops, from: number, to: number) => T,
): T {
  const { loops, to, buffer } = withRoom(bytes.length, target.length);
  new Uint8Array(buffer).set(bytes, FROM);
  const result = work(loops, FROM, to);
  target.set(new Uint8Array(buffer, to, target.length));
  return result;
}

/** Decodes BYTE_STREAM_SPLIT: as many streams as a value has bytes, each of a byte for every value. */
export function joinStreams(bytes: Uint8Array, target: Uint8Array, width: Width): void {
  withPage(bytes, target, (loops, from, to) =>
    width === 8
      ? loops.joinStreams(from, to, target.length / 8)
      : loops.joinStreams4(from, to, target.length / 4),
  );
}

/** Decodes DELTA_BINARY_PACKED; returns how many bytes that took, or −1 where it is something else. */
export function unpackDeltas(bytes: Uint8Array, target: Uint8Array, width: Width): number {
  const values = target.length / width;
  return withPage(bytes, target, (loops, from, to) =>
    loops.unpackDeltas(from, bytes.length, to, values, width) === values
      ? loops.packedEnd() - from
      : -1,
  );
}

/**
 * Decodes RLE of `bits` bits, at most 24; null where there are fewer than so many. The numbers are overwritten by the
 * next call of any function here.
 */
export function unpackRuns(bytes: Uint8Array, bits: number, values: number): Int32Array | null {
  const { loops, to, buffer } = withRoom(bytes.length, 4 * values);
  new Uint8Array(buffer).set(bytes, FROM);
  if (loops.unpackRuns(FROM, bytes.length, bits, to, values) !== values) return null;
  return new Int32Array(buffer, to, values);
}

/** Decodes RLE of one bit, a byte for each, and says how many are 1; null where there are fewer than so many. */
export function unpackBits(
  bytes: Uint8Array,
  values: number,
): { readonly bits: Uint8Array; readonly ones: number } | null {
  const { loops, to, buffer } = withRoom(bytes.length, values);
  new Uint8Array(buffer).set(bytes, FROM);
  const ones = loops.unpackBits(FROM, bytes.length, to, values);
  return ones < 0 ? null : { bits: new Uint8Array(buffer, to, values).slice(), ones };
}

/** Numbers to be encoded. What its methods give is overwritten by the next call of any function here but their own. */
export interface PageValues {
  /** Two for each value of eight bytes, one for each of four. */
  readonly words: Int32Array;
  /** Leaves those out whose level is 0, of as many as there are levels; returns how many are left. */
  compact(levels: Uint8Array): number;
  /** As BYTE_STREAM_SPLIT. */
  split(values: number): Uint8Array;
  /** As DELTA_BINARY_PACKED. */
  deltas(values: number): Uint8Array;
  /** Numbers of at most `bits` bits, at most 24, as RLE. */
  run(values: number, bits: number): Uint8Array;
  /** The least and the greatest value, as bytes; null where there are none but NaN. */
  bounds(values: number, kind: ValueKind): readonly [Uint8Array, Uint8Array] | null;
}

export type ValueKind = 'float' | 'signed' | 'unsigned';

/** Room for so many numbers. */
export function pageValues(most: number, width: Width): PageValues {
  // Differences take a byte more than a number, with what stands before them, and blocks of them are filled up.
  const { loops, to, buffer } = withRoom(most * width, most * (width + 1) + BLOCK_BYTES);
  const out = (bytes: number) => new Uint8Array(buffer, to, bytes);
  return {
    words: new Int32Array(buffer, FROM, (most * width) / 4),
    compact: (levels) => {
      new Uint8Array(buffer).set(levels, to);
      return loops.compact(FROM, to, levels.length, width);
    },
    split: (values) => {
      if (width === 8) loops.splitStreams(FROM, to, values);
      else loops.splitStreams4(FROM, to, values);
      return out(values * width);
    },
    deltas: (values) => out(loops.packDeltas(FROM, to, values, width)),
    run: (values, bits) => out(loops.packRun(FROM, values, bits, to)),
    bounds: (values, kind) => {
      if (values === 0 || !findBounds(loops, to, values, width, kind)) return null;
      const both = out(2 * width).slice();
      return [both.subarray(0, width), both.subarray(width)];
    },
  };
}

function findBounds(
  loops: Loops,
  to: number,
  values: number,
  width: Width,
  kind: ValueKind,
): boolean {
  if (kind === 'float') {
    const find = width === 8 ? loops.boundDoubles : loops.boundFloats;
    return find(FROM, values, to) !== 0;
  }
  const find = width === 8 ? loops.boundLongs : loops.boundIntegers;
  find(FROM, values, to, kind === 'signed' ? 1 : 0);
  return true;
}
