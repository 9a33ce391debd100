/** What a run did, as the one JSON object that scripts read, and as text. */
import type { RunStats } from '../engine/physical/run-program.ts';
import { countOf, secondsText } from './format.ts';

export interface Outcome {
  readonly rows: number;
  /** Counters of the engine, where it gave any. */
  readonly stats?: RunStats;
  /** Path of what was written. */
  readonly output?: string;
}

/** Seconds since the process began: what a stopwatch beside the terminal would show. */
export function elapsedSeconds(): number {
  return performance.now() / 1000;
}

/** @param tasks announced while running: not every end gives counters */
export function outcomeJson({ rows, stats, output }: Outcome, tasks: number): string {
  const { user, system } = process.cpuUsage();
  return JSON.stringify({
    rows,
    seconds: elapsedSeconds(),
    cpuSeconds: (user + system) / 1e6,
    tasks: Math.max(stats?.tasks ?? 0, tasks),
    // The database reads the files, and does not say how much of them.
    bytesRead: null,
    // Requests are what a remote store would count.
    requests: 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    output: output ?? null,
  });
}

/** Where the time of the workers went. */
export function phasesText({ phases, tasks, splits, edgePartitions }: RunStats): string {
  const times = Object.entries(phases).map(([name, ms]) => `${name} ${secondsText(ms / 1000)}`);
  const counts = [countOf(tasks, 'task')];
  if (splits > 0) counts.push(countOf(splits, 'split'));
  if (edgePartitions > 0) counts.push(`edges of ${countOf(edgePartitions, 'partition')}`);
  return `worker time: ${times.join(', ')} (${counts.join(', ')})`;
}
