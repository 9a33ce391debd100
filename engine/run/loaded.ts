/** What a cell has read and made so far. */
import type { PlacedFile } from './relation.ts';

/** Where the columns of a cell's rows are. */
export interface Loaded {
  /** Files of the scans that the cell has read, by scan number. */
  readonly files: ReadonlyMap<number, readonly PlacedFile[]>;
  /** Tables of what user code returned, by step. */
  readonly made: ReadonlyMap<number, string>;
}

/** The files of one scan, where there is nothing else. */
export function loadedScan(files: readonly PlacedFile[]): Loaded {
  return { files: new Map([[0, files]]), made: new Map() };
}
