/** The executor of the main thread, for queries too small to start a pool for. */
import type { Executor } from '../engine/executor.ts';
import { createHost } from './host.ts';
import type { MemoryShares } from './memory.ts';

/** Runs tasks one after the other on this thread; its database spills to `spillDir`. */
export function createInline(shares: MemoryShares, spillDir: string): Executor {
  const host = createHost({ ...shares, spillDir, worker: 0, startMs: 0 });
  let last: Promise<unknown> = Promise.resolve();
  let running = 0;
  return {
    parallelism: 1,
    memoryPerTaskBytes: shares.arrayBytes,
    get busy() {
      return running > 0;
    },
    run(task, stop) {
      running++;
      const result = last
        // Between tasks the event loop gets a turn: that is how an interrupt arrives.
        .then(() => new Promise((resolve) => setImmediate(resolve)))
        .then(() => host.run(task, stop))
        .finally(() => running--);
      last = result.catch(() => {});
      return result;
    },
    async close() {
      await last;
      host.close();
    },
  };
}
