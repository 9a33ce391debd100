/**
 * Shared memory through which the main thread sees what user code is at: whether it runs, since when, and on which row.
 * A function that never returns cannot tell anybody by itself.
 */

/** 64-bit start time, 32-bit state, row and text length, then the text. */
const TEXT_AT = 24;
const TEXT_BYTES = 232;
export const WATCH_BYTES = TEXT_AT + TEXT_BYTES;

const STATE = 2;
const ROW = 3;
const LENGTH = 4;

const OUTSIDE = 0;
const INSIDE = 1;
/** The main thread ends this worker: it must not go on to anything that cannot be interrupted. */
const CLAIMED = 2;

/** Stands for the row while a module is loaded and set up: that has no time limit, and can be stopped all the same. */
export const SETUP_ROW = -1;

export interface UserWatch {
  /** User code begins with a row, of which `id` tells more. */
  enter(row: number, id: string): void;
  /** It goes on with the next row. */
  at(row: number): void;
  leave(): void;
}

/** The worker's side. */
export function watchOn(buffer: SharedArrayBuffer): UserWatch {
  const times = new Float64Array(buffer, 0, 1);
  const numbers = new Int32Array(buffer);
  const text = new Uint8Array(buffer, TEXT_AT, TEXT_BYTES);
  const encoder = new TextEncoder();
  return {
    enter(row, id) {
      times[0] = Date.now();
      numbers[ROW] = row;
      // A shared buffer cannot be written by the encoder itself.
      const bytes = encoder.encode(id).subarray(0, TEXT_BYTES);
      text.set(bytes);
      numbers[LENGTH] = bytes.length;
      Atomics.store(numbers, STATE, INSIDE);
    },
    at(row) {
      numbers[ROW] = row;
    },
    leave() {
      const was = Atomics.compareExchange(numbers, STATE, INSIDE, OUTSIDE);
      if (was === CLAIMED) Atomics.wait(numbers, STATE, CLAIMED);
    },
  };
}

export interface WatchedRow {
  readonly row: number;
  readonly id: string;
  readonly seconds: number;
}

/** The main thread's side: what is running; null: nothing of the user's. */
export function readWatch(buffer: SharedArrayBuffer): WatchedRow | null {
  const numbers = new Int32Array(buffer);
  if (Atomics.load(numbers, STATE) !== INSIDE) return null;
  const seconds = (Date.now() - new Float64Array(buffer, 0, 1)[0]!) / 1000;
  const bytes = new Uint8Array(buffer, TEXT_AT, numbers[LENGTH]!).slice();
  return { row: numbers[ROW]!, id: new TextDecoder().decode(bytes), seconds };
}

/** Takes a worker that is inside user code for ended; false where it has just left. */
export function claimWatch(buffer: SharedArrayBuffer): boolean {
  const numbers = new Int32Array(buffer);
  return Atomics.compareExchange(numbers, STATE, INSIDE, CLAIMED) === INSIDE;
}
