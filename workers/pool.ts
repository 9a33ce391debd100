/** The executor over worker threads: Piscina, one DuckDB session per thread. */
import { Piscina } from 'piscina';
import type { Executor, StopFlag } from '../engine/executor.ts';
import type { Task, TaskResult } from '../engine/task.ts';
import { userLimitsOf } from '../engine/user/in-task.ts';
import { abortedError, CrosshatchError } from '../partitioning/error.ts';
import type { WorkerAnswer } from './host.ts';
import type { MemoryShares } from './memory.ts';
import { createPacker, type PackedTask } from './shared-parts.ts';
import { createUserGuard, type UserGuard } from './user-guard.ts';
import type { WorkerRequest, WorkerSetup } from './worker.ts';

/** A task whose worker died is tried again this often. */
const RETRIES = 2;

/** What user code may take beyond the run's own memory: the run has rarely used all of it. */
const SPARE_BYTES = 2 ** 28;

/** `.ts` when running from source, `.js` in the published package. */
const WORKER_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
).href;

/** Starts `shares.workers` threads, which spill to `spillDir`; they do not keep the process alive while idle. */
export function createPool(
  shares: MemoryShares,
  spillDir: string,
  workerFile = WORKER_FILE,
): Executor {
  const setup: WorkerSetup = {
    databaseBytes: shares.databaseBytes,
    arrayBytes: shares.arrayBytes,
    spillDir,
  };
  const pool = new Piscina({
    filename: workerFile,
    minThreads: shares.workers,
    maxThreads: shares.workers,
    // The default would park a worker's event loop between tasks.
    atomics: 'disabled',
    recordTiming: false,
    workerData: setup,
  });
  // A thread that dies between tasks is replaced by the pool; nothing of ours is lost with it.
  pool.on('error', () => {});
  const guard = createUserGuard(
    process.memoryUsage.rss() + SPARE_BYTES + 1.25 * shares.memoryBytes,
  );
  const pack = createPacker();
  let running = 0;
  return {
    parallelism: shares.workers,
    memoryPerTaskBytes: shares.arrayBytes,
    get busy() {
      return running > 0;
    },
    async run(task, stop) {
      running++;
      try {
        return await runWithRetries(pool, { task, packed: pack(task), stop }, guard);
      } finally {
        running--;
      }
    },
    close: () => pool.close({ force: false }),
  };
}

interface PoolRequest {
  readonly task: Task;
  readonly packed: PackedTask;
  readonly stop: StopFlag;
}

async function runWithRetries(
  pool: Piscina,
  { task, packed, stop }: PoolRequest,
  guard: UserGuard,
): Promise<TaskResult> {
  const request: WorkerRequest = { packed, stop };
  for (let attempt = 0; ; attempt++) {
    let answer: WorkerAnswer;
    const guarded = guard.guard(task, taskPlace, stop);
    try {
      answer = (await (guarded === undefined
        ? pool.run(request)
        : pool.run(
            { ...request, watch: guarded.watch },
            { signal: guarded.signal },
          ))) as WorkerAnswer;
    } catch (error) {
      const ended = guarded?.error();
      if (ended) throw ended;
      if (Atomics.load(stop, 0) !== 0) throw abortedError();
      if (attempt < RETRIES) continue;
      throw workerDied(task, error, attempt + 1);
    } finally {
      guarded?.release();
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
      hint:
        userLimitsOf(task) === undefined
          ? 'Raise --memory or lower --workers; what was finished is kept: --resume continues.'
          : 'The user code may have ended it (process.exit) or filled its memory: raise --memory, or look at what the code does there.',
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
