/** What all ends share: an executor, a temporary folder, counters, and running a program inside them. */
import { performance } from 'node:perf_hooks';
import { Meter, type NetworkCounters, processMeter } from '../../catalogs/meter.ts';
import { openSpool } from '../../catalogs/spool/open.ts';
import type { Executor } from '../executor.ts';
import type { Program } from '../physical/lower.ts';
import type { ProgramRun } from '../physical/run-program.ts';
import { newStats, type RunStats } from '../physical/stats.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import { budgetWatch, checkBudget } from '../supply/cost.ts';
import { versionsOf, withSupply } from '../supply/supply.ts';
import { isSmall } from './prepare.ts';

/** Counters and times of a finished run. */
export interface RunSummary {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly workers: number;
  readonly peakRssBytes: number;
  readonly stats: RunStats;
  /** What reading remote files cost, all zero for local ones. */
  readonly network: NetworkCounters;
}

export interface Workspace {
  readonly executor: Executor;
  readonly tempDir: string;
  readonly stats: RunStats;
  readonly beforeRun: NonNullable<ProgramRun['beforeRun']>;
  /** The summary as of now. */
  summary(rows: number): RunSummary;
}

/** An executor for `program` and a temporary folder; the caller gives the folder back with `close`. */
export async function openWorkspace(
  program: Program | null,
  runtime: Runtime,
  settings: RunSettings,
): Promise<Workspace & { close(): Promise<void> }> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const bare = runtime.executor({
    workers: settings.workers,
    memoryBytes: settings.memoryBytes,
    small: program !== null && isSmall(program),
  });
  const meter = new Meter(processMeter);
  const catalogs = program?.scans.map(({ catalog }) => catalog) ?? [];
  const supply = withSupply(
    bare,
    () => openSpool({ meter, onFetch: budgetWatch(settings) }),
    versionsOf(catalogs),
  );
  const { executor } = supply;
  const tempDir = await runtime.tempDir();
  const stats = newStats();
  return {
    executor,
    tempDir,
    stats,
    beforeRun: (of, sink, allowance) => checkBudget(of, sink, allowance, settings),
    summary(rows) {
      const used = process.cpuUsage(cpu);
      return {
        rows,
        seconds: (performance.now() - start) / 1000,
        cpuSeconds: (used.user + used.system) / 1e6,
        workers: executor.parallelism,
        peakRssBytes: process.resourceUsage().maxRSS * 1024,
        stats,
        network: meter.counts,
      };
    },
    async close() {
      await supply.close();
      for (const warning of warningsOf(stats)) settings.onWarning?.(warning);
      await runtime.removeTempDir(tempDir);
    },
  };
}

/** What a run did that its user may not expect. */
function warningsOf(stats: RunStats): string[] {
  const warnings: string[] = [];
  if (stats.droppedRows > 0) {
    warnings.push(`${stats.droppedRows} rows with unusable positions were left out`);
  }
  if (stats.farPairs > 0) {
    warnings.push(
      `pairs with equal keys were left out, because they are further apart than withinArcsec: ${stats.farPairs} were met, up to ${stats.farthestArcsec.toPrecision(3)}″ apart`,
    );
  }
  if (stats.userErrors > 0) {
    warnings.push(
      `user code failed on ${stats.userErrors} rows; one of them: ${stats.firstUserError}`,
    );
  }
  return warnings;
}

/** Runs `body` with a workspace and gives it back after it, whatever happens. */
export async function withWorkspace<T>(
  program: Program | null,
  runtime: Runtime,
  settings: RunSettings,
  body: (space: Workspace) => Promise<T>,
): Promise<T> {
  const space = await openWorkspace(program, runtime, settings);
  try {
    return await body(space);
  } finally {
    await space.close();
  }
}
