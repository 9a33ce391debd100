/** Runs tasks with a DuckDB session that is opened when one needs it, and replaced after a failed one. */
import type { StopFlag } from '../engine/executor.ts';
import { createTaskHost, runTask, type TaskHost } from '../engine/run/task.ts';
import type { Task, TaskResult } from '../engine/task.ts';
import { watchOn } from '../engine/user/watch.ts';
import type { ErrorData } from '../partitioning/error.ts';
import { freeAll } from './garbage.ts';
import { LazySession } from './lazy-session.ts';

/** How a task's outcome crosses threads. */
export type WorkerAnswer =
  | { readonly ok: true; readonly result: TaskResult }
  | { readonly ok: false; readonly error: ErrorData };

export interface HostOptions {
  /** DuckDB's part of the worker's memory share. */
  readonly databaseBytes: number;
  /** The typed arrays' part of it. */
  readonly arrayBytes: number;
  /** Folder that DuckDB spills to. */
  readonly spillDir: string;
  /** Number of the worker; 0 is the main thread. */
  readonly worker: number;
  /** What it took to start the worker, milliseconds. */
  readonly startMs: number;
}

export interface HostedRun {
  run(task: Task, stop: StopFlag, watch?: SharedArrayBuffer): Promise<TaskResult>;
  close(): void;
}

/** Native memory worth a garbage collection, which takes milliseconds: a task of a small cell takes no more. */
const WORTH_FREEING_BYTES = 64 * 2 ** 20;

export function createHost(options: HostOptions): HostedRun {
  let session: LazySession | null = null;
  let host: TaskHost | null = null;
  let unfreedBytes = 0;
  let unreportedMs = options.startMs;
  const open = async () => {
    // Loading it takes longer than many a task.
    const { openSession } = await import('./duckdb-session.ts');
    return openSession({
      memoryLimitBytes: options.databaseBytes,
      spillDir: options.spillDir,
      onResult: (bytes) => {
        unfreedBytes += bytes;
      },
    });
  };
  const close = () => {
    session?.close();
    session = null;
    host = null;
  };
  return {
    async run(task, stop, watch) {
      if (session === null || host === null) {
        session = new LazySession(open);
        const { arrayBytes, spillDir: tempDir, worker } = options;
        host = createTaskHost({ session, arrayBytes, tempDir, worker });
      }
      session.stopAt(stop);
      try {
        const result = await runTask(host, task, watch === undefined ? null : watchOn(watch));
        result.phases.open += unreportedMs;
        unreportedMs = 0;
        if (unfreedBytes >= WORTH_FREEING_BYTES) {
          const freeing = performance.now();
          freeAll();
          unfreedBytes = 0;
          result.phases.other += performance.now() - freeing;
        }
        return result;
      } catch (error) {
        // A statement that was left half-way, temporary tables, an exhausted limit: all gone with the session.
        close();
        throw error;
      }
    },
    close,
  };
}
