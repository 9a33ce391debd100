/** Evaluates the program of a cell to a row set: scans, matches, filters, regions. */
import type { Pixel } from '../../partitioning/pixel.ts';
import { regionRows } from '../../partitioning/region-rows.ts';
import { estimateMatcherBytes } from '../kernel/match.ts';
import type { BoundColumn, CellNode, CellWork } from '../task.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import { gatherRows } from './gather.ts';
import { type MatchNode, matchRows } from './match.ts';
import { boxAround, type SkyBox } from './near-rows.ts';
import type { PlacedFile } from './relation.ts';
import { type RowSet, takeRows } from './row-set.ts';
import { loadScan, type ScanWants } from './scan.ts';

/** One cell on its way through its program. */
export interface CellRun {
  readonly context: RunContext;
  readonly work: CellWork;
  /** Part of the cell that is computed now; null: all of it. */
  readonly cut: Pixel | null;
  /** Filled as scans are loaded. */
  readonly files: Map<number, readonly PlacedFile[]>;
  /** In a part of a cell: where its rows lie, once the place-giving scan, which comes first, is loaded. */
  box: SkyBox | null;
}

/** The rows of `node` in this cell. */
export async function evaluate(run: CellRun, node: CellNode, wants: ScanWants): Promise<RowSet> {
  const { context } = run;
  switch (node.kind) {
    case 'scan': {
      const cell = run.work.scans[node.scan]!;
      const loaded = await loadScan(context, node.scan, cell, wants, run);
      run.files.set(node.scan, loaded.files);
      const { ra, dec } = loaded.set;
      if (run.cut !== null && node.scan === 0) run.box = boxAround(ra!, dec!);
      return loaded.set;
    }
    case 'match': {
      const { left, right } = await evaluateSides(run, node, wants);
      return matchRows(context, node, left, right, run.files, contentColumns(run, node.right));
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

/** Both inputs of a match, refused when matching them would not fit. */
export async function evaluateSides(
  run: CellRun,
  node: MatchNode,
  wants: ScanWants,
): Promise<{ left: RowSet; right: RowSet }> {
  const left = await evaluate(run, node.left, { ...wants, positions: true });
  if (left.length === 0) return { left, right: emptySide(run, node.right) };
  const right = await evaluate(run, node.right, { positions: true, order: false });
  if (estimateMatcherBytes(left.length, right.length) > run.context.arrayBytes) {
    throw new CellTooLarge();
  }
  return { left, right };
}

/** A right side that need not be read: no left row is there to match. */
function emptySide(run: CellRun, node: CellNode): RowSet {
  const rids = new Map<number, Int32Array | null>();
  const distances = new Map<number, Float64Array>();
  for (const scan of scansIn(node)) {
    rids.set(scan, new Int32Array(0));
    run.files.set(scan, []);
  }
  for (const match of matchesIn(node)) distances.set(match, new Float64Array(0));
  const none = new Float64Array(0);
  return { length: 0, ra: none, dec: none, index: null, rids, distances };
}

async function filterRows(
  run: CellRun,
  input: RowSet,
  sql: string,
  columns: readonly BoundColumn[],
): Promise<RowSet> {
  if (input.length === 0) return input;
  const gathered = await gatherRows(run.context, input, run.files, columns);
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

/** Every column of the scans and matches inside `node`, needed by the plan or not. */
function contentColumns(run: CellRun, node: CellNode): BoundColumn[] {
  const scans = scansIn(node).flatMap((scan) =>
    run.context.scans[scan]!.allColumns.map(
      ({ name, type }): BoundColumn => ({
        name: `${scan}.${name}`,
        type,
        ref: { kind: 'scan', scan, column: name },
      }),
    ),
  );
  const distances = matchesIn(node).map(
    (match): BoundColumn => ({
      name: `d${match}`,
      type: 'DOUBLE',
      ref: { kind: 'distance', match },
    }),
  );
  return [...scans, ...distances];
}

function scansIn(node: CellNode): number[] {
  switch (node.kind) {
    case 'scan':
      return [node.scan];
    case 'match':
      return [...scansIn(node.left), ...scansIn(node.right)];
    case 'filter':
    case 'region':
      return scansIn(node.input);
    default:
      throw new Error(`unknown cell node ${JSON.stringify(node satisfies never)}`);
  }
}

function matchesIn(node: CellNode): number[] {
  switch (node.kind) {
    case 'scan':
      return [];
    case 'match':
      return [...matchesIn(node.left), ...matchesIn(node.right), node.match];
    case 'filter':
    case 'region':
      return matchesIn(node.input);
    default:
      throw new Error(`unknown cell node ${JSON.stringify(node satisfies never)}`);
  }
}
