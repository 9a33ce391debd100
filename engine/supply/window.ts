/** A bound on bytes that wait for their turn: who comes first goes first, and one may always go. */

interface Turn {
  /** Resolves when `bytes` fit the window and everybody before has entered or left. */
  enter(bytes: number, signal?: AbortSignal): Promise<void>;
  /** Gives the bytes, or the place in the queue, back. */
  leave(): void;
}

interface Place {
  bytes: number;
  state: 'queued' | 'waiting' | 'inside' | 'gone';
  admit: () => void;
}

export class Window {
  readonly #limit: number;
  #used = 0;
  #inside = 0;
  readonly #queue: Place[] = [];

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Takes the next place in the queue. */
  turn(): Turn {
    const place: Place = { bytes: 0, state: 'queued', admit: () => {} };
    this.#queue.push(place);
    return {
      enter: (bytes, signal) =>
        new Promise((resolve, reject) => {
          const abort = () => reject(signal!.reason);
          if (signal?.aborted) return abort();
          signal?.addEventListener('abort', abort, { once: true });
          place.bytes = bytes;
          place.state = 'waiting';
          place.admit = () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          };
          this.#pump();
        }),
      leave: () => {
        if (place.state === 'inside') {
          this.#used -= place.bytes;
          this.#inside--;
        }
        place.state = 'gone';
        this.#pump();
      },
    };
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const next = this.#queue[0]!;
      if (next.state === 'queued') return;
      if (next.state === 'waiting') {
        if (this.#inside > 0 && this.#used + next.bytes > this.#limit) return;
        next.state = 'inside';
        this.#used += next.bytes;
        this.#inside++;
        next.admit();
      }
      this.#queue.shift();
    }
  }
}
