/** Hands tasks to an executor: bounded in flight, stoppable, in order where the answer is a sequence. */
import { abortedError } from '../../partitioning/error.ts';
import { createStopFlag, type Executor, type StopFlag } from '../executor.ts';
import type { Task, TaskResult } from '../task.ts';

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
  const most = executor.parallelism * IN_FLIGHT_PER_WORKER + (executor.lookAhead ?? 0);
  const flying = new Map<number, Promise<Landed>>();
  const flag = createStopFlag();
  const end = new AbortController();
  const stop = () => {
    Atomics.store(flag, 0, 1);
    end.abort();
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  let next = 0;
  let turn = 0;
  try {
    while (next < queue.length || flying.size > 0) {
      if (options.signal?.aborted) throw abortedError();
      // Where few results may do, the first ones are waited for.
      const limit = options.mayEndEarly ? Math.min(most, 2 ** Math.min(turn, 20)) : most;
      while (next < queue.length && flying.size < limit) {
        flying.set(next, launch(executor, queue[next]!, next, flag, end.signal));
        next++;
      }
      const landed = await (options.ordered ? flying.get(turn)! : Promise.race(flying.values()));
      flying.delete(landed.place);
      turn++;
      if ('error' in landed) throw landed.error;
      options.onDone?.(landed.result, queue[landed.place]!.weight);
      yield landed.result;
    }
  } finally {
    options.signal?.removeEventListener('abort', stop);
    if (flying.size > 0) {
      stop();
      await Promise.all(flying.values());
    }
  }
}

/** Runs one task by itself, stoppable like all others. */
export async function runOne(
  executor: Executor,
  task: Task,
  signal: AbortSignal | undefined,
): Promise<TaskResult> {
  for await (const result of schedule(executor, [{ task, weight: 1 }], { signal, ordered: true })) {
    return result;
  }
  throw new Error('a task ended without a result');
}

type Landed =
  | { readonly place: number; readonly result: TaskResult }
  | { readonly place: number; readonly error: unknown };

/** Never rejects: a failure that nobody awaits yet must not count as unhandled. */
function launch(
  executor: Executor,
  { task }: WeightedTask,
  place: number,
  flag: StopFlag,
  signal: AbortSignal,
): Promise<Landed> {
  return executor.run(task, flag, signal).then(
    (result) => ({ place, result }),
    (error: unknown) => ({ place, error }),
  );
}
