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
import { createStopFlag } from '../engine/executor.ts';
import type { CellsTask } from '../engine/task.ts';
import { shareMemory } from '../workers/memory.ts';
import { createPool } from '../workers/pool.ts';

const workers = Number(process.argv[2] ?? '2');
const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-idle-'));
const before = process.memoryUsage.rss();
const start = performance.now();
const shares = shareMemory(workers * 2 ** 28 + 2 ** 28, workers);
const built = pathToFileURL(join(import.meta.dirname, '..', 'dist', 'worker.js')).href;
const pool = createPool(shares, spillDir, built);
const task: CellsTask = {
  ...{ kind: 'cells', id: 0, cells: [], sink: { kind: 'count' }, slackArcsec: 0 },
  program: { root: { kind: 'scan', scan: 0 }, computed: [], scans: [] },
};
const met = new Set<number>();
const stop = createStopFlag();
// Tasks with nothing to do until every worker has had one.
while (met.size < workers) {
  const runs = Array.from({ length: workers }, () => pool.run(task, stop));
  for (const { worker } of await Promise.all(runs)) met.add(worker);
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
