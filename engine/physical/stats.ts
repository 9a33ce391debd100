/** Counters that every run keeps: what its tasks did, and where the time went. */
import { newPhases, type PhaseTimes, type TaskResult } from '../task.ts';

/** Counters of a run, whatever its sink. */
export interface RunStats {
  tasks: number;
  splits: number;
  droppedRows: number;
  edgePartitions: number;
  /** Pairs of equal keys that joins left out because they lie too far apart, and the largest distance. */
  farPairs: number;
  farthestArcsec: number;
  /** Rows that user code failed on and that were skipped or collected, and what the first failure was. */
  userErrors: number;
  firstUserError: string | null;
  /** Of all workers. */
  readonly phases: PhaseTimes;
  /** By the worker's number; 0 is the main thread. Workers that never had a task are not here. */
  readonly workers: Record<number, WorkerTimes>;
  readonly clock: TaskClock;
}

export interface WorkerTimes {
  tasks: number;
  /** Time in tasks. */
  busyMs: number;
}

/** When tasks were given out, and what they left unused; milliseconds. */
export interface TaskClock {
  /** On the clock of `performance.now()`, of the first task and the last; null: there was none. */
  from: number | null;
  to: number | null;
  /** Wall time during which tasks were given out or awaited. */
  wallMs: number;
  /** That time for each worker. */
  capacityMs: number;
  /** Part of it in which the main thread was at work. */
  mainMs: number;
}

export function newStats(): RunStats {
  return {
    tasks: 0,
    splits: 0,
    droppedRows: 0,
    edgePartitions: 0,
    farPairs: 0,
    farthestArcsec: 0,
    userErrors: 0,
    firstUserError: null,
    phases: newPhases(),
    workers: {},
    clock: { from: null, to: null, wallMs: 0, capacityMs: 0, mainMs: 0 },
  };
}

/** Takes back what was counted of rows, for a run that starts again; the time that it took stays. */
export function forgetRows(stats: RunStats): void {
  stats.droppedRows = 0;
  stats.farPairs = 0;
  stats.farthestArcsec = 0;
  stats.userErrors = 0;
  stats.firstUserError = null;
}

/** Adds a task's counters to the run's. */
export function addStats(stats: RunStats, result: TaskResult): void {
  stats.tasks++;
  stats.splits += result.splits;
  stats.droppedRows += result.droppedRows;
  stats.farPairs += result.farPairs;
  stats.userErrors += result.userErrors;
  stats.firstUserError = firstOf(stats.firstUserError, result.firstUserError);
  stats.farthestArcsec = Math.max(stats.farthestArcsec, result.farthestArcsec);
  stats.workers[result.worker] ??= { tasks: 0, busyMs: 0 };
  const worker = stats.workers[result.worker]!;
  worker.tasks++;
  for (const phase of Object.keys(stats.phases) as (keyof PhaseTimes)[]) {
    stats.phases[phase] += result.phases[phase];
    worker.busyMs += result.phases[phase];
  }
}

/** One of two messages, whichever came first. */
function firstOf(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** Time that workers were there and had no task, milliseconds. */
export function idleMs({ workers, clock }: RunStats): number {
  const busy = Object.values(workers).reduce((sum, { busyMs }) => sum + busyMs, 0);
  return Math.max(0, clock.capacityMs - busy);
}

/** Time of the main thread while tasks ran, less that in which it ran tasks itself, milliseconds. */
export function dispatchMs({ workers, clock }: RunStats): number {
  return Math.max(0, clock.mainMs - (workers[0]?.busyMs ?? 0));
}

/** Starts `clock` for `parallelism` workers; the function that comes back stops it. */
export function startClock(clock: TaskClock, parallelism: number): () => void {
  const before = performance.eventLoopUtilization();
  const start = performance.now();
  clock.from ??= start;
  return () => {
    const end = performance.now();
    clock.to = end;
    clock.wallMs += end - start;
    clock.capacityMs += (end - start) * parallelism;
    clock.mainMs += performance.eventLoopUtilization(before).active;
  };
}
