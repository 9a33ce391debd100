/** The executor of the main thread, for queries too small to start a pool for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Executor } from '../engine/executor.ts';
import { createHost } from './host.ts';
import type { MemoryShares } from './memory.ts';

/** Runs tasks one after the other on this thread. */
export function createInline(shares: MemoryShares): Executor {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-spill-'));
  const stopFlag = new Int32Array(1);
  const host = createHost({ ...shares, spillDir }, stopFlag);
  const removeSpill = () => rmSync(spillDir, { recursive: true, force: true });
  process.once('exit', removeSpill);
  let last: Promise<unknown> = Promise.resolve();
  let running = 0;
  return {
    parallelism: 1,
    memoryPerTaskBytes: shares.arrayBytes,
    run(task) {
      running++;
      const result = last.then(() => host.run(task));
      last = result
        .catch(() => {})
        .then(() => {
          if (--running === 0) Atomics.store(stopFlag, 0, 0);
        });
      return result;
    },
    stop() {
      if (running > 0) Atomics.store(stopFlag, 0, 1);
    },
    async close() {
      process.off('exit', removeSpill);
      await last;
      host.close();
      removeSpill();
    },
  };
}
