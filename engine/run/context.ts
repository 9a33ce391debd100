/** What running a task needs besides the task: the session, the memory share, and the counters it keeps. */
import type { KernelScratch } from '../kernel/match.ts';
import type { Session } from '../session.ts';
import type { Computation, PhaseTimes, ScanSpec } from '../task.ts';
import type { UserWatch } from '../user/watch.ts';

export interface RunContext {
  readonly session: Session;
  /** Bytes that typed arrays of one cell may take; DuckDB's own limit comes on top. */
  readonly arrayBytes: number;
  readonly scratch: KernelScratch;
  /** Folder for short-lived files of this worker. */
  readonly tempDir: string;
  readonly phases: PhaseTimes;
  /** Time of phases inside the one that runs, milliseconds: theirs, not its. */
  innerMs: number;
  readonly scans: readonly ScanSpec[];
  /** Computed columns of the program, by number. */
  readonly computed: readonly Computation[];
  /** How far rows may lie outside the partitions that they are stored in, arcsec. */
  readonly slackArcsec: number;
  droppedRows: number;
  splits: number;
  /** Pairs of equal keys that a join left out because they lie too far apart, and the largest distance. */
  farPairs: number;
  farthestArcsec: number;
  /** Rows that user code failed on and that were skipped or collected, and what the first failure was. */
  userErrors: number;
  firstUserError: string | null;
  /** Where user code is told of; null: nobody looks. */
  readonly watch: UserWatch | null;
  /** Largest excursion met, per scan, arcsec. */
  readonly excursionArcsec: number[];
  /** Makes names of temporary tables unique within a session. */
  nextTable: number;
}

/** Adds the time that `work` takes to one phase, less that of phases inside of it. */
export async function timed<T>(
  context: Pick<RunContext, 'phases' | 'innerMs'>,
  phase: keyof PhaseTimes,
  work: () => Promise<T> | T,
): Promise<T> {
  const innerBefore = context.innerMs;
  context.innerMs = 0;
  const start = performance.now();
  try {
    return await work();
  } finally {
    const all = performance.now() - start;
    context.phases[phase] += all - context.innerMs;
    context.innerMs = innerBefore + all;
  }
}

/** A cell does not fit the worker's share: it is cut into four and tried again. */
export class CellTooLarge extends Error {
  constructor() {
    super('the cell does not fit the memory share');
    this.name = 'CellTooLarge';
  }
}
