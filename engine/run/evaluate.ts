/** Evaluates the program of a cell to a row set: scans, matches, joins, filters, regions. */
import type { Pixel } from '../../partitioning/pixel.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { ARCSEC_PER_DEGREE } from '../../partitioning/sphere.ts';
import { estimateMatcherBytes, MOST_RIGHT_ROWS, type Pairs } from '../kernel/match.ts';
import type { BoundColumn, CellNode, CellWork, JoinCell, MatchCell } from '../task.ts';
import { contentColumns, emptySide } from './cell-nodes.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import { explodeRows } from './explode.ts';
import { gatherRows } from './gather.ts';
import { joinPairs } from './join.ts';
import type { Loaded } from './loaded.ts';
import { matchPairs } from './match.ts';
import { boxAround, type SkyBox } from './near-rows.ts';
import type { PlacedFile } from './relation.ts';
import { combine, combineNested, type RowPairs, type RowSet, takeRows } from './row-set.ts';
import { loadScan, type ScanWants } from './scan.ts';
import { runRows } from './user-rows.ts';

/** One cell on its way through its program. */
export interface CellRun extends Loaded {
  readonly context: RunContext;
  readonly work: CellWork;
  /** Part of the cell that is computed now; null: all of it. */
  readonly cut: Pixel | null;
  /** Filled as scans are loaded. */
  readonly files: Map<number, readonly PlacedFile[]>;
  /** Filled as user code runs. */
  readonly made: Map<number, string>;
  /** Whether the cell may be computed in parts. */
  readonly isDivisible: boolean;
  /** In a part of a cell: where its rows lie, once the place-giving scan, which comes first, is loaded. */
  box: SkyBox | null;
}

/** The rows of `node` in this cell. */
export async function evaluate(run: CellRun, node: CellNode, wants: ScanWants): Promise<RowSet> {
  switch (node.kind) {
    case 'scan': {
      const cell = run.work.scans[node.scan]!;
      const loaded = await loadScan(run.context, node.scan, cell, wants, run);
      run.files.set(node.scan, loaded.files);
      const { ra, dec } = loaded.set;
      const hasPositions = run.context.scans[node.scan]!.ra !== undefined;
      if (run.cut !== null && node.scan === 0 && hasPositions) run.box = boxAround(ra!, dec!);
      return loaded.set;
    }
    case 'match':
    case 'join': {
      const { left, right, pairs, measured } = await evaluatePairs(run, node, wants);
      return combine(left, right, pairs, measured);
    }
    case 'nest': {
      const { left, right, pairs, measured } = await evaluatePairs(run, node.of, wants);
      return combineNested(left, right, pairs, node.step, measured);
    }
    case 'explode': {
      const input = await evaluate(run, node.input, wants);
      return explodeRows(run.context, input, run, node);
    }
    case 'user-rows': {
      const input = await evaluate(run, node.input, wants);
      return runRows(run.context, input, run, node, placeOf(run));
    }
    case 'user-table': {
      const input = await evaluate(run, node.input, { ...wants, order: true });
      const { runTable } = await userTable();
      return runTable(run.context, input, run, node, run.work.pixel, wants.order);
    }
    case 'region': {
      const input = await evaluate(run, node.input, { ...wants, positions: true });
      return takeRows(input, regionRows(node.region, input.ra!, input.dec!));
    }
    case 'filter': {
      const input = await evaluate(run, node.input, wants);
      return filterRows(run, input, node.sql, node.columns);
    }
    default:
      throw new Error(`unknown cell node ${JSON.stringify(node satisfies never)}`);
  }
}

/** Arrow is loaded where user code takes tables: every worker would pay for it. */
export const userTable = () => import('./user-table.ts');

/** Where on the sky, for messages. */
export function placeOf({ work }: CellRun): string {
  return `pixel ${work.pixel.order}/${work.pixel.pixel}`;
}

/** Position, index and number of a row, while files are put together and sorted. */
const BYTES_PER_ROW = 40;
/** However small the share: so few rows are not worth cutting a cell for. */
const LEAST_ROWS = 1 << 14;
/** Side of a base pixel of HEALPix, degrees: the square root of a twelfth of the sky. */
const FACET_DEGREES = Math.sqrt(129_600 / Math.PI / 12);
/** Parts of a cell are read faster than all of it only while they are so many times as wide as the reach. */
const WIDTHS_OF_REACH = 16;

/**
 * Rows of the right side of a join above which the cell is better cut before they are all read. Undefined where cutting
 * would not make them fewer, or is not possible: then they are read, however many.
 */
function mostRows(run: CellRun, { withinArcsec }: JoinCell): number | undefined {
  const { order } = run.cut ?? run.work.pixel;
  const widthArcsec = (ARCSEC_PER_DEGREE * FACET_DEGREES) / 2 ** order;
  if (withinArcsec === null || withinArcsec * WIDTHS_OF_REACH > widthArcsec) return undefined;
  if (!run.isDivisible) return undefined;
  return Math.max(LEAST_ROWS, Math.floor(run.context.arrayBytes / BYTES_PER_ROW));
}

interface Evaluated {
  readonly left: RowSet;
  readonly right: RowSet;
  readonly pairs: RowPairs;
  readonly measured?: { readonly match: number; readonly distArcsec: Float64Array };
}

async function evaluatePairs(
  run: CellRun,
  node: MatchCell | JoinCell,
  wants: ScanWants,
): Promise<Evaluated> {
  const { context } = run;
  if (node.kind === 'join') {
    const positions = wants.positions || node.withinArcsec !== null;
    const left = await evaluate(run, node.left, { ...wants, positions });
    const right =
      left.length === 0
        ? unreadSide(run, node.right)
        : // The order of a row's partners is that of their index.
          await evaluate(run, node.right, {
            positions: node.withinArcsec !== null,
            order: true,
            mostRows: mostRows(run, node),
          });
    return { left, right, pairs: await joinPairs(context, node, left, right, run) };
  }
  const { left, right } = await evaluateSides(run, node, wants);
  const content = contentColumns(node.right, context.scans);
  const pairs: Pairs = await matchPairs(context, node, left, right, run, content);
  return { left, right, pairs, measured: { match: node.match, distArcsec: pairs.distArcsec } };
}

/** Both inputs of a match, refused when matching them would not fit. */
export async function evaluateSides(
  run: CellRun,
  node: MatchCell,
  wants: ScanWants,
): Promise<{ left: RowSet; right: RowSet }> {
  const left = await evaluate(run, node.left, { ...wants, positions: true });
  if (left.length === 0) return { left, right: unreadSide(run, node.right) };
  const right = await evaluate(run, node.right, { positions: true, order: false });
  const bytes = estimateMatcherBytes(left.length, right.length);
  if (bytes > run.context.arrayBytes || right.length > MOST_RIGHT_ROWS) throw new CellTooLarge();
  return { left, right };
}

function unreadSide(run: CellRun, node: CellNode): RowSet {
  const { set, scans } = emptySide(node);
  for (const scan of scans) run.files.set(scan, []);
  return set;
}

async function filterRows(
  run: CellRun,
  input: RowSet,
  sql: string,
  columns: readonly BoundColumn[],
): Promise<RowSet> {
  if (input.length === 0) return input;
  const gathered = await gatherRows(run.context, input, run, columns);
  try {
    const inner = `SELECT q.n AS __crosshatch_n${columns.length > 0 ? ', ' : ''}${gathered.select} ${gathered.from}`;
    const query = `SELECT __crosshatch_n FROM (${inner}) WHERE (${sql}) ORDER BY 1`;
    const read = await timed(run.context, 'gather', () =>
      run.context.session.columns(query, ['i32']),
    );
    return takeRows(input, read.columns[0]!.values as Int32Array);
  } finally {
    await gathered.drop();
  }
}
