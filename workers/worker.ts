/** The code of a worker thread: one session, one task at a time, errors as plain data. */
import { workerData } from 'node:worker_threads';
import type { Task } from '../engine/task.ts';
import { errorDataOf } from '../partitioning/error.ts';
import { createHost, type HostedRun, type HostOptions, type WorkerAnswer } from './host.ts';

/** What the pool gives every thread at its start; Piscina wraps it into an array of its own. */
export interface WorkerSetup extends HostOptions {
  readonly stopFlag: Int32Array;
}

const setup = (Array.isArray(workerData) ? workerData.at(-1) : workerData) as WorkerSetup;
let host: HostedRun | null = null;

/** Runs one task; never rejects, so that errors keep their fields on the way to the main thread. */
export default async function work(task: Task): Promise<WorkerAnswer> {
  host ??= createHost(setup, setup.stopFlag);
  try {
    return { ok: true, result: await host.run(task) };
  } catch (error) {
    return { ok: false, error: errorDataOf(error) };
  }
}
