/** The engine's runtime over threads: pools kept between runs, one checking session, temporary folders. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Executor } from '../engine/executor.ts';
import type { Runtime } from '../engine/runtime.ts';
import type { Session } from '../engine/session.ts';
import { createInline } from './inline.ts';
import { defaultMemoryBytes, defaultWorkers, shareMemory } from './memory.ts';
import { createPool } from './pool.ts';

/** Enough to check expressions; no data pass through this session. */
const CHECK_BYTES = 256 * 2 ** 20;
/** Executors of different shapes kept at a time; idle ones beyond that are closed. */
const MAX_EXECUTORS = 3;

/** Loads the database when there is something to check. */
async function openChecking(spillDir: string): Promise<Session> {
  const { openSession } = await import('./duckdb-session.ts');
  return openSession({ memoryLimitBytes: CHECK_BYTES, spillDir, files: false });
}

/** A runtime whose threads and folders live until `close`, or the end of the process. */
export function createRuntime(): Runtime & { close(): Promise<void> } {
  const executors = new Map<string, Executor>();
  const folders = createFolders();
  // Measured once: what is free changes all the time, and the pools are kept by their shares.
  const memory = defaultMemoryBytes();
  let session: Promise<Session> | null = null;
  return {
    executor({ workers = defaultWorkers(), memoryBytes = memory, small }) {
      const shares = shareMemory(memoryBytes, small ? 1 : workers);
      const key = `${small}/${shares.workers}/${shares.arrayBytes}`;
      const known = executors.get(key);
      if (known !== undefined) return known;
      closeIdle(executors);
      const spillDir = folders.make('spill');
      const made = small ? createInline(shares, spillDir) : createPool(shares, spillDir);
      executors.set(key, made);
      return made;
    },
    session() {
      session ??= openChecking(folders.make('check')).catch((error: unknown) => {
        session = null;
        throw error;
      });
      return session;
    },
    tempDir: () => folders.makeSoon(),
    removeTempDir: (dir) => folders.remove(dir),
    async close() {
      for (const executor of executors.values()) await executor.close();
      executors.clear();
      if (session !== null) (await session).close();
      session = null;
      folders.removeAll();
    },
  };
}

function closeIdle(executors: Map<string, Executor>): void {
  for (const [key, executor] of executors) {
    if (executors.size < MAX_EXECUTORS) return;
    if (executor.busy) continue;
    executors.delete(key);
    // It has nothing to do: nobody waits for its end.
    void executor.close();
  }
}

/** Temporary folders, removed at the end of the process at the latest. */
function createFolders() {
  const folders = new Set<string>();
  const removeAll = () => {
    for (const dir of folders) rmSync(dir, { recursive: true, force: true });
    folders.clear();
  };
  process.once('exit', removeAll);
  return {
    removeAll,
    make(use: string): string {
      const dir = mkdtempSync(join(tmpdir(), `crosshatch-${use}-`));
      folders.add(dir);
      return dir;
    },
    async makeSoon(): Promise<string> {
      const dir = await mkdtemp(join(tmpdir(), 'crosshatch-'));
      folders.add(dir);
      return dir;
    },
    async remove(dir: string): Promise<void> {
      await rm(dir, { recursive: true, force: true });
      folders.delete(dir);
    },
  };
}
