/** The port through which the engine has tasks run; `workers/` implements it with threads. */
import type { Task, TaskResult } from './task.ts';

/** One shared 32-bit word per run: non-zero asks all tasks of that run to stop at their next slice. */
export type StopFlag = Int32Array;

export function createStopFlag(): StopFlag {
  return new Int32Array(new SharedArrayBuffer(4));
}

export interface Executor {
  /** How many tasks make progress at the same time. */
  readonly parallelism: number;
  /** Memory share of one task in bytes. */
  readonly memoryPerTaskBytes: number;
  /** Tasks that are worth handing over beyond those that can run: something is made ready for them. */
  readonly lookAhead?: number;
  /** True while a task of anybody's runs. */
  readonly busy: boolean;
  /**
   * Runs one task; retried by the executor when its worker dies. Rejects with a CrosshatchError, `aborted` when it
   * stopped because `stop` was set. `signal` says the same to whoever waits on this thread.
   */
  run(task: Task, stop: StopFlag, signal?: AbortSignal): Promise<TaskResult>;
  /** Ends the executor; resolves when no thread of it is left. */
  close(): Promise<void>;
}
