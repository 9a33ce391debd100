/** What a running query tells about itself. */

export interface Progress {
  /** What is being done: `edges`, `match`, `write`, … in the words of the summary. */
  readonly phase: string;
  readonly tasksDone: number;
  readonly tasks: number;
  readonly rows: number;
  readonly elapsedSeconds: number;
  /** From the share of the work done in this phase; null until that says anything. */
  readonly remainingSeconds: number | null;
}

export type OnProgress = (progress: Progress) => void;

/** Counts one phase's tasks and reports after each. */
export function createTracker(
  phase: string,
  tasks: readonly { readonly weight: number }[],
  onProgress: OnProgress | undefined,
): (rows: number, weight: number) => void {
  const total = tasks.reduce((sum, { weight }) => sum + weight, 0);
  const start = performance.now();
  let tasksDone = 0;
  let rows = 0;
  let done = 0;
  const report = () => {
    const elapsedSeconds = (performance.now() - start) / 1000;
    const share = total > 0 ? done / total : tasksDone / Math.max(1, tasks.length);
    onProgress?.({
      phase,
      tasksDone,
      tasks: tasks.length,
      rows,
      elapsedSeconds,
      // Under one per cent of the work says too little to extrapolate from.
      remainingSeconds: share < 0.01 ? null : (elapsedSeconds / share) * (1 - share),
    });
  };
  report();
  return (moreRows, weight) => {
    tasksDone++;
    rows += moreRows;
    done += weight;
    report();
  };
}
