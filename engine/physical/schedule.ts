/** Hands tasks to an executor: bounded in flight, stoppable, in order where the answer is a sequence. */
import { abortedError } from '../../partitioning/error.ts';
import { createStopFlag, type Executor } from '../executor.ts';
import type { Task, TaskResult } from '../task.ts';
import { addStats, type RunStats, startClock, type TaskClock } from './stats.ts';

/** A task and how much of the whole it is, for ordering and for the remaining time. */
export interface WeightedTask {
  readonly task: Task;
  readonly weight: number;
}

export interface ScheduleOptions {
  readonly signal?: AbortSignal | undefined;
  /** Yield results in the tasks' order; otherwise biggest first, as they finish. */
  readonly ordered: boolean;
  /** Whoever takes the results may stop soon: only a few tasks are begun before any has ended. */
  readonly mayEndEarly?: boolean;
  /** Runs while tasks do. */
  readonly clock?: TaskClock;
  /** Called after each task. */
  readonly onDone?: (result: TaskResult, weight: number) => void;
}

/** Tasks in flight per worker: one computing, one waiting, so that no worker idles on the main thread. */
const IN_FLIGHT_PER_WORKER = 2;

/**
 * Runs all tasks. On a failure, an abort or an early end of the iteration everything in flight is stopped and
 * awaited before the generator ends, so that nothing writes any more.
 */
export async function* schedule(
  executor: Executor,
  tasks: readonly WeightedTask[],
  options: ScheduleOptions,
): AsyncGenerator<TaskResult, void, void> {
  const queue = options.ordered ? tasks : [...tasks].sort((a, b) => b.weight - a.weight);
  if (queue.length === 0) return;
  const most = executor.parallelism * IN_FLIGHT_PER_WORKER + (executor.lookAhead ?? 0);
  const flag = createStopFlag();
  const end = new AbortController();
  const stop = () => {
    Atomics.store(flag, 0, 1);
    end.abort();
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const stopClock = options.clock && startClock(options.clock, executor.parallelism);
  const landings = new Landings(options.ordered);
  let next = 0;
  let turn = 0;
  try {
    while (turn < queue.length) {
      if (options.signal?.aborted) throw abortedError();
      // Where few results may do, the first ones are waited for.
      const limit = options.mayEndEarly ? Math.min(most, 2 ** Math.min(turn, 20)) : most;
      for (; next < queue.length && next - turn < limit; next++) {
        landings.launched(next, executor.run(queue[next]!.task, flag, end.signal));
      }
      const landed = await landings.next(turn);
      turn++;
      if ('error' in landed) throw landed.error;
      options.onDone?.(landed.result, queue[landed.place]!.weight);
      yield landed.result;
    }
  } finally {
    options.signal?.removeEventListener('abort', stop);
    if (landings.flying > 0) {
      stop();
      await landings.ground();
    }
    stopClock?.();
  }
}

/** Runs one task by itself, stoppable like all others, and adds it to `stats`. */
export async function runOne(
  executor: Executor,
  task: Task,
  signal: AbortSignal | undefined,
  stats: RunStats | null,
): Promise<TaskResult> {
  const result = await lone(executor, task, signal, stats?.clock);
  if (stats !== null) addStats(stats, result);
  return result;
}

/** {@link runOne} for a task whose first run has told of all its rows. */
export async function rerunOne(
  executor: Executor,
  task: Task,
  signal: AbortSignal | undefined,
  stats: RunStats,
): Promise<TaskResult> {
  const result = await lone(executor, task, signal, stats.clock);
  addStats(stats, { ...result, droppedRows: 0, farPairs: 0, userErrors: 0 });
  return result;
}

async function lone(
  executor: Executor,
  task: Task,
  signal: AbortSignal | undefined,
  clock: TaskClock | undefined,
): Promise<TaskResult> {
  const options = { signal, ordered: true, ...(clock === undefined ? {} : { clock }) };
  for await (const result of schedule(executor, [{ task, weight: 1 }], options)) return result;
  throw new Error('a task ended without a result');
}

type Landed =
  | { readonly place: number; readonly result: TaskResult }
  | { readonly place: number; readonly error: unknown };

/**
 * Tasks that have ended and were not taken yet. The cost of a task does not depend on how many others are in flight, as
 * that of `Promise.race` over all of them would: a thousand are, for two hundred workers.
 */
class Landings {
  readonly #ordered: boolean;
  /** By place where results are taken in order, else in the order of landing. */
  readonly #landed = new Map<number, Landed>();
  #wake: (() => void) | null = null;
  /** Tasks that have not ended. */
  flying = 0;

  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  /** Never rejects: a failure that nobody awaits yet must not count as unhandled. */
  launched(place: number, task: Promise<TaskResult>): void {
    this.flying++;
    task.then(
      (result) => this.#land({ place, result }),
      (error: unknown) => this.#land({ place, error }),
    );
  }

  /** What has landed, in order: at `place`. */
  async next(place: number): Promise<Landed> {
    for (;;) {
      const landed = this.#ordered
        ? this.#landed.get(place)
        : (this.#landed.values().next().value as Landed | undefined);
      if (landed !== undefined) {
        this.#landed.delete(landed.place);
        return landed;
      }
      await this.#nextLanding();
    }
  }

  /** Resolves when nothing flies any more. */
  async ground(): Promise<void> {
    while (this.flying > 0) await this.#nextLanding();
  }

  #land(landed: Landed): void {
    this.flying--;
    this.#landed.set(landed.place, landed);
    this.#wake?.();
    this.#wake = null;
  }

  #nextLanding(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
