/** Shares the memory a run may use among its workers. */
import { availableParallelism } from 'node:os';

/** Node itself, the main thread's metadata, and what native code keeps outside every limit. */
const PROCESS_BYTES = 200 * 2 ** 20;
/** A worker thread's own heap and code. */
const THREAD_BYTES = 40 * 2 ** 20;
/** Below this a worker cannot scan a partition: fewer workers with more each are better. */
const LEAST_SHARE_BYTES = 160 * 2 ** 20;

export interface MemoryShares {
  readonly workers: number;
  /** What the whole run may use. */
  readonly memoryBytes: number;
  /** DuckDB's limit per worker. */
  readonly databaseBytes: number;
  /** Typed arrays of positions, grid and pairs per worker: outside DuckDB's and V8's limits, counted by us. */
  readonly arrayBytes: number;
}

/** Half of what the process may use: a container's limit, or else the machine's memory. */
export function defaultMemoryBytes(): number {
  return Math.floor(limit() / 2);
}

function limit(): number {
  const constrained = process.constrainedMemory();
  const total = process.availableMemory() + process.memoryUsage.rss();
  return constrained > 0 && constrained < total ? constrained : total;
}

/** Cores this process may use. */
export function defaultWorkers(): number {
  return availableParallelism();
}

/** Divides `memoryBytes` among at most `workers`; fewer workers where the shares would be too small. */
export function shareMemory(memoryBytes: number, workers: number): MemoryShares {
  const usable = Math.max(LEAST_SHARE_BYTES, memoryBytes - PROCESS_BYTES);
  const count = Math.max(1, Math.min(workers, Math.floor(usable / LEAST_SHARE_BYTES)));
  const share = Math.max(LEAST_SHARE_BYTES / 2, usable / count - THREAD_BYTES);
  return {
    workers: count,
    memoryBytes,
    databaseBytes: Math.floor(share * 0.5),
    arrayBytes: Math.floor(share * 0.4),
  };
}
