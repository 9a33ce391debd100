/** Runs a lowered program into a sink: halo sources, edge pass, cells, and the check that no pair was out of reach. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { minWidthRadians } from '../../partitioning/border.ts';
import { dataError } from '../../partitioning/error.ts';
import { deepestOrder } from '../../partitioning/pixel.ts';
import type { Region } from '../../partitioning/region.ts';
import type { Executor } from '../executor.ts';
import { PLACEMENT_SLACK_ARCSEC } from '../run/halo-window.ts';
import type { CellResult, CellsTask, Sink, TaskResult } from '../task.ts';
import { type HaloMode, type PlannedCell, planCells } from './cells.ts';
import { edgeTasks } from './edge-tasks.ts';
import type { Program } from './lower.ts';
import { createTracker, type OnProgress } from './progress.ts';
import { rerunOne, schedule, type WeightedTask } from './schedule.ts';
import { addStats, type RunStats } from './stats.ts';

const ARCSEC = Math.PI / 180 / 3600;
/** Rounding of positions stored as doubles; below it a row on a border counts as inside. */
const ROUNDING_ARCSEC = 1e-6;
/** Rows a task should have at least: smaller cells travel together. */
const TASK_ROWS = 200_000;

export interface ProgramRun {
  readonly executor: Executor;
  readonly sink: Sink;
  readonly ordered: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Folder for edge files; made when needed, removed by the caller. */
  readonly tempDir: string;
  /** Results of cells finished by an earlier, interrupted run, by `order/pixel`. */
  readonly finished?: ReadonlyMap<string, CellResult>;
  /** Called before anything is read; throws to prevent it. */
  readonly beforeRun?: (program: Program, sink: Sink, allowance: Allowance) => Promise<void>;
}

/** Thrown inside when rows lie further outside their partitions than the halo allowed for. */
export class ReachTooShort extends Error {
  readonly neededSlackArcsec: number;

  constructor(neededSlackArcsec: number) {
    super('rows lie outside the partitions they are stored in');
    this.neededSlackArcsec = neededSlackArcsec;
  }
}

/** How far the run looks beyond the radius, because positions may disagree with their partitions. */
export interface Allowance {
  readonly slackArcsec: number;
  /** False for the first guess; a measured one must be covered by margin catalogs too. */
  readonly measured: boolean;
}

export const FIRST_ALLOWANCE: Allowance = {
  slackArcsec: PLACEMENT_SLACK_ARCSEC,
  measured: false,
};

/**
 * Runs every cell and yields its result. Throws {@link ReachTooShort} at the end when some row was found
 * further outside its partition than `allowance`: the results so far may lack pairs and the caller must
 * start again with more.
 */
export async function* runProgram(
  program: Program,
  run: ProgramRun,
  stats: RunStats,
  allowance: Allowance = FIRST_ALLOWANCE,
): AsyncGenerator<CellResult, void, void> {
  await run.beforeRun?.(program, run.sink, allowance);
  const { slackArcsec } = allowance;
  const modes = haloModes(program, allowance, run.tempDir);
  const excursion = await edgePass(program, modes, run, stats, slackArcsec);
  const cells = planCells(program, modes, slackArcsec);
  const todo = cells.filter(({ pixel }) => !run.finished?.has(`${pixel.order}/${pixel.pixel}`));
  for (const done of run.finished?.values() ?? []) {
    widen(excursion, done.excursionArcsec);
    yield done;
  }
  const ordered = run.ordered || program.limit !== undefined;
  const tasks = cellTasks(program, todo, run, slackArcsec);
  const track = createTracker('match', tasks, run.onProgress);
  const results = schedule(run.executor, tasks, {
    signal: run.signal,
    clock: stats.clock,
    ordered,
    mayEndEarly: program.limit !== undefined,
    onDone: (result, weight) => {
      addStats(stats, result);
      for (const cell of result.cells) widen(excursion, cell.excursionArcsec);
      track(
        result.cells.reduce((sum, { rows }) => sum + rows, 0),
        weight,
      );
    },
  });
  if (program.limit === undefined) for await (const result of results) yield* result.cells;
  else yield* firstRowsOf(results, tasks, program.limit, run, stats);
  checkRegions(program, excursion);
  if (program.scans.length > 1) checkExcursion(program, modes, excursion, slackArcsec);
}

function widen(excursion: number[], found: readonly number[], firstScan = 0): void {
  found.forEach((value, i) => {
    const scan = firstScan + i;
    if (value > excursion[scan]!) excursion[scan] = value;
  });
}

/** Cells in order up to `limit` rows; the one in which the limit falls runs again for just the rows that are left. */
async function* firstRowsOf(
  results: AsyncIterable<TaskResult>,
  tasks: readonly WeightedTask[],
  limit: number,
  { executor, signal }: ProgramRun,
  stats: RunStats,
): AsyncGenerator<CellResult, void, void> {
  let left = limit;
  for await (const { id, cells } of results) {
    const cell = cells[0]!;
    if (cell.rows <= left) {
      yield cell;
      left -= cell.rows;
      if (left === 0) return;
      continue;
    }
    const task = tasks[id]!.task as CellsTask;
    const rerun = await rerunOne(executor, { ...task, limit: left }, signal, stats);
    yield* rerun.cells;
    return;
  }
}

/** Margin catalogs where they are wide enough, edge files otherwise, whole files where the border is the cell. */
export function haloModes(
  program: Program,
  { slackArcsec, measured }: Allowance,
  tempDir: string,
): HaloMode[] {
  return program.scans.map((scan, i): HaloMode => {
    if (scan.alongCurve !== undefined) return { kind: 'curve' };
    if (scan.reachArcsec === 0) return { kind: 'none' };
    // Rows without positions say nothing of which of them lie near a border.
    if (scan.spec.ra === undefined) return { kind: 'files' };
    const threshold = scan.catalog.margin?.thresholdArcsec ?? 0;
    const extra = measured ? slackArcsec : 0;
    // A margin does not say which partition a row comes from.
    const byPartition = scan.spec.regions.some(selectsPartitions);
    if (!byPartition && threshold >= scan.reachArcsec + extra) return { kind: 'margin' };
    const deepest = deepestOrder(scan.partitions.map((i) => scan.catalog.partitions[i]!.pixel));
    const border = 4 * (scan.reachArcsec + slackArcsec) * ARCSEC;
    if (border > minWidthRadians(deepest)) return { kind: 'files' };
    return {
      kind: 'edges',
      fileOf: (partition) => join(tempDir, `edges-${i}-${partition}.parquet`),
    };
  });
}

function selectsPartitions(region: Region): boolean {
  return (
    region.kind === 'orders' || (region.kind === 'and' && region.regions.some(selectsPartitions))
  );
}

/** Makes the edge files; returns the largest excursion met, per scan. */
async function edgePass(
  program: Program,
  modes: readonly HaloMode[],
  run: ProgramRun,
  stats: RunStats,
  slackArcsec: number,
): Promise<number[]> {
  const excursion = program.scans.map(() => 0);
  const tasks = edgeTasks(program, modes, slackArcsec);
  if (tasks.length === 0) return excursion;
  await mkdir(run.tempDir, { recursive: true });
  const track = createTracker('edges', tasks, run.onProgress);
  const results = schedule(run.executor, tasks, {
    signal: run.signal,
    clock: stats.clock,
    ordered: false,
    onDone: (result, weight) => {
      // The cells that own these rows count the dropped ones.
      addStats(stats, { ...result, droppedRows: 0 });
      const { scan } = tasks[result.id]!;
      for (const part of result.cells) widen(excursion, part.excursionArcsec, scan);
      track(0, weight);
    },
  });
  for await (const _ of results);
  stats.edgePartitions += tasks.length;
  return excursion;
}

/**
 * Cells grouped into tasks: consecutive ones share one, up to so many rows or a fair share of the whole. Where
 * results come in order each cell is a task of its own.
 */
export function cellTasks(
  program: Program,
  cells: readonly PlannedCell[],
  run: Pick<ProgramRun, 'executor' | 'ordered' | 'sink'>,
  slackArcsec: number,
): WeightedTask[] {
  const scans = program.scans.map(({ spec }) => spec);
  const total = cells.reduce((sum, { weight }) => sum + weight, 0);
  const fair = total / (run.executor.parallelism * 4);
  const ordered = run.ordered || program.limit !== undefined;
  const target = ordered ? 0 : Math.min(TASK_ROWS, fair);
  const tasks: WeightedTask[] = [];
  let group: PlannedCell[] = [];
  let weight = 0;
  // One object for all tasks, so that it need not be copied for each.
  const shared = { root: program.root, computed: program.computed, scans };
  const flush = () => {
    if (group.length === 0) return;
    tasks.push({
      task: {
        kind: 'cells',
        id: tasks.length,
        program: shared,
        cells: group.map(({ pixel, scans: files }) => ({ pixel, scans: files })),
        sink: run.sink,
        slackArcsec,
        ...(program.limit === undefined ? {} : { limit: program.limit }),
      },
      weight,
    });
    group = [];
    weight = 0;
  };
  for (const cell of cells) {
    if (group.length > 0 && weight + cell.weight > target) flush();
    group.push(cell);
    weight += cell.weight;
  }
  flush();
  return tasks;
}

/** Partitions outside a region are not read: no row of theirs may lie inside it. */
function checkRegions(program: Program, excursion: readonly number[]): void {
  program.scans.forEach(({ spec, catalog }, i) => {
    if (spec.aroundPartitions) return;
    if (spec.regions.length > 0 && excursion[i]! > PLACEMENT_SLACK_ARCSEC) {
      throw dataError(
        `positions of ${spec.label} lie ${excursion[i]!.toPrecision(3)}″ outside the partitions they are stored in`,
        catalog.path,
        'A search by region would miss rows: write the catalog again with fromTable, so that partitions follow positions.',
      );
    }
  });
}

function checkExcursion(
  program: Program,
  modes: readonly HaloMode[],
  excursion: readonly number[],
  slackArcsec: number,
): void {
  // A left row that far from its cell and a right row that far from its file may both be.
  const worst = excursion[0]! + Math.max(...excursion.slice(1));
  if (worst <= ROUNDING_ARCSEC) return;
  for (let i = 1; i < modes.length; i++) {
    const { spec, catalog, reachArcsec } = program.scans[i]!;
    const allowed =
      modes[i]!.kind === 'margin' ? catalog.margin!.thresholdArcsec - reachArcsec : slackArcsec;
    if (worst <= allowed) continue;
    if (worst > 3600) {
      throw dataError(
        `positions of ${program.scans[0]!.spec.label} or ${spec.label} lie ${Math.round(worst)}″ outside their partitions`,
        catalog.path,
        'The catalog was partitioned by other positions than it stores: write it again with fromTable or import.',
      );
    }
    throw new ReachTooShort(worst * 1.01 + ROUNDING_ARCSEC);
  }
}
