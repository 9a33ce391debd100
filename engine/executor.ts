/** The port through which the engine has tasks run; `workers/` implements it with threads. */
import type { Task, TaskResult } from './task.ts';

export interface Executor {
  /** How many tasks make progress at the same time. */
  readonly parallelism: number;
  /** Memory share of one task in bytes. */
  readonly memoryPerTaskBytes: number;
  /** Runs one task; retried by the executor when its worker dies. Rejects with a CrosshatchError. */
  run(task: Task): Promise<TaskResult>;
  /** Asks every running task to stop at its next slice; their promises reject with `aborted`. */
  stop(): void;
  /** Ends the executor; resolves when no thread of it is left. */
  close(): Promise<void>;
}
