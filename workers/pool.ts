/** The executor over worker threads: Piscina, one DuckDB session per thread. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { Executor } from '../engine/executor.ts';
import type { Task, TaskResult } from '../engine/task.ts';
import { CrosshatchError } from '../partitioning/error.ts';
import type { WorkerAnswer } from './host.ts';
import type { MemoryShares } from './memory.ts';
import type { WorkerSetup } from './worker.ts';

/** A task whose worker died is tried again this often. */
const RETRIES = 2;

/** `.ts` when running from source, `.js` in the published package. */
const WORKER_FILE = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';

/** Starts `shares.workers` threads; they do not keep the process alive while idle. */
export function createPool(shares: MemoryShares): Executor {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-spill-'));
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const setup: WorkerSetup = {
    databaseBytes: shares.databaseBytes,
    arrayBytes: shares.arrayBytes,
    spillDir,
    stopFlag,
  };
  const pool = new Piscina({
    filename: new URL(WORKER_FILE, import.meta.url).href,
    minThreads: shares.workers,
    maxThreads: shares.workers,
    // The default would park a worker's event loop between tasks.
    atomics: 'disabled',
    recordTiming: false,
    workerData: setup,
  });
  // A thread that dies between tasks is replaced by the pool; nothing of ours is lost with it.
  pool.on('error', () => {});
  const removeSpill = () => rmSync(spillDir, { recursive: true, force: true });
  process.once('exit', removeSpill);
  let running = 0;
  return {
    parallelism: shares.workers,
    memoryPerTaskBytes: shares.arrayBytes,
    async run(task) {
      running++;
      try {
        return await runWithRetries(pool, task, () => Atomics.load(stopFlag, 0) !== 0);
      } finally {
        // The last one out clears the flag, so that the pool can serve another run.
        if (--running === 0) Atomics.store(stopFlag, 0, 0);
      }
    },
    stop() {
      if (running > 0) Atomics.store(stopFlag, 0, 1);
    },
    async close() {
      process.off('exit', removeSpill);
      await pool.close({ force: false });
      removeSpill();
    },
  };
}

async function runWithRetries(
  pool: Piscina,
  task: Task,
  stopped: () => boolean,
): Promise<TaskResult> {
  for (let attempt = 0; ; attempt++) {
    let answer: WorkerAnswer;
    try {
      answer = (await pool.run(task)) as WorkerAnswer;
    } catch (error) {
      if (attempt < RETRIES && !stopped()) continue;
      throw workerDied(task, error, attempt + 1);
    }
    if (answer.ok) return answer.result;
    throw new CrosshatchError(answer.error);
  }
}

function workerDied(task: Task, error: unknown, attempts: number): CrosshatchError {
  const message = error instanceof Error ? error.message : String(error);
  return new CrosshatchError(
    {
      tag: 'worker',
      what: `a worker thread died ${attempts} times: ${message}`,
      where: taskPlace(task),
      hint: 'Raise --memory or lower --workers; what was finished is kept: --resume continues.',
    },
    { cause: error },
  );
}

/** Where on the sky, or which file, a task is about. */
export function taskPlace(task: Task): string {
  switch (task.kind) {
    case 'cells':
      return `cell ${task.cells.map(({ pixel }) => `${pixel.order}/${pixel.pixel}`).join(', ')}`;
    case 'edges':
    case 'margin':
      return `edges of ${task.parts.map(({ pixel }) => `${pixel.order}/${pixel.pixel}`).join(', ')}`;
    case 'generate':
      return `generated cell ${task.cells.map(({ pixel }) => `${pixel.order}/${pixel.pixel}`).join(', ')}`;
    case 'table':
      return task.files.join(', ');
    case 'empty':
    case 'merge':
      return task.output;
    default:
      throw new Error(`unknown task ${JSON.stringify(task satisfies never)}`);
  }
}
