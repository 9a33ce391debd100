/** Values of pages put together by compiled loops (assembly/pages.ts). */
import { ensureBytes, instantiate, type WasmMemory } from '../partitioning/wasm.ts';
import { COMPILED_PAGES } from './compiled-pages.ts';

interface Loops {
  joinStreams(from: number, to: number, values: number): void;
  unpackDeltas(from: number, bytes: number, to: number, values: number): number;
}

let copy: { readonly exports: Loops; readonly memory: WasmMemory } | null = null;

/** Larger pages are left to the database: the memory stays as large as its largest page. */
const MOST_BYTES = 1 << 26;

/** What may be read beyond the encoded bytes. */
const SPARE_BYTES = 16;

/** Has `work` read `bytes` at its first address and write 8 bytes a value, which go to `target`, at its second. */
function withPage<T>(
  bytes: Uint8Array,
  target: Uint8Array,
  work: (loops: Loops, from: number, to: number) => T,
): T {
  if (target.length > MOST_BYTES) throw new RangeError(`a page of ${target.length} bytes`);
  copy ??= instantiate<Loops>(COMPILED_PAGES);
  const { exports, memory } = copy;
  const from = 16;
  const to = Math.ceil((from + bytes.length + SPARE_BYTES) / 16) * 16;
  ensureBytes(memory, to + target.length);
  new Uint8Array(memory.buffer).set(bytes, from);
  const result = work(exports, from, to);
  target.set(new Uint8Array(memory.buffer, to, target.length));
  return result;
}

/** Decodes BYTE_STREAM_SPLIT: eight streams of as many bytes as there are values. */
export function joinStreams(bytes: Uint8Array, target: Uint8Array): void {
  withPage(bytes, target, (loops, from, to) => loops.joinStreams(from, to, target.length / 8));
}

/** Decodes DELTA_BINARY_PACKED; false where that is not what it is. */
export function unpackDeltas(bytes: Uint8Array, target: Uint8Array): boolean {
  const values = target.length / 8;
  return withPage(
    bytes,
    target,
    (loops, from, to) => loops.unpackDeltas(from, bytes.length, to, values) === values,
  );
}
