/** Runs tasks with a DuckDB session that is opened at the first task and replaced after a failed one. */
import type { StopFlag } from '../engine/executor.ts';
import { createTaskHost, runTask, type TaskHost } from '../engine/run/task.ts';
import type { Session } from '../engine/session.ts';
import type { Task, TaskResult } from '../engine/task.ts';
import { watchOn } from '../engine/user/watch.ts';
import type { ErrorData } from '../partitioning/error.ts';
import { openSession } from './duckdb-session.ts';
import { freeAll } from './garbage.ts';

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
  let session: Session | null = null;
  let host: TaskHost | null = null;
  let unfreedBytes = 0;
  let unreportedMs = options.startMs;
  const close = () => {
    session?.close();
    session = null;
    host = null;
  };
  return {
    async run(task, stop, watch) {
      const start = performance.now();
      if (session === null || host === null) {
        session = await openSession({
          memoryLimitBytes: options.databaseBytes,
          spillDir: options.spillDir,
          onResult: (bytes) => {
            unfreedBytes += bytes;
          },
        });
        const { arrayBytes, spillDir: tempDir, worker } = options;
        host = createTaskHost({ session, arrayBytes, tempDir, worker });
        unreportedMs += performance.now() - start;
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
