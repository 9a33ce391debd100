/**
 * Tasks with nothing to do, through the scheduler and the thread pool: what remains is what the main thread does for each.
 *
 *     node bench/tiny-tasks.ts TASKS WORKERS shared|copied
 *
 * The program in them is that of a real match of 17 and 14 columns; `copied` gives each task one of its own. Prints a
 * line of JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedule } from '../engine/physical/schedule.ts';
import type { CellsTask } from '../engine/task.ts';
import { shareMemory } from '../workers/memory.ts';
import { createPool } from '../workers/pool.ts';

const [tasks = '100000', workers = '2', how = 'shared'] = process.argv.slice(2);

/** A scan as that of a catalog of so many columns. */
function scanOf(label: string, columns: number): CellsTask['program']['scans'][number] {
  const all = Array.from({ length: columns }, (_, i) => ({
    name: `${label}_c${i}`,
    type: 'DOUBLE',
  }));
  return {
    ...{ label, ra: 'ra', dec: 'dec', allColumns: all, columns: all, filters: [], regions: [] },
    ...{ dropInvalid: false, reachArcsec: 0, schemaFile: `${label}/dataset/_common_metadata` },
  };
}

function programOf(): CellsTask['program'] {
  const root = {
    ...{ kind: 'match' as const, match: 0, radiusArcsec: 1, minRadiusArcsec: 0, neighbors: 1 },
    left: { kind: 'scan' as const, scan: 0 },
    right: { kind: 'scan' as const, scan: 1 },
    keepUnmatched: false,
  };
  return { root, computed: [], scans: [scanOf('gaia', 17), scanOf('ztf', 14)] };
}

async function main(): Promise<void> {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-tiny-'));
  const pool = createPool(
    shareMemory(Number(workers) * 2 ** 28 + 2 ** 28, Number(workers)),
    spillDir,
  );
  const shared = programOf();
  const queue = Array.from({ length: Number(tasks) }, (_, id) => ({
    weight: 1,
    task: {
      ...{
        kind: 'cells' as const,
        id,
        cells: [],
        sink: { kind: 'count' as const },
        slackArcsec: 0,
      },
      program: how === 'shared' ? shared : programOf(),
    },
  }));
  // The workers are there, and so is the code.
  for await (const _ of schedule(pool, queue.slice(0, 1000), { ordered: false }));
  const clock = { from: null, to: null, wallMs: 0, capacityMs: 0, mainMs: 0 };
  const before = process.cpuUsage();
  let done = 0;
  for await (const _ of schedule(pool, queue, { ordered: false, clock })) done++;
  const { user, system } = process.cpuUsage(before);
  console.log(
    JSON.stringify({
      rows: done,
      seconds: clock.wallMs / 1000,
      mainSeconds: clock.mainMs / 1000,
      cpuSeconds: (user + system) / 1e6,
    }),
  );
  await pool.close();
  rmSync(spillDir, { recursive: true, force: true });
}

await main();
