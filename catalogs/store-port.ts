/**
 * What a place that holds catalogs must be able to do: a few methods over whole files and byte ranges. Retry,
 * caching, limits and metrics wrap a store; nothing above knows a file system or a protocol.
 */

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
}

export interface Store {
  /** `undefined` when there is no such file; a directory is not a file. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The bytes [start, end). Throws the `storage` error when the file is missing or ends before `end`. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  /** The whole file. Throws the `storage` error when it is missing or longer than `maxBytes`. */
  readAll(path: string, maxBytes?: number): Promise<Uint8Array>;
  /** Entries of a directory sorted by name; empty when there is no such directory. */
  list(dir: string): Promise<StoreEntry[]>;
  /** Writes a file whole or not at all, making its directory where needed. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}
