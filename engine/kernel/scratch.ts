/** Buffers that a worker keeps from one crossmatch to the next, so that none is allocated per task. */
import { type Arena, createArena } from './arena.ts';

/** How much of the arena's candidates is in use. */
export interface Candidates {
  /** First left row of the block. */
  from: number;
  /** Entries in use. */
  length: number;
  /** First left row that was not looked at. */
  end: number;
}

export interface KernelScratch {
  /** Made by the first matcher: a worker that matches nothing needs none. */
  readonly arena: Arena;
  readonly candidates: Candidates;
  /** Neighbours of one left row. */
  chords: Float64Array;
  rows: Int32Array;
  /** Changes with every matcher: only the latest may use the buffers. */
  owner: symbol | null;
}

export function createScratch(): KernelScratch {
  let arena: Arena | null = null;
  return {
    get arena() {
      arena ??= createArena();
      return arena;
    },
    candidates: { from: 0, length: 0, end: 0 },
    chords: new Float64Array(64),
    rows: new Int32Array(64),
    owner: null,
  };
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
