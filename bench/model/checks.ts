/** The model against what was measured: here, and by others. */
import { significant, table } from '../report.ts';
import type { CaseFigures } from '../runner.ts';
import type { Costs } from './costs.ts';
import { type ModelTask, simulate } from './schedule.ts';

/** Nobody measured the bandwidth here, and two cores do not fill it. */
const NO_LIMIT = { storeBytesPerSecond: 1e15, memoryBytesPerSecond: 1e15 };

/**
 * Lines with the time of the tasks, predicted and measured on so many cores, for each number of workers in the figures. The costs
 * are CPU times, of one worker and of as many as cores; what is checked is the wall time that the schedule makes of them.
 */
export function checkedAgainst(
  { programs, rows }: CaseFigures,
  costs: Costs,
  cores: number,
): string[] {
  const counts = programs.map(({ program }) => Number.parseInt(program, 10));
  const lines = programs.map(({ profile }, i) => {
    const measured = profile['tasks stage'] ?? Number.NaN;
    // The tasks of that run, as if they were alike.
    const count = Math.max(1, profile['task count'] ?? 1);
    const task: ModelTask = {
      seconds: costs.secondsPerTask + (rows / count) * costs.secondsPerRow,
      storeBytes: 0,
      memoryBytes: 0,
    };
    const tasks = Array.from({ length: count }, () => task);
    const workers = counts[i]!;
    // More workers than cores are no more cores.
    const busy = Math.min(workers, cores);
    const crowding = { factor: costs.crowding, cores };
    const machine = { cores: busy, ...NO_LIMIT, dispatchSeconds: costs.dispatchSeconds, crowding };
    const startSeconds = (profile['open'] ?? 0) / workers;
    const { seconds } = simulate(tasks, { ...machine, startSeconds });
    const off = `${((seconds / measured - 1) * 100).toFixed(0)} %`;
    return [String(workers), significant(measured), significant(seconds), off];
  });
  return table(['workers', 'measured s', 'model s', 'off'], lines);
}

/**
 * LSDB on S3 with 128 CPUs, and the same queries with 2 (NASA Fornax notebook: rows, seconds). Costs are fitted to the two
 * longest runs on 2 CPUs; the rest is prediction.
 */
const PUBLISHED = {
  two: [
    [1e6, 33.8],
    [1e7, 146],
  ],
  many: [
    [1e8, 72],
    [1e9, 1611],
    [7.5e9, 14_539],
  ],
} as const;
/** Rows of a partition there, about. */
const PARTITION_ROWS = 1e6;
/** Dask's scheduler: about a millisecond a task, and some tasks per partition. */
const DASK_SECONDS = 0.003;

export function publishedShape(): string[] {
  const [[fewRows, fewSeconds], [manyRows, manySeconds]] = PUBLISHED.two;
  const perRow = (2 * (manySeconds - fewSeconds)) / (manyRows - fewRows);
  const startSeconds = fewSeconds - (fewRows * perRow) / 2;
  const lines = PUBLISHED.many.map(([rows, published]) => {
    const count = Math.ceil(rows / PARTITION_ROWS);
    const task = { seconds: (rows / count) * perRow, storeBytes: 0, memoryBytes: 0 };
    const tasks = Array.from({ length: count }, () => task);
    const { seconds } = simulate(tasks, {
      ...{ cores: 128, ...NO_LIMIT, dispatchSeconds: DASK_SECONDS, startSeconds },
    });
    return [
      rows.toExponential(1),
      significant(published),
      significant(seconds),
      significant(published / seconds),
    ];
  });
  return [
    'The same model with costs fitted to LSDB on 2 CPUs, against its published times on 128 (S3, NASA Fornax notebook):',
    ...table(['rows', 'published s', 'model s', 'published / model'], lines),
    'The model has no failures and no store that slows down under load: what is above 1 is that, or work that grows with the rows.',
  ];
}
