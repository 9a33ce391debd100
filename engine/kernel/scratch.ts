/** Buffers that a worker keeps from one crossmatch to the next, so that none is allocated per task. */

/** Candidates of one block of left rows: (left row, right row) and, once tested, the squared chord. */
export interface Candidates {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly chords: Float64Array;
  /** Entries in use. */
  length: number;
  /** First left row that was not looked at. */
  end: number;
  /** What reading ahead gave: kept, so that the reads are not optimised away. */
  ahead: number;
}

/** Entries of {@link Candidates}: small enough for the second-level cache. */
export const CANDIDATES = 1 << 13;

/** Integers per right row in a grid's slots: units of dec, units of ra, row. */
export const SLOT = 3;

export interface KernelScratch {
  readonly candidates: Candidates;
  /** Coordinates of the right rows in units, two per row. */
  units: Int32Array;
  /** Grid: three integers per right row, and the first slot of each cell. */
  slots: Int32Array;
  starts: Int32Array;
  /** Cosines of the right declinations, where they are used often. */
  cosines: Float64Array;
  /** Neighbours of one left row. */
  chords: Float64Array;
  rows: Int32Array;
  /** Changes with every matcher: only the latest may use the buffers. */
  owner: symbol | null;
}

export function createScratch(): KernelScratch {
  return {
    candidates: {
      left: new Int32Array(CANDIDATES),
      right: new Int32Array(CANDIDATES),
      chords: new Float64Array(CANDIDATES),
      length: 0,
      end: 0,
      ahead: 0,
    },
    units: new Int32Array(0),
    slots: new Int32Array(0),
    starts: new Int32Array(0),
    cosines: new Float64Array(0),
    chords: new Float64Array(64),
    rows: new Int32Array(64),
    owner: null,
  };
}

/** The buffer itself if it holds `length` entries, else a longer one without its contents. */
export function ensureInt32(buffer: Int32Array, length: number): Int32Array {
  return buffer.length >= length ? buffer : new Int32Array(Math.ceil(length * 1.1));
}

/** Keeps one more neighbour behind the first `length`; returns the new length. */
export function keep(scratch: KernelScratch, length: number, chord: number, row: number): number {
  if (length === scratch.chords.length) {
    const chords = new Float64Array(2 * length);
    const rows = new Int32Array(2 * length);
    chords.set(scratch.chords);
    rows.set(scratch.rows);
    scratch.chords = chords;
    scratch.rows = rows;
  }
  scratch.chords[length] = chord;
  scratch.rows[length] = row;
  return length + 1;
}
