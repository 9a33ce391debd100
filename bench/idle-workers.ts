/**
 * Workers that wait: what the process takes with so many of them.
 *
 *     node bench/idle-workers.ts WORKERS
 *
 * Each has opened its database and had one task with nothing to do. They run the built program, as that of the sources loads
 * hundreds of files. Prints a line of JSON.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import { createStopFlag } from '../engine/executor.ts';
import type { CellsTask } from '../engine/task.ts';
import type { WorkerAnswer } from '../workers/host.ts';
import { shareMemory } from '../workers/memory.ts';
import { createPacker } from '../workers/shared-parts.ts';
import type { WorkerRequest } from '../workers/worker.ts';

const workers = Number(process.argv[2] ?? '2');
const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-idle-'));
const before = process.memoryUsage.rss();
const start = performance.now();
const shares = shareMemory(workers * 2 ** 28 + 2 ** 28, workers);
// The pool of the engine, around the built worker.
const pool = new Piscina({
  filename: pathToFileURL(join(import.meta.dirname, '..', 'dist', 'worker.js')).href,
  minThreads: workers,
  maxThreads: workers,
  atomics: 'disabled',
  workerData: { ...shares, spillDir },
});
const task: CellsTask = {
  ...{ kind: 'cells', id: 0, cells: [], sink: { kind: 'count' }, slackArcsec: 0 },
  program: { root: { kind: 'scan', scan: 0 }, computed: [], scans: [] },
};
const met = new Set<number>();
const pack = createPacker();
const stop = createStopFlag();
// Tasks with nothing to do until every worker has had one.
while (met.size < workers) {
  const answers: Promise<WorkerAnswer>[] = Array.from({ length: workers }, () =>
    pool.run({ packed: pack(task), stop } satisfies WorkerRequest),
  );
  for (const answer of await Promise.all(answers)) {
    if (!answer.ok) throw new Error(answer.error.what);
    met.add(answer.result.worker);
  }
}
const figures = {
  rows: workers,
  startSeconds: (performance.now() - start) / 1000,
  workerBytes: (process.memoryUsage.rss() - before) / workers,
  openFiles: readdirSync('/proc/self/fd').length,
};
console.log(JSON.stringify(figures));
await pool.close();
rmSync(spillDir, { recursive: true, force: true });
