/** Where the time of a run went, as data and as text. */
import { dispatchMs, idleMs, type RunStats } from '../engine/physical/stats.ts';
import type { PhaseTimes } from '../engine/task.ts';
import { countOf, secondsText } from './format.ts';

/** Moments of a command, milliseconds since the process began. */
export interface Moments {
  /** The command's own code begins. */
  readonly begun: number;
  /** Its catalogs are open; null: it does not say. */
  readonly opened: number | null;
  readonly ended: number;
}

/** Seconds. */
export interface Profile {
  /** Of the process, one after the other; they add up to all of it. */
  readonly stageSeconds: {
    /** Until the program is loaded. */
    readonly start: number;
    /** Opening catalogs; with what comes before the first task where nobody says when they were open. */
    readonly open: number;
    /** Checking, planning and cutting into tasks, and trying user code where it says no types. */
    readonly plan: number;
    /** While tasks were given out. */
    readonly tasks: number;
    /** What the main thread does between and after them. */
    readonly reduce: number;
  };
  /** Of all workers together while tasks were given out. */
  readonly phaseSeconds: PhaseTimes & { readonly idle: number };
  /** Of the main thread while tasks were given out: handing over tasks, taking results. */
  readonly dispatchSeconds: number;
  /** Of each worker that had a task. */
  readonly workers: readonly { readonly tasks: number; readonly busySeconds: number }[];
}

/** The profile of a run; `undefined` where it had no tasks. */
export function profileOf(
  stats: RunStats | undefined,
  { begun, opened, ended }: Moments,
): Profile | undefined {
  if (stats === undefined || stats.clock.from === null) return undefined;
  const { from, wallMs } = stats.clock;
  const open = opened ?? from;
  const phases = Object.entries({ ...stats.phases, idle: idleMs(stats) });
  return {
    stageSeconds: {
      start: begun / 1000,
      open: (open - begun) / 1000,
      plan: (from - open) / 1000,
      tasks: wallMs / 1000,
      reduce: (ended - from - wallMs) / 1000,
    },
    phaseSeconds: Object.fromEntries(
      phases.map(([name, ms]) => [name, ms / 1000]),
    ) as unknown as Profile['phaseSeconds'],
    dispatchSeconds: dispatchMs(stats) / 1000,
    workers: Object.values(stats.workers).map(({ tasks, busyMs }) => ({
      tasks,
      busySeconds: busyMs / 1000,
    })),
  };
}

/** Two lines: the stages of the process, and the phases of the workers. */
export function profileText(stats: RunStats, profile: Profile): string[] {
  const { tasks, splits, edgePartitions } = stats;
  const counts = [countOf(tasks, 'task'), countOf(profile.workers.length, 'worker')];
  if (splits > 0) counts.push(countOf(splits, 'split'));
  if (edgePartitions > 0) counts.push(`edges of ${countOf(edgePartitions, 'partition')}`);
  return [
    `stages: ${timesText(profile.stageSeconds)}`,
    `worker time: ${timesText(profile.phaseSeconds)} (${counts.join(', ')}; main thread ${secondsText(profile.dispatchSeconds)})`,
  ];
}

function timesText(seconds: object): string {
  return Object.entries(seconds as Readonly<Record<string, number>>)
    .map(([name, value]) => `${name} ${secondsText(value)}`)
    .join(', ');
}
