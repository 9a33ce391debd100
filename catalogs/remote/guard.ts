/** Wrappers around single attempts: limits per host, an end to stalled requests, hedges, and tries again. */
import { processMeter } from '../meter.ts';
import type { ReadOptions } from '../store-port.ts';
import { Gate } from './limits.ts';
import { Problem, problemError } from './problem.ts';

/** Times and numbers of tries; tests make them shorter. */
export interface Patience {
  /** Tries of one request, the first one included. */
  readonly tries: number;
  /** Time after which a request is not tried again, from its first try on. */
  readonly budgetMs: number;
  /** First pause between tries; each is up to twice as long as the one before. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** A request of which nothing comes for so long is given up, and tried again. */
  readonly stallMs: number;
  /** The same for a request that tells nothing until it is done, such as a copy of gigabytes within the store. */
  readonly silentMs: number;
  /** A request slower than usual by that much gets a second one beside it. */
  readonly hedgeMs: number;
}

export const PATIENCE: Patience = {
  tries: 6,
  budgetMs: 120_000,
  pauseMs: 100,
  maxPauseMs: 5_000,
  stallMs: 15_000,
  silentMs: 15 * 60_000,
  hedgeMs: 750,
};

/** What is asked for, as errors tell it. */
interface Asked {
  readonly path: string;
  readonly range?: string;
  readonly verb?: string;
  /** Nothing comes of it until it is done. */
  readonly isSilent?: boolean;
}

type Work<T> = (options: ReadOptions) => Promise<T>;

/** Runs requests to one host. */
export class Guard {
  readonly gate = new Gate();
  readonly #patience: Patience;
  /** Milliseconds per request and per megabyte of recent range reads. */
  readonly #usual = new Usual();

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /**
   * One request, tried as often as the patience allows.
   * @param bytes that the body is expected to have
   * @param hedged a second request may go out beside a slow one
   */
  async run<T>(
    request: Asked,
    bytes: number,
    options: ReadOptions,
    hedged: boolean,
    work: Work<T>,
  ): Promise<T> {
    const start = performance.now();
    const stallMs = request.isSilent ? this.#patience.silentMs : this.#patience.stallMs;
    for (let tries = 1; ; tries++) {
      try {
        return await (hedged
          ? this.#hedge(bytes, options, work)
          : this.#once(bytes, options, work, stallMs));
      } catch (error) {
        if (options.signal?.aborted || !(error instanceof Problem)) throw error;
        const spent = performance.now() - start;
        const { tries: most, budgetMs, pauseMs, maxPauseMs } = this.#patience;
        if (!error.isPassing || tries >= most || spent > budgetMs) {
          throw problemError(error, request.path, { ...request, tries });
        }
        (options.meter ?? processMeter).add('retries');
        const longest = Math.min(maxPauseMs, pauseMs * 2 ** (tries - 1));
        await pause(error.retryAfterMs ?? longest * (0.5 + Math.random() / 2), options.signal);
      }
    }
  }

  /** One attempt behind the gate, given up when it stalls. */
  async #once<T>(
    bytes: number,
    options: ReadOptions,
    work: Work<T>,
    stallMs = this.#patience.stallMs,
  ): Promise<T> {
    await this.gate.enter(bytes, options.signal);
    let received = 0;
    let last = performance.now();
    const stalled = new AbortController();
    const watch = setInterval(() => {
      // A thread that was busy for long finds all its timers due before it has looked at its sockets.
      if (performance.now() - last > stallMs) setImmediate(check);
    }, stallMs / 4);
    const check = () => {
      if (performance.now() - last <= stallMs) return;
      stalled.abort(new Problem('stalled', `nothing came for ${stallMs / 1000} s`));
    };
    const signal = AbortSignal.any([stalled.signal, ...(options.signal ? [options.signal] : [])]);
    let done: number | null = null;
    try {
      const result = await work({
        ...options,
        signal,
        onProgress: (count) => {
          received += count;
          last = performance.now();
          options.onProgress?.(count);
        },
      });
      done = received;
      return result;
    } catch (error) {
      if (stalled.signal.aborted) throw stalled.signal.reason;
      if (error instanceof Problem && error.kind === 'throttled') {
        this.gate.throttle(error.retryAfterMs);
      }
      throw error;
    } finally {
      clearInterval(watch);
      this.gate.leave(bytes, done);
    }
  }

  /** An attempt, and a second one when the first is much slower than usual; the first to succeed counts. */
  #hedge<T>(bytes: number, options: ReadOptions, work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const ends: AbortController[] = [];
      let open = 0;
      let failure: unknown = null;
      let timer: NodeJS.Timeout | null = null;
      const attempt = (isSecond: boolean) => {
        const end = new AbortController();
        ends.push(end);
        open++;
        const signal = AbortSignal.any([end.signal, ...(options.signal ? [options.signal] : [])]);
        let started = 0;
        const onProgress = (count: number) => {
          // The time in the queue is not the server's.
          if (started === 0) {
            started = performance.now();
            if (!isSecond && this.#usual.mayHedge()) {
              const wait = this.#usual.expectedMs(bytes) * 3 + this.#patience.hedgeMs;
              timer = setTimeout(() => {
                (options.meter ?? processMeter).add('hedged');
                this.#usual.hedged++;
                attempt(true);
              }, wait);
            }
          }
          options.onProgress?.(count);
        };
        this.#once(bytes, { ...options, signal, onProgress }, work).then(
          (result) => {
            this.#usual.learn(bytes, performance.now() - started);
            finish();
            for (const other of ends) if (other !== end) other.abort();
            resolve(result);
          },
          (error: unknown) => {
            open--;
            failure ??= error;
            if (open > 0) return;
            finish();
            reject(failure);
          },
        );
      };
      const finish = () => {
        if (timer !== null) clearTimeout(timer);
      };
      attempt(false);
    });
  }
}

/** How long range reads of a host take, as a slowly moving average. */
class Usual {
  #perByteMs = 0;
  #fixedMs = 0;
  #seen = 0;
  hedged = 0;

  /** At most one read in twenty is doubled: a slow server must not be asked for twice as much. */
  mayHedge(): boolean {
    return this.hedged <= 1 + this.#seen / 20;
  }

  expectedMs(bytes: number): number {
    return this.#fixedMs + bytes * this.#perByteMs;
  }

  learn(bytes: number, ms: number): void {
    this.#seen++;
    const weight = Math.max(0.1, 1 / this.#seen);
    // Small reads tell what a request costs, large ones what a byte does.
    if (bytes < 1 << 17) this.#fixedMs += (ms - this.#fixedMs) * weight;
    else this.#perByteMs += (ms / bytes - this.#perByteMs) * weight;
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}
