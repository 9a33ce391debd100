/** A runtime of one thread whose memory share is so small that cells are cut into four again and again. */
import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { estimateMatcherBytes } from '../../engine/kernel/match.ts';
import type { Runtime } from '../../engine/runtime.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { createInline } from '../../workers/inline.ts';

/** Cells with more than `rightRows` right rows do not fit; close it when done. */
export function smallRuntime(rightRows: number): Runtime & { close(): Promise<void> } {
  return runtimeWith(estimateMatcherBytes(0, rightRows));
}

/** A runtime of one thread with so much memory for arrays; close it when done. */
export function runtimeWith(arrayBytes: number): Runtime & { close(): Promise<void> } {
  const shares = {
    workers: 1,
    memoryBytes: 2 ** 30,
    databaseBytes: 256 * 2 ** 20,
    arrayBytes,
  };
  const executor = createInline(shares, mkdtempSync(path.join(tmpdir(), 'crosshatch-spill-')));
  const tempDir = () => mkdtemp(path.join(tmpdir(), 'crosshatch-'));
  let session: ReturnType<typeof openSession> | null = null;
  return {
    executor: () => executor,
    session() {
      session ??= (async () => {
        const spillDir = await tempDir();
        return openSession({ memoryLimitBytes: 256 * 2 ** 20, spillDir });
      })();
      return session;
    },
    tempDir,
    removeTempDir: (dir) => rm(dir, { recursive: true, force: true }),
    async close() {
      await executor.close();
      if (session !== null) (await session).close();
    },
  };
}
