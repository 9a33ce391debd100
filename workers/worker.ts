/** The code of a worker thread: one session, one task at a time, errors as plain data. */
import { threadId, workerData } from 'node:worker_threads';
import type { StopFlag } from '../engine/executor.ts';
import { errorDataOf } from '../partitioning/error.ts';
import { createHost, type HostedRun, type HostOptions, type WorkerAnswer } from './host.ts';
import { createUnpacker, type PackedTask } from './shared-parts.ts';

/** What the pool sends for each task. */
export interface WorkerRequest {
  readonly packed: PackedTask;
  readonly stop: StopFlag;
  /** Where user code is told of, for tasks that have some. */
  readonly watch?: SharedArrayBuffer;
}

/** What the pool gives each worker. */
export type WorkerSetup = Omit<HostOptions, 'worker' | 'startMs'>;

// Piscina puts what the pool was given behind something of its own.
const setup = (Array.isArray(workerData) ? workerData.at(-1) : workerData) as WorkerSetup;
/** The clock is the process's; its code is loaded now. */
const startMs = performance.now() - performance.nodeTiming.environment;
let host: HostedRun | null = null;
const unpack = createUnpacker();

/** Runs one task; never rejects, so that errors keep their fields on the way to the main thread. */
export default async function work({ packed, stop, watch }: WorkerRequest): Promise<WorkerAnswer> {
  host ??= createHost({ ...setup, worker: threadId, startMs });
  try {
    return { ok: true, result: await host.run(unpack(packed), stop, watch) };
  } catch (error) {
    return { ok: false, error: errorDataOf(error) };
  }
}
