/** Makes the margin catalog of a catalog: for every pixel, the rows just outside it. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finishCatalog, leafPath } from '../../catalogs/finish-catalog.ts';
import type { CatalogInfo } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { marginDestinations, marginOrder, marginPixels } from '../../partitioning/margin.ts';
import { deepestOrder, type Pixel, pixelText } from '../../partitioning/pixel.ts';
import { buildTree } from '../../partitioning/tree.ts';
import type { Executor } from '../executor.ts';
import { createTracker, type OnProgress } from '../physical/progress.ts';
import { schedule, type WeightedTask } from '../physical/schedule.ts';
import { addStats, type RunStats } from '../physical/stats.ts';
import type { CellResult, ParquetOptions, ScanSpec } from '../task.ts';

/** Cells of a margin order measure at most this across, radians times 2^order; healpy's max_pixrad is 0.91. */
const CELL_DIAMETER = 2.2;
const ARCSEC_PER_RADIAN = (180 / Math.PI) * 3600;

export interface MarginSpace {
  readonly executor: Executor;
  readonly tempDir: string;
  readonly stats: RunStats;
}

export interface MarginOptions {
  readonly name: string;
  readonly parquet: ParquetOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  readonly dropInvalid?: boolean;
}

/** Refuses a threshold that the format cannot express for this catalog's partitions. */
export function checkMarginThreshold(info: CatalogInfo, thresholdArcsec: number): number {
  const order = marginOrder(thresholdArcsec);
  const deepest = deepestOrder(info.partitions.map(({ pixel }) => pixel));
  if (order <= deepest) {
    throw requestError(
      `a margin of ${thresholdArcsec}″ is wider than the partitions of order ${deepest} allow`,
      'Choose a smaller margin, or write the catalog with more rows per partition. Matches are complete without a margin too.',
    );
  }
  return order;
}

/** Writes the margin catalog of `info` into the folder `dir`. */
export async function writeMargin(
  info: CatalogInfo,
  dir: string,
  thresholdArcsec: number,
  space: MarginSpace,
  options: MarginOptions,
): Promise<{ rows: number; partitions: number; bytes: number }> {
  const order = checkMarginThreshold(info, thresholdArcsec);
  const spec = wholeRows(info, options.dropInvalid === true);
  const edges = join(space.tempDir, 'margin-edges');
  await mkdir(edges, { recursive: true });
  const edgeFile = (pixel: Pixel) => join(edges, `${pixel.order}-${pixel.pixel}.parquet`);
  await runAll('edges', edgeTasks(info, spec, order, edgeFile), space, options);
  const results = await runAll(
    'margin',
    pullTasks(info, spec, order, edgeFile, dir, options.parquet),
    space,
    options,
  );
  const partitions = results
    .filter(({ rows }) => rows > 0)
    .map(({ pixel, rows }) => ({ pixel, rows }));
  await rm(edges, { recursive: true });
  const finished = await finishCatalog({
    dir,
    name: options.name,
    type: 'margin',
    raColumn: info.raColumn!,
    decColumn: info.decColumn!,
    partitions,
    columns: info.columns,
    extraProperties: {},
    marginThresholdArcsec: thresholdArcsec,
    primary: info.name,
  });
  return finished;
}

function wholeRows(info: CatalogInfo, dropInvalid: boolean): ScanSpec {
  return {
    label: info.name,
    ra: info.raColumn!,
    dec: info.decColumn!,
    ...(info.healpix === undefined ? {} : { healpix: info.healpix }),
    columns: info.columns.map(({ name, type }) => ({ name, type })),
    allColumns: info.columns.map(({ name, type }) => ({ name, type })),
    ...(info.schemaFile === undefined ? {} : { schemaFile: info.schemaFile }),
    filters: [],
    regions: [],
    dropInvalid,
    reachArcsec: 0,
  };
}

/** Everything within one margin cell of a partition's border can be in somebody's margin. */
function edgeTasks(
  info: CatalogInfo,
  scan: ScanSpec,
  order: number,
  edgeFile: (pixel: Pixel) => string,
): WeightedTask[] {
  const reachArcsec = (CELL_DIAMETER / 2 ** order) * ARCSEC_PER_RADIAN;
  return info.partitions.map(({ pixel, files, rows }, id) => ({
    task: {
      kind: 'edges',
      id,
      scan,
      reachArcsec,
      parts: [{ pixel, files: files.map(({ path }) => path), output: edgeFile(pixel) }],
    },
    weight: rows,
  }));
}

function pullTasks(
  info: CatalogInfo,
  scan: ScanSpec,
  marginOrderOf: number,
  edgeFile: (pixel: Pixel) => string,
  dir: string,
  parquet: ParquetOptions,
): WeightedTask[] {
  const tree = buildTree(info.partitions.map(({ pixel }) => pixel));
  const destinations = buildTree(marginPixels(tree));
  const sources = new Map<string, { pixel: Pixel; files: string[] }>();
  for (const source of tree.pixels) {
    for (const pixel of marginDestinations(source, destinations)) {
      const key = pixelText(pixel);
      const entry = sources.get(key) ?? { pixel, files: [] };
      entry.files.push(edgeFile(source));
      sources.set(key, entry);
    }
  }
  return [...sources.values()].map(({ pixel, files }, id) => ({
    task: {
      kind: 'margin',
      id,
      scan,
      marginOrder: marginOrderOf,
      parts: [{ pixel, files, output: join(dir, leafPath(pixel)) }],
      parquet,
    },
    weight: files.length,
  }));
}

async function runAll(
  phase: string,
  tasks: readonly WeightedTask[],
  space: MarginSpace,
  options: MarginOptions,
): Promise<CellResult[]> {
  for (const { task } of tasks) {
    if (task.kind !== 'margin') continue;
    for (const { output } of task.parts) await mkdir(dirname(output), { recursive: true });
  }
  const track = createTracker(phase, tasks, options.onProgress);
  const cells: CellResult[] = [];
  const results = schedule(space.executor, tasks, {
    signal: options.signal,
    clock: space.stats.clock,
    ordered: false,
    onDone: (result, weight) => {
      addStats(space.stats, result);
      track(0, weight);
    },
  });
  for await (const result of results) cells.push(...result.cells);
  return cells;
}
