/** Loops compiled to WebAssembly, each copy with a memory of its own. */

/** What this needs of WebAssembly, whose types come with those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown };
};

export interface WasmMemory {
  /** Another one after every growth. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** A global variable of compiled loops. */
export interface WasmGlobal {
  readonly value: number;
}

const PAGE_BYTES = 1 << 16;

const modules = new Map<string, object>();

/**
 * A copy of compiled loops, which ask for a memory.
 *
 * @param base64 compiled by `npm run loops`; V8 compiles the same text once for all threads of a process
 */
export function instantiate<Exports>(base64: string): { exports: Exports; memory: WasmMemory } {
  let module = modules.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    modules.set(base64, module);
  }
  const memory = new WebAssembly.Memory({ initial: 0 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { exports: exports as Exports, memory };
}

/** Makes a memory at least so large; throws a RangeError beyond 4 GiB. Arrays over it may end. */
export function ensureBytes(memory: WasmMemory, bytes: number): void {
  const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (pages > 0) memory.grow(pages);
}
