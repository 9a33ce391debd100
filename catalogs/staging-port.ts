/** What an output in the making is, wherever it will appear. */
import type { CellRecord } from './pieces.ts';

export interface StagingOptions {
  /** Digest of the plan: letters, digits, `-` and `_`. */
  readonly digest: string;
  /** Replace an existing output. */
  readonly overwrite?: boolean;
  /** Go on from what an interrupted run of the same plan left; without such, start afresh. */
  readonly resume?: boolean;
  /** What the digest was made of, by name: lets a refused resume say what differs. */
  readonly plan?: Readonly<Record<string, string>>;
  /** False leaves flushing to the operating system: faster, but a power failure can tear the output. */
  readonly sync?: boolean;
}

/** An output in the making. */
export interface Staging {
  /** Real absolute path of the output. */
  readonly target: string;
  /** The hidden folder. */
  readonly root: string;
  /** Where cells leave their pieces and records. */
  readonly piecesDir: string;
  /** What becomes the target: an empty folder, or the path of a file that does not exist yet. */
  readonly output: string;
  /** True when pieces of an interrupted run may be there. */
  readonly resumed: boolean;
  /** The cells that are finished already. */
  finishedPieces<T = unknown>(): Promise<CellRecord<T>[]>;
  /**
   * Begins to flush finished pieces to disk, so that less is left to do when the output is made to appear. Throws the
   * `storage` error where an earlier one could not be flushed.
   */
  flushSoon(files: readonly string[]): Promise<void>;
  /**
   * Makes the output appear under its name and removes the rest. When that fails, an output that was to be
   * replaced is there as before, and the staging folder stays.
   */
  commit(): Promise<void>;
  /** Ends the run without an output, keeping what is finished for a later one to resume. */
  keep(): Promise<void>;
  /** Removes everything; the target stays as it was. */
  discard(): Promise<void>;
}
