/** Runs a program over one cell into a sink, cutting the cell into four wherever it does not fit. */
import { join } from 'node:path';
import { CrosshatchError, dataError } from '../../partitioning/error.ts';
import { childrenOf, type Pixel, pixelsOverlap, pixelText } from '../../partitioning/pixel.ts';
import type { GroupPart } from '../groups.ts';
import { addMaps } from '../reduce/add-maps.ts';
import type { CellNode, CellResult, CellWork, Piece, Sink, SparseMap } from '../task.ts';
import { joinedTypes, type LearntTypes, learntTypes } from '../user/infer.ts';
import { nodesIn } from './cell-nodes.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import { copyRows, copyToCsv } from './copy-rows.ts';
import { type CellRun, evaluate, evaluateSides, placeOf, userTable } from './evaluate.ts';
import { needsNoPositions, runGroups } from './groups.ts';
import { countByIndex, countPerPixel, rowsOfMap } from './map-counts.ts';
import { matcherOf } from './match.ts';
import { writePieces } from './pieces.ts';
import { writeRowsTo } from './plain-pieces.ts';
import { firstRows, type RowSet } from './row-set.ts';
import { countScan } from './scan.ts';
import { sampleRows } from './user-rows.ts';

/** A cell that still does not fit at this order (0.8″ across) holds a clump that no cut can help. */
const MAX_CUT_ORDER = 18;

/** What one cut of a cell gave. */
interface CutResult {
  readonly rows: number;
  readonly map?: SparseMap;
  readonly groups?: readonly GroupPart[];
  readonly pieces?: readonly Piece[];
  readonly files?: readonly string[];
  readonly returns?: LearntTypes;
}

/** Runs `root` over `work`; `limit`: rows after which the cell may stop, in row order. */
export async function runCell(
  context: RunContext,
  root: CellNode,
  work: CellWork,
  sink: Sink,
  limit = Number.POSITIVE_INFINITY,
): Promise<CellResult> {
  const cuts: CutResult[] = [];
  let rows = 0;
  const isDivisible = !nodesIn(root).some(({ kind }) => kind === 'user-table');
  const visit = async (cut: Pixel | null, part: CellWork): Promise<void> => {
    if (rows >= limit || !part.scans[0]!.own.length) return;
    const counted = countersOf(context);
    const run: CellRun = {
      ...{ context, work: part, cut, isDivisible, box: null },
      ...{ files: new Map(), made: new Map() },
    };
    try {
      const result = await runCut(run, root, sink, limit - rows);
      for (const table of run.made.values()) await context.session.dropTable(table);
      rows += result.rows;
      cuts.push(result);
    } catch (error) {
      const pixel = cut ?? work.pixel;
      if (!doesNotFit(error)) throw error;
      // Its quarters run the same rows again.
      Object.assign(context, counted);
      for (const table of run.made.values()) await context.session.dropTable(table);
      if (!isDivisible) throw notDivisible(pixel);
      if (pixel.order >= MAX_CUT_ORDER) throw tooDense(pixel);
      context.splits++;
      for (const child of childrenOf(pixel)) await visit(child, narrowed(part, child));
    }
  };
  await visit(null, work);
  return {
    pixel: work.pixel,
    rows,
    // Of the whole task so far: more than this cell's own is only more careful.
    excursionArcsec: [...context.excursionArcsec],
    ...(sink.kind === 'map'
      ? {
          map: addMaps(
            sink.order,
            cuts.flatMap((cut) => cut.map ?? []),
          ),
        }
      : {}),
    ...(sink.kind === 'groups' ? { groups: cuts.flatMap((cut) => cut.groups ?? []) } : {}),
    ...(sink.kind === 'pieces'
      ? {
          pieces: cuts.flatMap((cut) => cut.pieces ?? []),
          map: addMaps(
            sink.mapOrder,
            cuts.flatMap((cut) => cut.map ?? []),
          ),
        }
      : {}),
    ...(sink.kind === 'infer'
      ? { returns: joinedTypes(cuts.map((cut) => cut.returns ?? {})) }
      : {}),
    ...(sink.kind === 'rows' ? { files: cuts.flatMap((cut) => cut.files ?? []) } : {}),
  };
}

type Counters = Pick<RunContext, 'farPairs' | 'farthestArcsec' | 'userErrors' | 'firstUserError'>;

function countersOf(context: RunContext): Counters {
  const { farPairs, farthestArcsec, userErrors, firstUserError } = context;
  return { farPairs, farthestArcsec, userErrors, firstUserError };
}

/** Our arrays are counted beforehand; the database says so when its share is used up. */
function doesNotFit(error: unknown): boolean {
  return (
    error instanceof CellTooLarge || (error instanceof CrosshatchError && error.tag === 'worker')
  );
}

/** What a partition is to user code must not depend on the memory. */
function notDivisible(pixel: Pixel) {
  return dataError(
    'a partition does not fit the memory share of a worker, and mapPartitions takes partitions whole',
    `pixel ${pixelText(pixel)}`,
    'Raise --memory (memoryBytes), lower --workers, select fewer columns, or use mapRows.',
  );
}

function tooDense(pixel: Pixel) {
  return dataError(
    'a piece of sky as small as can be still needs more memory than the share of a worker',
    `cell ${pixelText(pixel)}`,
    'Lower the radius or the number of neighbours, or raise --memory.',
  );
}

/** The partitions of the place-giving scan in one quarter of a cell; the others' depend on where its rows lie. */
function narrowed(work: CellWork, child: Pixel): CellWork {
  const [first, ...others] = work.scans;
  const own = first!.own.filter(({ pixel }) => pixelsOverlap(pixel, child));
  return { pixel: work.pixel, scans: [{ ...first!, own }, ...others] };
}

async function runCut(run: CellRun, root: CellNode, sink: Sink, limit: number): Promise<CutResult> {
  switch (sink.kind) {
    case 'count':
      return { rows: await countRows(run, root, limit) };
    case 'map':
      return mapRows(run, root, sink.order, limit);
    case 'groups':
      return runGroups(run, root, sink, limit);
    case 'infer':
      return inferReturns(run, root, sink.rows);
    case 'pieces': {
      const set = await rowsInOrder(run, root, limit);
      const cell = run.cut ?? run.work.pixel;
      const pieces = await writePieces(run.context, set, run, sink, cell);
      const map =
        countByIndex(set.index!, sink.mapOrder) ?? countPerPixel(set.ra!, set.dec!, sink.mapOrder);
      return { rows: set.length, pieces, map };
    }
    case 'rows': {
      const set = await rowsInOrder(run, root, limit);
      return { rows: set.length, files: await writeRows(run, set, sink) };
    }
    default:
      throw new Error(`unknown sink ${JSON.stringify(sink satisfies never)}`);
  }
}

/** Runs the code at the root on the first rows of the cell, or on all where it takes them all at once. */
async function inferReturns(run: CellRun, root: CellNode, rows: number): Promise<CutResult> {
  if (root.kind !== 'user-rows' && root.kind !== 'user-table') {
    throw new Error(`no user code to learn from in a ${root.kind}`);
  }
  const input = await evaluate(run, root.input, { positions: true, order: true });
  if (input.length === 0) return { rows: 0 };
  if (root.kind === 'user-table') {
    const { pixel } = run.work;
    const { sampleTable } = await userTable();
    return { rows, returns: await sampleTable(run.context, input, run, root, pixel) };
  }
  const returned = await sampleRows(run.context, input, run, root, placeOf(run), rows);
  return { rows: returned.length, returns: learntTypes(returned) };
}

async function rowsInOrder(run: CellRun, root: CellNode, limit: number): Promise<RowSet> {
  return firstRows(await evaluate(run, root, { positions: true, order: true }), limit);
}

/** Counts without storing pairs where the match is the last step, and without positions where none are needed. */
async function countRows(run: CellRun, root: CellNode, limit: number): Promise<number> {
  const { context } = run;
  if (root.kind === 'scan' && run.cut === null && needsNoPositions(context.scans[root.scan]!)) {
    return Math.min(limit, await countScan(context, root.scan, run.work.scans[root.scan]!));
  }
  if (root.kind === 'match') {
    const { left, right } = await evaluateSides(run, root, { positions: true, order: false });
    if (left.length === 0) return 0;
    const rows = await timed(context, 'kernel', () =>
      matcherOf(context, root, left, right).count(() => context.session.checkStop()),
    );
    return Math.min(limit, rows);
  }
  const set = await evaluate(run, root, { positions: true, order: false });
  return Math.min(limit, set.length);
}

/** A map of a match needs to know how often each left row comes out, not with whom. */
async function mapRows(
  run: CellRun,
  root: CellNode,
  order: number,
  limit: number,
): Promise<CutResult> {
  const { context } = run;
  if (root.kind !== 'match' || limit !== Number.POSITIVE_INFINITY) {
    const wantsOrder = limit !== Number.POSITIVE_INFINITY;
    const all = await evaluate(run, root, { positions: true, order: wantsOrder });
    const set = firstRows(all, limit);
    return { rows: set.length, map: countPerPixel(set.ra!, set.dec!, order) };
  }
  const { left, right } = await evaluateSides(run, root, { positions: true, order: false });
  if (left.length === 0) return { rows: 0 };
  return timed(context, 'kernel', () => {
    const counts = matcherOf(context, root, left, right).leftCounts(() =>
      context.session.checkStop(),
    );
    const map = countPerPixel(left.ra!, left.dec!, order, counts);
    return { rows: rowsOfMap(map), map };
  });
}

async function writeRows(
  run: CellRun,
  set: RowSet,
  sink: Extract<Sink, { kind: 'rows' }>,
): Promise<string[]> {
  if (set.length === 0) return [];
  const { context } = run;
  const { pixel } = run.work;
  const cut = run.cut === null ? '' : `.${run.cut.order}-${run.cut.pixel}`;
  const file = join(sink.dir, `${pixel.order}-${pixel.pixel}${cut}.${sink.format}`);
  if (sink.format === 'csv') {
    const write = (query: string) => context.session.run(copyToCsv(query, file));
    await copyRows(context, set, run, sink.columns, write);
  } else {
    await writeRowsTo(context, set, run, sink.columns, sink.parquet, file);
  }
  return [file];
}
