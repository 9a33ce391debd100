/** Ends workers whose user code takes too long over a row or too much memory: it cannot be asked to stop. */
import type { Task } from '../engine/task.ts';
import { userLimitsOf } from '../engine/user/in-task.ts';
import { claimWatch, readWatch, WATCH_BYTES } from '../engine/user/watch.ts';
import { CrosshatchError } from '../partitioning/error.ts';

const LOOK_MS = 50;

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
  /** Watches over a task; undefined where it runs no code of the user's. */
  guard(task: Task, placeOf: (task: Task) => string): GuardedTask | undefined;
}

interface Watched {
  readonly watch: SharedArrayBuffer;
  readonly place: string;
  readonly rowTimeoutSeconds: number;
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
    guard(task, placeOf) {
      const limits = userLimitsOf(task);
      if (limits === undefined) return undefined;
      const one: Watched = {
        watch: new SharedArrayBuffer(WATCH_BYTES),
        place: placeOf(task),
        rowTimeoutSeconds: limits.rowTimeoutSeconds ?? Number.POSITIVE_INFINITY,
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
  const where = [one.place, `row ${running.row}`, running.id]
    .filter((part) => part !== '')
    .join(', ');
  let error: CrosshatchError | null = null;
  if (running.seconds > one.rowTimeoutSeconds) {
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

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
