/** Writes the rows of a plan as a HATS catalog, whole or not at all. */
import { mkdir, rm } from 'node:fs/promises';
import { type CellRecord, recordCell } from '../../catalogs/pieces.ts';
import { checkNotInside, openStaging, type Staging } from '../../catalogs/staging.ts';
import { pixelText } from '../../partitioning/pixel.ts';
import { type Allowance, FIRST_ALLOWANCE, runProgram } from '../physical/run-program.ts';
import { type PlanNode, scansOf } from '../plan/node.ts';
import { positionOf, schemaOf } from '../plan/schema.ts';
import { addMaps } from '../reduce/add-maps.ts';
import type { Runtime } from '../runtime.ts';
import type { BoundColumn, CellResult, Piece, Sink, SparseMap } from '../task.ts';
import { bindColumns, hatsColumns, plannedNames } from './output-columns.ts';
import { planDigest, planFacts, provenanceOf } from './plan-digest.ts';
import { type Prepared, prepare } from './prepare.ts';
import { type Workspace, withWorkspace } from './run.ts';
import { finishPieces } from './staged-pieces.ts';
import { withinReach } from './within-reach.ts';
import {
  CATALOG_MAP_ORDER,
  checkWriteOptions,
  maxRowsOf,
  parquetOptions,
  type WriteHatsOptions,
  type WriteResult,
} from './write-options.ts';

/** Runs `plan` into a catalog at `target`. */
export async function writeHats(
  plan: PlanNode,
  target: string,
  runtime: Runtime,
  options: WriteHatsOptions,
): Promise<WriteResult> {
  checkWriteOptions(options);
  const columns = hatsColumns(plan);
  const prepared = await prepare(plan, plannedNames(plan, columns), runtime, options);
  const inputs = scansOf(plan).map(({ catalog }) => catalog.collectionPath ?? catalog.path);
  await checkNotInside(target, inputs);
  const staging = await openStaging(target, {
    digest: planDigest(prepared.plan, options),
    plan: planFacts(prepared.plan, options),
    overwrite: options.overwrite === true,
    resume: options.resume === true,
  });
  try {
    return await withWorkspace(prepared.program, runtime, options, async (space) => {
      const bound = bindColumns(
        prepared.program,
        columns.map(({ name }) => name),
      );
      const made = await withinReach(space.stats, (allowance) =>
        makePieces(prepared, bound, staging, space, options, allowance),
      );
      const { ra, dec } = positionOf(schemaOf(plan));
      const types = scansOf(plan).map(({ catalog }) => catalog.type);
      const finished = await finishPieces(
        {
          ...made,
          type: types[0] === 'source' ? 'source' : 'object',
          raColumn: ra.name,
          decColumn: dec.name,
          columns,
          properties: provenanceOf(plan),
        },
        staging,
        space,
        options,
      );
      await staging.commit();
      return { ...space.summary(made.rows), ...finished, output: staging.target };
    });
  } catch (error) {
    await giveUp(staging);
    throw error;
  }
}

/** What cells have finished stays, for a resumed run; nothing of it looks like a catalog. */
async function giveUp(staging: Staging): Promise<void> {
  try {
    const finished = await staging.finishedPieces();
    await (finished.length > 0 ? staging.keep() : staging.discard());
  } catch {
    // The first error is the one to report.
  }
}

interface Made {
  readonly pieces: readonly Piece[];
  readonly map: SparseMap;
  readonly rows: number;
}

async function makePieces(
  prepared: Prepared,
  columns: readonly BoundColumn[],
  staging: Staging,
  space: Workspace,
  options: WriteHatsOptions,
  allowance: Allowance,
): Promise<Made> {
  const sink: Sink = {
    kind: 'pieces',
    columns,
    dir: staging.piecesDir,
    maxRows: maxRowsOf(options, columns),
    mapOrder: CATALOG_MAP_ORDER,
    parquet: parquetOptions(options, columns),
  };
  // Cells of a first attempt that did not look far enough may lack pairs.
  if (allowance !== FIRST_ALLOWANCE) await emptyFolder(staging.piecesDir);
  const finished = await finishedCells(staging);
  const run = { ...space, ...options, sink, ordered: false, finished };
  const pieces: Piece[] = [];
  const maps: SparseMap[] = [];
  let rows = 0;
  for await (const cell of runProgram(prepared.program, run, space.stats, allowance)) {
    // A limit cuts the last cell short: its cells say nothing to a later run.
    if (!finished.has(pixelText(cell.pixel)) && prepared.program.limit === undefined) {
      await recordCell(staging.piecesDir, recordOf(cell));
    }
    pieces.push(...(cell.pieces ?? []));
    await staging.flushSoon((cell.pieces ?? []).map(({ file }) => file));
    if (cell.map !== undefined) maps.push(cell.map);
    rows += cell.rows;
  }
  return { pieces, map: addMaps(CATALOG_MAP_ORDER, maps), rows };
}

async function emptyFolder(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir);
}

async function finishedCells(staging: Staging): Promise<Map<string, CellResult>> {
  const finished = new Map<string, CellResult>();
  for (const record of await staging.finishedPieces<CellResult>()) {
    finished.set(pixelText(record.cell), restored(record));
  }
  return finished;
}

function recordOf(cell: CellResult) {
  return {
    cell: cell.pixel,
    rows: cell.rows,
    files: (cell.pieces ?? []).map(({ file }) => file),
    result: cell,
  };
}

/** The staging folder may have moved since: files count from the record, not from the result. */
function restored(record: CellRecord<CellResult>): CellResult {
  const pieces = (record.result.pieces ?? []).map((piece, i) => ({
    ...piece,
    file: record.files[i]!,
  }));
  return { ...record.result, pieces };
}
