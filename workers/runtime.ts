/** The engine's runtime over threads: pools kept between runs, one checking session, temporary folders. */

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Executor } from '../engine/executor.ts';
import type { Runtime } from '../engine/runtime.ts';
import type { Session } from '../engine/session.ts';
import { requestError } from '../partitioning/error.ts';
import { openSession } from './duckdb-session.ts';
import { createInline } from './inline.ts';
import { defaultMemoryBytes, defaultWorkers, shareMemory } from './memory.ts';
import { createPool } from './pool.ts';

/** Enough to check expressions; no data pass through this session. */
const CHECK_BYTES = 256 * 2 ** 20;

/** A runtime whose threads and folders live until `close`, or the end of the process. */
export function createRuntime(): Runtime & { close(): Promise<void> } {
  const executors = new Map<string, Executor>();
  // Measured once: what is free changes all the time, and the pools are kept by their shares.
  const memory = defaultMemoryBytes();
  const folders = new Set<string>();
  let session: Promise<Session> | null = null;
  const removeFolders = () => {
    for (const dir of folders) rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', removeFolders);
  return {
    executor({ workers = defaultWorkers(), memoryBytes = memory, small }) {
      if (!Number.isInteger(workers) || workers < 1 || workers > 1024) {
        throw requestError(`workers ${workers} is not a whole number from 1 to 1024`);
      }
      if (!(memoryBytes >= 2 ** 28)) {
        throw requestError('memory must be at least 256 MB', 'For example --memory 2GB.');
      }
      const shares = shareMemory(memoryBytes, small ? 1 : workers);
      const key = `${small}/${shares.workers}/${shares.arrayBytes}`;
      const known = executors.get(key);
      if (known !== undefined) return known;
      const made = small ? createInline(shares) : createPool(shares);
      executors.set(key, made);
      return made;
    },
    session() {
      session ??= openChecker(folders);
      return session;
    },
    async tempDir() {
      const dir = await mkdtemp(join(tmpdir(), 'crosshatch-'));
      folders.add(dir);
      return dir;
    },
    async removeTempDir(dir) {
      await rm(dir, { recursive: true, force: true });
      folders.delete(dir);
    },
    async close() {
      process.off('exit', removeFolders);
      for (const executor of executors.values()) await executor.close();
      executors.clear();
      if (session !== null) (await session).close();
      session = null;
      removeFolders();
    },
  };
}

async function openChecker(folders: Set<string>): Promise<Session> {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-check-'));
  folders.add(spillDir);
  return openSession({ memoryLimitBytes: CHECK_BYTES, spillDir, files: false });
}
