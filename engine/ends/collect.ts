/** Rows of a plan in memory: an Arrow table, or its record batches in spatial order as they come. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordBatch, Table, tableFromIPC } from 'apache-arrow';
import { requestError } from '../../partitioning/error.ts';
import { type Allowance, runProgram } from '../physical/run-program.ts';
import { runOne } from '../physical/schedule.ts';
import type { PlanNode } from '../plan/node.ts';
import { schemaOf } from '../plan/schema.ts';
import { ARROW_BRIDGE, arrowStream } from '../run/arrow-bridge.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { Sink } from '../task.ts';
import { bindColumns, flatNames } from './output-columns.ts';
import { prepare } from './prepare.ts';
import { openWorkspace } from './run.ts';
import { misplaced, withinReach } from './within-reach.ts';

/** An Arrow string column holds at most 2³¹ bytes; the same limit keeps a table within a process. */
const MAX_COLLECT_BYTES = 2 ** 31;

/**
 * Yields the rows in spatial order, cell by cell, with a bounded number of cells in flight. An empty result
 * yields nothing.
 */
export async function* batchesOf(
  plan: PlanNode,
  runtime: Runtime,
  settings: RunSettings,
): AsyncGenerator<RecordBatch, void, void> {
  try {
    for await (const bytes of parquetCells(plan, runtime, settings)) {
      yield* tableFromIPC(await arrowStream(bytes)).batches;
    }
  } catch (error) {
    throw misplaced(error);
  }
}

/** The whole result as one Arrow table; refused where it cannot fit one. */
export async function collect(
  plan: PlanNode,
  runtime: Runtime,
  settings: RunSettings,
): Promise<Table> {
  const batches = await withinReach(null, (allowance) =>
    collectBatches(parquetCells(plan, runtime, settings, allowance)),
  );
  return batches.length === 0 ? emptyTable(plan, runtime, settings) : new Table(batches);
}

async function collectBatches(cells: AsyncIterable<Uint8Array>): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  let size = 0;
  for await (const bytes of cells) {
    size += bytes.byteLength;
    if (size > MAX_COLLECT_BYTES) {
      throw requestError(
        `the result is larger than ${MAX_COLLECT_BYTES / 2 ** 30} GiB, which does not fit an Arrow table`,
        'Iterate over its batches (for await … of catalog), write it with writeHats or writeParquet, or select fewer columns.',
      );
    }
    batches.push(...tableFromIPC(await arrowStream(bytes)).batches);
  }
  return batches;
}

/** No rows, with the types that rows would have had. */
export async function emptyTable(
  plan: PlanNode,
  runtime: Runtime,
  { memoryBytes, signal }: RunSettings,
): Promise<Table> {
  const dir = await runtime.tempDir();
  try {
    const output = join(dir, 'empty.parquet');
    const { columns } = schemaOf(plan);
    const executor = runtime.executor({ small: true, memoryBytes });
    await runOne(
      executor,
      { kind: 'empty', id: 0, columns, output, parquet: ARROW_BRIDGE },
      signal,
      null,
    );
    return tableFromIPC(await arrowStream(await readFile(output)));
  } finally {
    await runtime.removeTempDir(dir);
  }
}

async function* parquetCells(
  plan: PlanNode,
  runtime: Runtime,
  settings: RunSettings,
  allowance?: Allowance,
): AsyncGenerator<Uint8Array, void, void> {
  const names = flatNames(plan);
  const { program } = await prepare(plan, names, runtime, settings);
  const space = await openWorkspace(program, runtime, settings);
  try {
    const sink: Sink = {
      kind: 'rows',
      columns: bindColumns(program, names),
      dir: space.tempDir,
      format: 'parquet',
      parquet: ARROW_BRIDGE,
    };
    const run = { ...space, ...settings, sink, ordered: true };
    for await (const cell of runProgram(program, run, space.stats, allowance)) {
      for (const file of cell.files ?? []) {
        const bytes = await readFile(file);
        // Only what is in flight stays on disk.
        await rm(file);
        yield bytes;
      }
    }
  } finally {
    await space.close();
  }
}
