/** Ends workers whose user code takes too long over a row, too much memory, or no notice of a stop. */
import type { StopFlag } from '../engine/executor.ts';
import type { Task } from '../engine/task.ts';
import { userLimitsOf } from '../engine/user/in-task.ts';
import { claimWatch, readWatch, SETUP_ROW, WATCH_BYTES } from '../engine/user/watch.ts';
import { abortedError, CrosshatchError } from '../partitioning/error.ts';

const LOOK_MS = 50;
/** A row that ends so soon after a stop needs no force. */
const STOP_SECONDS = 0.5;

export interface GuardedTask {
  /** Given to the worker with the task. */
  readonly watch: SharedArrayBuffer;
  /** Ends the worker. */
  readonly signal: AbortSignal;
  /** Why it was ended; null: it was not. */
  error(): CrosshatchError | null;
  release(): void;
}

export interface UserGuard {
  /** Watches over a task that `stop` asks to end; undefined where it runs no code of the user's. */
  guard(task: Task, placeOf: (task: Task) => string, stop: StopFlag): GuardedTask | undefined;
}

interface Watched {
  readonly watch: SharedArrayBuffer;
  readonly place: string;
  readonly rowTimeoutSeconds: number;
  readonly stop: StopFlag;
  /** When the stop was first seen; null: not yet. */
  stopSeen: number | null;
  readonly abort: AbortController;
  error: CrosshatchError | null;
}

/** @param limitBytes resident memory that this process may have while user code runs */
export function createUserGuard(limitBytes: number): UserGuard {
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | null = null;
  const look = () => {
    const used = process.memoryUsage.rss();
    for (const one of watched) checkOne(one, used, limitBytes);
  };
  return {
    guard(task, placeOf, stop) {
      const limits = userLimitsOf(task);
      if (limits === undefined) return undefined;
      const one: Watched = {
        watch: new SharedArrayBuffer(WATCH_BYTES),
        place: placeOf(task),
        rowTimeoutSeconds: limits.rowTimeoutSeconds ?? Number.POSITIVE_INFINITY,
        stop,
        stopSeen: null,
        abort: new AbortController(),
        error: null,
      };
      watched.add(one);
      timer ??= setInterval(look, LOOK_MS);
      return {
        watch: one.watch,
        signal: one.abort.signal,
        error: () => one.error,
        release() {
          watched.delete(one);
          if (watched.size > 0 || timer === null) return;
          clearInterval(timer);
          timer = null;
        },
      };
    },
  };
}

function checkOne(one: Watched, usedBytes: number, limitBytes: number): void {
  if (one.error !== null) return;
  const running = readWatch(one.watch);
  if (running === null) return;
  const inSetup = running.row === SETUP_ROW;
  const where = [one.place, inSetup ? 'setup' : `row ${running.row}`, running.id]
    .filter((part) => part !== '')
    .join(', ');
  let error: CrosshatchError | null = null;
  if (isStuck(one)) {
    error = abortedError();
  } else if (!inSetup && running.seconds > one.rowTimeoutSeconds) {
    error = new CrosshatchError({
      tag: 'user',
      what: `user code took more than ${one.rowTimeoutSeconds} s for one row`,
      where,
      hint: 'Raise rowTimeoutSeconds, or look at what the code does with that row.',
    });
  } else if (usedBytes > limitBytes) {
    error = new CrosshatchError({
      tag: 'user',
      what: `user code needs too much memory: the process has ${gigabytes(usedBytes)} of at most ${gigabytes(limitBytes)}`,
      where,
      hint: 'Raise --memory (memoryBytes) if the code needs it, or lower --workers.',
    });
  }
  // The row may have ended meanwhile.
  if (error === null || !claimWatch(one.watch)) return;
  one.error = error;
  one.abort.abort();
}

/** Whether a stop has been asked for, and the code has had time to come to its next row. */
function isStuck(one: Watched): boolean {
  if (Atomics.load(one.stop, 0) === 0) return false;
  one.stopSeen ??= performance.now();
  return performance.now() - one.stopSeen > STOP_SECONDS * 1000;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
