/** What reading and writing over the network cost so far: counted where it happens, shown at the end. */

export interface NetworkCounters {
  /** Requests sent, whatever came of them; tries again and hedges included. */
  readonly requests: number;
  /** Bytes of bodies received. */
  readonly bytes: number;
  /** Requests sent again after a failure. */
  readonly retries: number;
  /** Second requests sent beside a slow one. */
  readonly hedged: number;
  /** Files, or parts of them, that were found in the spool. */
  readonly spoolHits: number;
  /** Bytes of bodies sent. */
  readonly bytesSent: number;
}

export type Counter = keyof NetworkCounters;

const NONE: NetworkCounters = {
  requests: 0,
  bytes: 0,
  retries: 0,
  hedged: 0,
  spoolHits: 0,
  bytesSent: 0,
};

/** Counters that pass on what they count to the ones they are part of. */
export class Meter {
  readonly #parent: Meter | null;
  readonly #counts: Record<Counter, number> = { ...NONE };

  constructor(parent: Meter | null) {
    this.#parent = parent;
  }

  /** The counters as of now. */
  get counts(): NetworkCounters {
    return { ...this.#counts };
  }

  add(counter: Counter, by = 1): void {
    this.#counts[counter] += by;
    this.#parent?.add(counter, by);
  }
}

/** Everything this process did. */
export const processMeter = new Meter(null);
