/** Catalogs that come from elsewhere than a plan: a plain table, or the generator. */
import { createHash } from 'node:crypto';
import { openStaging } from '../../catalogs/staging.ts';
import { createTracker } from '../physical/progress.ts';
import { schedule, type WeightedTask } from '../physical/schedule.ts';
import { addStats } from '../physical/stats.ts';
import { addMaps } from '../reduce/add-maps.ts';
import type { Runtime } from '../runtime.ts';
import type { CellResult, Sink } from '../task.ts';
import { withWorkspace } from './run.ts';
import { type CatalogMakings, finishPieces } from './staged-pieces.ts';
import {
  CATALOG_MAP_ORDER,
  checkWriteOptions,
  maxRowsOf,
  parquetOptions,
  type WriteHatsOptions,
  type WriteResult,
} from './write-options.ts';

type PieceSink = Extract<Sink, { kind: 'pieces' }>;

/** Runs `tasksOf(sink)` and makes a catalog at `target` of the pieces. */
export async function writeMade(
  target: string,
  makings: Omit<CatalogMakings, 'pieces' | 'map'>,
  tasksOf: (sink: PieceSink) => readonly WeightedTask[],
  phase: string,
  runtime: Runtime,
  options: WriteHatsOptions,
): Promise<WriteResult> {
  checkWriteOptions(options);
  const digest = createHash('sha256').update(JSON.stringify(makings)).digest('hex').slice(0, 16);
  const staging = await openStaging(target, { digest, overwrite: options.overwrite === true });
  try {
    return await withWorkspace(null, runtime, options, async (space) => {
      const tasks = tasksOf({
        kind: 'pieces',
        columns: [],
        dir: staging.piecesDir,
        maxRows: maxRowsOf(options, makings.columns),
        mapOrder: CATALOG_MAP_ORDER,
        parquet: parquetOptions(options, makings.columns),
      });
      const track = createTracker(phase, tasks, options.onProgress);
      const cells: CellResult[] = [];
      const results = schedule(space.executor, tasks, {
        signal: options.signal,
        clock: space.stats.clock,
        ordered: false,
        onDone: (result, weight) => {
          addStats(space.stats, result);
          track(
            result.cells.reduce((sum, { rows }) => sum + rows, 0),
            weight,
          );
        },
      });
      for await (const result of results) cells.push(...result.cells);
      const finished = await finishPieces(
        {
          ...makings,
          pieces: cells.flatMap((cell) => cell.pieces ?? []),
          map: addMaps(
            CATALOG_MAP_ORDER,
            cells.map((cell) => cell.map!),
          ),
        },
        staging,
        space,
        options,
      );
      await staging.commit();
      const rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
      return { ...space.summary(rows), ...finished, output: staging.target };
    });
  } catch (error) {
    // The first error is the one to report.
    await staging.discard().catch(() => {});
    throw error;
  }
}
