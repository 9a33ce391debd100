/** Writes the rows of a plan into one file, whole or not at all: Parquet, CSV or an Arrow IPC file. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { RecordBatchFileWriter, type Table, tableFromIPC } from 'apache-arrow';
import { checkNotInside, openFileStaging } from '../../catalogs/staging.ts';
import { writing } from '../../catalogs/write-error.ts';
import { requestError } from '../../partitioning/error.ts';
import { runProgram } from '../physical/run-program.ts';
import { runOne } from '../physical/schedule.ts';
import { type PlanNode, scansOf } from '../plan/node.ts';
import { schemaOf } from '../plan/schema.ts';
import { ARROW_BRIDGE, arrowStream } from '../run/arrow-bridge.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { CellResult, ParquetOptions, Sink, Task } from '../task.ts';
import { emptyTable } from './collect.ts';
import { bindColumns, flatNames } from './output-columns.ts';
import { planDigest } from './plan-digest.ts';
import { prepare } from './prepare.ts';
import { type RunSummary, type Workspace, withWorkspace } from './run.ts';
import { withinReach } from './within-reach.ts';
import { checkCompression, parquetOptions } from './write-options.ts';

export type FileFormat = 'parquet' | 'csv' | 'arrow';

export interface WriteFileOptions extends RunSettings {
  /** Parquet only. */
  readonly compression?: ParquetOptions['compression'];
  readonly compressionLevel?: number;
  readonly overwrite?: boolean;
}

/** What writing one file gave. */
export type FileResult = RunSummary & { readonly output: string };

/** Runs `plan` into the file `target`, rows in spatial order. */
export async function writeRowsFile(
  plan: PlanNode,
  target: string,
  format: FileFormat,
  runtime: Runtime,
  options: WriteFileOptions,
): Promise<FileResult> {
  checkCompression(options);
  const names = flatNames(plan);
  if (names.length === 0) throw requestError('there is no column to write', 'Select at least one.');
  const { program } = await prepare(plan, names, runtime, options);
  await checkNotInside(
    target,
    scansOf(plan).map(({ catalog }) => catalog.collectionPath ?? catalog.path),
  );
  const staging = await openFileStaging(target, {
    digest: planDigest(plan, options),
    overwrite: options.overwrite === true,
  });
  try {
    return await withWorkspace(program, runtime, options, async (space) => {
      const sink: Sink = {
        kind: 'rows',
        columns: bindColumns(program, names),
        dir: staging.piecesDir,
        format: format === 'csv' ? 'csv' : 'parquet',
        parquet:
          format === 'arrow' ? ARROW_BRIDGE : parquetOptions(options, schemaOf(plan).columns),
      };
      const cells = await withinReach(space.stats, async (allowance) => {
        const run = { ...space, ...options, sink, ordered: true };
        const found: CellResult[] = [];
        for await (const cell of runProgram(program, run, space.stats, allowance)) found.push(cell);
        return found;
      });
      const files = cells.flatMap((cell) => cell.files ?? []);
      const { output } = staging;
      if (format === 'csv') await joinCsv(names, files, output);
      else if (format === 'parquet') await joinParquet(plan, files, output, space, options);
      else {
        const whole = await wholeCells(cells, space, options);
        await joinArrow(whole, output, () => emptyTable(plan, runtime, options));
      }
      await staging.commit();
      const rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
      return { ...space.summary(rows), output: staging.target };
    });
  } catch (error) {
    // The first error is the one to report.
    await staging.discard().catch(() => {});
    throw error;
  }
}

async function joinCsv(
  names: readonly string[],
  files: readonly string[],
  output: string,
): Promise<void> {
  const header = names.map((name) =>
    /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name,
  );
  await writing(output, async () => {
    await writeFile(output, `${header.join(',')}\n`);
    for (const file of files) {
      await pipeline(createReadStream(file), createWriteStream(output, { flags: 'a' }));
    }
  });
}

async function joinParquet(
  plan: PlanNode,
  files: readonly string[],
  output: string,
  space: Workspace,
  options: WriteFileOptions,
): Promise<void> {
  const { columns } = schemaOf(plan);
  const parquet = parquetOptions(options, columns);
  const task: Task =
    files.length === 0
      ? { kind: 'empty', id: 0, columns, output, parquet }
      : { kind: 'merge', id: 0, inputs: files, output, parquet };
  await runOne(space.executor, task, options.signal, space.stats);
}

/** One file per cell: the batches of a file must not tell in how many parts a cell had to be computed. */
async function wholeCells(
  cells: readonly CellResult[],
  space: Workspace,
  { signal }: WriteFileOptions,
): Promise<string[]> {
  const whole: string[] = [];
  for (const { files = [] } of cells) {
    if (files.length < 2) {
      whole.push(...files);
      continue;
    }
    const output = `${files[0]!}.whole`;
    const task: Task = { kind: 'merge', id: 0, inputs: files, output, parquet: ARROW_BRIDGE };
    await runOne(space.executor, task, signal, space.stats);
    whole.push(output);
  }
  return whole;
}

/** Batches go to the file as they are decoded: one cell is in memory at a time. */
async function joinArrow(
  files: readonly string[],
  output: string,
  empty: () => Promise<Table>,
): Promise<void> {
  const writer = new RecordBatchFileWriter();
  const feed = async () => {
    for (const file of files) {
      const cell = tableFromIPC(await arrowStream(await readFile(file)));
      for (const batch of cell.batches) writer.write(batch);
    }
    // A file without batches still says its schema.
    if (files.length === 0) writer.write(await empty());
    writer.finish();
  };
  // Together, so that a full disk is met while rows still come.
  await writing(output, () =>
    Promise.all([feed(), pipeline(writer.toNodeStream(), createWriteStream(output))]),
  );
}
