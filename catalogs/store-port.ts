/**
 * What a place that holds catalogs must be able to do: a few methods over whole files and byte ranges. Retry,
 * caching, limits and metrics wrap a store; nothing above knows a file system or a protocol.
 */

import type { Meter } from './meter.ts';

/** Size and, where the store has one, a tag that changes whenever the content does. */
export interface FileStat {
  /** Bytes. */
  readonly size: number;
  readonly etag?: string;
}

/** One entry of a directory. */
export interface StoreEntry {
  /** Full path, as the store takes it. */
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  readonly directory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** As in {@link FileStat}, where the listing tells. */
  readonly etag?: string;
}

/** How one read is to be made. All are wishes that a local store needs not hear. */
export interface ReadOptions {
  /** The version that the bytes must be of: those of another are refused, never returned. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Counts what the read costs, beside the counters of the process. */
  readonly meter?: Meter | undefined;
  /** Called when the request goes out, and with the number of bytes whenever some arrive. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** The closing bytes of a file, with what the answer says of the whole. */
export interface FileTail {
  readonly bytes: Uint8Array;
  readonly stat: FileStat;
}

export interface Store {
  /** `undefined` when there is no such file; a directory is not a file. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The bytes [start, end). Throws the `storage` error when the file is missing or ends before `end`. */
  readRange(path: string, start: number, end: number, options?: ReadOptions): Promise<Uint8Array>;
  /** The whole file. Throws the `storage` error when it is missing or longer than `maxBytes`. */
  readAll(path: string, maxBytes?: number): Promise<Uint8Array>;
  /**
   * Entries of a directory sorted by name; empty when there is no such directory, `undefined` where the store cannot
   * list, as a web server cannot.
   */
  list(dir: string): Promise<StoreEntry[] | undefined>;
  /** Writes a file whole or not at all, making its directory where needed. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** All files below a directory, however deep; absent where `list` costs nothing. */
  readonly listDeep?: (dir: string) => Promise<StoreEntry[] | undefined>;
  /** The whole file in one request, or `undefined` when there is none; absent where `stat` costs nothing. */
  readonly find?: (
    path: string,
    maxBytes: number,
    options?: ReadOptions,
  ) => Promise<Uint8Array | undefined>;
  /** The last `bytes` bytes (all, of a shorter file) in one request; absent where `stat` costs nothing. */
  readonly readTail?: (
    path: string,
    bytes: number,
    options?: ReadOptions,
  ) => Promise<FileTail | undefined>;
}
