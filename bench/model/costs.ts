/** What tasks cost, out of the figures of a benchmark. */
import type { CaseFigures, ProgramFigures } from '../runner.ts';
import type { ModelTask } from './schedule.ts';
import type { CellRows } from './sky.ts';

/** Of a job on this machine. */
export interface Costs {
  /** For each row of either side, seconds of one core. */
  readonly secondsPerRow: number;
  readonly secondsPerTask: number;
  /** Read from the store for each row. */
  readonly storeBytesPerRow: number;
  /** Start of the process, the catalogs and the workers. */
  readonly startSeconds: number;
  readonly dispatchSeconds: number;
  /** How many times as long a task takes with all cores of this machine busy; at least 1. */
  readonly crowding: number;
}

/** Of the main thread for each task, where nobody measured it. */
const USUAL_DISPATCH_SECONDS = 120e-6;

/** The main thread's time for each task, from a case of the suite `dispatch`. */
export function dispatchSecondsOf(figures: CaseFigures | undefined): number {
  const measured = figures?.programs[0]?.more['main µs/task']?.median;
  return measured === undefined ? USUAL_DISPATCH_SECONDS : measured / 1e6;
}

/**
 * Costs from a case of the suite `cores`, measured on so many cores: the thread of one worker, which waits for nobody, and the
 * CPU time of all threads with as many workers as cores.
 * @throws where the figures have no profile
 */
export function costsOf(figures: CaseFigures, dispatchSeconds: number, cores: number): Costs {
  const { profile, readBytes } = oneWorker(figures);
  const seconds = (phase: string) => profile[phase] ?? 0;
  const perTask = seconds('metadata');
  const perRow = ['scan', 'kernel', 'gather', 'user', 'encode', 'write', 'other']
    .map(seconds)
    .reduce((sum, one) => sum + one, 0);
  const tasks = Math.max(1, seconds('task count'));
  return {
    secondsPerRow: perRow / figures.rows,
    secondsPerTask: perTask / tasks,
    storeBytesPerRow: readBytes / figures.rows,
    startSeconds: seconds('before tasks') + seconds('open'),
    dispatchSeconds,
    crowding: crowdingOf(figures, cores, perRow + perTask),
  };
}

/**
 * With a worker on every core the threads that V8 has beside each, for compiling and for collecting garbage, have no
 * core of their own, and caches and memory are shared: all CPU time after the start then comes out of the cores.
 */
function crowdingOf({ programs }: CaseFigures, cores: number, workSeconds: number): number {
  const all = programs.find(({ program }) => program === `${cores} workers`);
  if (all === undefined) return 1;
  // Each worker opens once.
  const { 'before tasks': before = 0, open = 0 } = all.profile;
  return Math.max(1, (all.cpuSeconds.median - before - open) / workSeconds);
}

function oneWorker({ programs, suite }: CaseFigures): ProgramFigures {
  const found = programs.find(({ program }) => program === '1 workers');
  if (found?.profile === undefined || Object.keys(found.profile).length === 0) {
    throw new Error(`the figures of ${suite} have no profile of one worker`);
  }
  return found;
}

/** Bytes through memory for each byte of a column: decoding, the vector, the array, the grid. Counted, not measured. */
export const PASSES = 12;

/** A task for each cell; a cell beyond `mostRows` is cut into four, as the engine does it. */
export function tasksOf(cells: readonly CellRows[], costs: Costs, mostRows: number): ModelTask[] {
  return cells.flatMap(({ left, right }) => {
    const parts = partsOf(left + right, mostRows);
    const rows = (left + right) / parts;
    const task = {
      seconds: costs.secondsPerTask + rows * costs.secondsPerRow,
      storeBytes: rows * costs.storeBytesPerRow,
      memoryBytes: rows * costs.storeBytesPerRow * PASSES,
    };
    return Array.from({ length: parts }, () => task);
  });
}

function partsOf(rows: number, mostRows: number): number {
  let parts = 1;
  while (rows / parts > mostRows) parts *= 4;
  return parts;
}
