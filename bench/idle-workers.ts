/**
 * Workers that wait: what the process takes with so many of them.
 *
 *     node bench/idle-workers.ts WORKERS
 *
 * Each has opened its database and had one task with nothing to do. Prints a line of JSON.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStopFlag } from '../engine/executor.ts';
import type { CellsTask } from '../engine/task.ts';
import { shareMemory } from '../workers/memory.ts';
import { createPool } from '../workers/pool.ts';

const workers = Number(process.argv[2] ?? '2');
const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-idle-'));
const before = process.memoryUsage.rss();
const start = performance.now();
const pool = createPool(shareMemory(workers * 2 ** 28 + 2 ** 28, workers), spillDir);
const task: CellsTask = {
  ...{ kind: 'cells', id: 0, cells: [], sink: { kind: 'count' }, slackArcsec: 0 },
  program: { root: { kind: 'scan', scan: 0 }, computed: [], scans: [] },
};
const met = new Set<number>();
const flag = createStopFlag();
// Tasks with nothing to do until every worker has had one.
while (met.size < workers) {
  const results = await Promise.all(Array.from({ length: workers }, () => pool.run(task, flag)));
  for (const { worker } of results) met.add(worker);
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
