/**
 * How much is asked of one host at a time: a number of requests that grows while that brings more bytes, and shrinks
 * when the server says it is too much; and a bound on the bytes that are on their way.
 */

/** Enough to fill a fast line over a long way; the bodies that are on their way live in memory. */
export const MAX_BYTES_IN_FLIGHT = 64 << 20;
/**
 * And so many for each request allowed: where a few fill the line, more on their way only share it, and what the first
 * task waits for comes together with what the last one does.
 */
const BYTES_PER_REQUEST = 4 << 20;
const FIRST_REQUESTS = 8;
/** Small requests take nothing from others: opening two collections with their margins asks for so many at a time. */
const SMALL_AT_ONCE = 24;
/** About what a listing or a small file weighs. */
export const SMALL_BYTES = 1 << 16;
const MAX_REQUESTS = 64;
/** A request costs about as much as so many bytes. */
const REQUEST_BYTES = 1 << 16;
/** More requests must bring at least so much more. */
const WORTH_IT = 1.05;
/** Longest pause after throttling that was not asked for by the server. */
const MAX_PAUSE_MS = 10_000;
const FIRST_PAUSE_MS = 200;

interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
}

/** The gate of one host; first come, first served. */
export class Gate {
  #limit = FIRST_REQUESTS;
  #running = 0;
  #bytes = 0;
  readonly #queue: Waiting[] = [];
  /** Throttled answers in a row. */
  #throttled = 0;
  /** The server has asked for less before. */
  #isWarned = false;
  #pausedUntil = 0;
  #timer: NodeJS.Timeout | null = null;
  readonly #now: () => number;
  /** The window of completed work that the next step is decided by. */
  #window = newWindow(0, 0);
  /** The limit that was raised last, how many requests it let run, and what they brought. */
  #before = { rate: 0, limit: 0, peak: 0 };

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Requests that may run at a time, as of now. */
  get limit(): number {
    return this.#limit;
  }

  get running(): number {
    return this.#running;
  }

  /** Waits for a place; the caller gives it back with {@link leave}. */
  enter(bytes: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(signal!.reason);
      };
      const waiting: Waiting = {
        bytes,
        start: () => {
          signal?.removeEventListener('abort', abort);
          this.#running++;
          this.#bytes += bytes;
          resolve();
        },
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiting);
      this.#pump();
    });
  }

  /** Gives a place back; `received`: bytes that came, where all went well. */
  leave(bytes: number, received: number | null): void {
    const wasFull = this.#running >= this.#allowed(bytes) || this.#queue.length > 0;
    this.#running--;
    this.#bytes -= bytes;
    if (received !== null) this.#learn(received, wasFull);
    this.#pump();
  }

  /** The server asked for less: half as many requests, after a pause. */
  throttle(retryAfterMs?: number): void {
    const now = this.#now();
    // The requests that were on their way together are told together: that is one signal.
    if (now >= this.#pausedUntil) {
      this.#throttled++;
      this.#isWarned = true;
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      this.#before = { rate: 0, limit: 0, peak: 0 };
    }
    const backOff = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#throttled - 1));
    const pause = retryAfterMs ?? backOff * (0.5 + Math.random() / 2);
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    this.#window = newWindow(now, this.#running);
  }

  #pump(): void {
    const now = this.#now();
    if (now < this.#pausedUntil) {
      if (this.#timer === null && this.#queue.length > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#pump();
        }, this.#pausedUntil - now);
      }
      return;
    }
    const mostBytes = Math.min(MAX_BYTES_IN_FLIGHT, this.#limit * BYTES_PER_REQUEST);
    while (this.#queue.length > 0) {
      const next = this.#queue[0]!;
      if (this.#running >= this.#allowed(next.bytes)) return;
      if (this.#running > 0 && this.#bytes >= mostBytes) return;
      this.#queue.shift();
      if (this.#window.done === 0 && this.#running === 0) this.#window.start = now;
      next.start();
      this.#window.peak = Math.max(this.#window.peak, this.#running);
    }
  }

  /** Requests that may run at a time when one of so many bytes is among them. */
  #allowed(bytes: number): number {
    const isFree = bytes <= SMALL_BYTES && !this.#isWarned;
    return isFree ? Math.max(this.#limit, SMALL_AT_ONCE) : this.#limit;
  }

  /** Once as many requests are done as may run at a time, tries more, or goes back. */
  #learn(received: number, wasFull: boolean): void {
    this.#throttled = 0;
    const window = this.#window;
    window.done++;
    window.work += received + REQUEST_BYTES;
    window.full &&= wasFull;
    if (window.done < Math.max(this.#limit, window.peak)) return;
    const now = this.#now();
    const rate = window.work / Math.max(1, now - window.start);
    // Where fewer were asked for than allowed, nothing was learnt of the limit.
    if (window.full) {
      const { rate: rateBefore, limit: limitBefore, peak: peakBefore } = this.#before;
      const isRaised = this.#limit > limitBefore && limitBefore > 0;
      // Large requests are bounded by their bytes, and small ones by more than a low limit: raising it may change nothing yet.
      const grew = isRaised && window.peak > peakBefore;
      if (grew || !isRaised) this.#before = { rate, limit: this.#limit, peak: window.peak };
      if (!grew || rate > rateBefore * WORTH_IT) {
        this.#limit = Math.min(MAX_REQUESTS, this.#limit + Math.max(1, this.#limit >> 2));
      } else {
        this.#limit = Math.max(FIRST_REQUESTS, limitBefore);
      }
    }
    this.#window = newWindow(now, this.#running);
  }
}

/** `peak`: most requests that ran at a time. */
function newWindow(start: number, running: number) {
  return { start, done: 0, work: 0, full: true, peak: running };
}
