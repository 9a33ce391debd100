/** Writes the rows of a plan into one file, whole or not at all: Parquet, CSV or an Arrow IPC file. */
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { RecordBatchFileWriter } from 'apache-arrow';
import { checkNotInside, openFileStaging, type Staging } from '../../catalogs/staging.ts';
import { writing } from '../../catalogs/write-error.ts';
import { requestError } from '../../partitioning/error.ts';
import { addStats, runProgram } from '../physical/run-program.ts';
import { runOne } from '../physical/schedule.ts';
import { type PlanNode, scansOf } from '../plan/node.ts';
import { schemaOf } from '../plan/schema.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { CellResult, ParquetOptions, Sink } from '../task.ts';
import { batchesOf, emptyTable } from './collect.ts';
import { bindColumns, flatNames } from './output-columns.ts';
import { planDigest } from './plan-digest.ts';
import { prepare } from './prepare.ts';
import { type RunSummary, type Workspace, withWorkspace } from './run.ts';
import { withinReach } from './within-reach.ts';
import { parquetOptions } from './write-options.ts';

export type FileFormat = 'parquet' | 'csv' | 'arrow';

export interface WriteFileOptions extends RunSettings {
  /** Parquet only. */
  readonly compression?: ParquetOptions['compression'];
  readonly compressionLevel?: number;
  readonly overwrite?: boolean;
}

/** Runs `plan` into the file `target`, rows in spatial order. */
export async function writeRowsFile(
  plan: PlanNode,
  target: string,
  format: FileFormat,
  runtime: Runtime,
  options: WriteFileOptions,
): Promise<RunSummary & { readonly output: string }> {
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
      let rows: number;
      if (format === 'arrow') {
        rows = await writeArrow(plan, staging.output, runtime, options);
      } else {
        const sink: Sink = {
          kind: 'rows',
          columns: bindColumns(program, names),
          dir: staging.piecesDir,
          format,
          parquet: parquetOptions(options),
        };
        const cells = await withinReach(async (allowance) => {
          const run = { ...space, ...options, sink, ordered: true };
          const found: CellResult[] = [];
          for await (const cell of runProgram(program, run, space.stats, allowance))
            found.push(cell);
          return found;
        });
        rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
        const files = cells.flatMap((cell) => cell.files ?? []);
        if (format === 'csv') await joinCsv(names, files, staging);
        else await joinParquet(plan, files, staging, space, options);
      }
      await staging.commit();
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
  staging: Staging,
): Promise<void> {
  const header = names.map((name) =>
    /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name,
  );
  await writing(staging.output, async () => {
    await writeFile(staging.output, `${header.join(',')}\n`);
    for (const file of files) {
      await pipeline(createReadStream(file), createWriteStream(staging.output, { flags: 'a' }));
    }
  });
}

async function joinParquet(
  plan: PlanNode,
  files: readonly string[],
  staging: Staging,
  space: Workspace,
  options: WriteFileOptions,
): Promise<void> {
  const parquet = parquetOptions(options);
  const output = staging.output;
  if (files.length === 0) {
    const { columns } = schemaOf(plan);
    await runOne(
      space.executor,
      { kind: 'empty', id: 0, columns, output, parquet },
      options.signal,
    );
    return;
  }
  const merge = { kind: 'merge', id: 0, inputs: files, output, parquet } as const;
  const result = await runOne(space.executor, merge, options.signal);
  addStats(space.stats, result);
}

async function writeArrow(
  plan: PlanNode,
  file: string,
  runtime: Runtime,
  options: WriteFileOptions,
): Promise<number> {
  const writer = new RecordBatchFileWriter();
  const feed = async () => {
    let rows = 0;
    for await (const batch of batchesOf(plan, runtime, options)) {
      writer.write(batch);
      rows += batch.numRows;
    }
    // A file without batches still says its schema.
    if (rows === 0) writer.write(await emptyTable(plan, runtime, options));
    writer.finish();
    return rows;
  };
  // Together, so that a full disk is met while rows still come.
  const [rows] = await Promise.all([
    feed(),
    writing(file, () => pipeline(writer.toNodeStream(), createWriteStream(file))),
  ]);
  return rows;
}
