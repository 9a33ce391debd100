/** What a protocol must be able to do: the reading half of a store, one attempt a call, failing with a `Problem`. */
import type { FileStat, FileTail, ReadOptions, StoreEntry } from '../store-port.ts';

export interface Attempts {
  stat(path: string, options: ReadOptions): Promise<FileStat | undefined>;
  readRange(path: string, start: number, end: number, options: ReadOptions): Promise<Uint8Array>;
  readTail(path: string, bytes: number, options: ReadOptions): Promise<FileTail | undefined>;
  find(path: string, maxBytes: number, options: ReadOptions): Promise<Uint8Array | undefined>;
  /** Entries of a directory, or all files below it. */
  list(dir: string, options: ReadOptions, deep?: boolean): Promise<StoreEntry[] | undefined>;
  /** Sends one object, whole or not at all; absent where the protocol only reads. */
  readonly write?: (path: string, bytes: Uint8Array, options: ReadOptions) => Promise<void>;
}
