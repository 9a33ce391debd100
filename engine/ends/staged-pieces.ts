/** The last steps of every job that makes pieces: partitions in place, metadata, margin, collection, commit. */
import { join } from 'node:path';
import {
  finishCatalog,
  finishCollection,
  marginName,
  memberName,
} from '../../catalogs/finish-catalog.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import type { Staging } from '../../catalogs/staging.ts';
import type { CatalogType, Column } from '../../catalogs/types.ts';
import { writeMargin } from '../margin/write-margin.ts';
import { placePieces } from '../reduce/place-pieces.ts';
import type { ParquetOptions, Piece, SparseMap } from '../task.ts';
import type { Workspace } from './run.ts';
import type { WriteHatsOptions } from './write-options.ts';
import { maxRowsOf, parquetOptions } from './write-options.ts';

/** What makes a catalog out of pieces. */
export interface CatalogMakings {
  readonly pieces: readonly Piece[];
  readonly map: SparseMap;
  readonly type: CatalogType;
  readonly raColumn: string;
  readonly decColumn: string;
  readonly columns: readonly Column[];
  readonly properties: Readonly<Record<string, string>>;
}

/** Puts the catalog together in the staging folder; the caller commits. */
export async function finishPieces(
  makings: CatalogMakings,
  staging: Staging,
  space: Workspace,
  options: WriteHatsOptions,
): Promise<{ partitions: number; bytes: number }> {
  const name = memberName(options.name ?? staging.target.split('/').at(-1)!);
  const margin = options.marginArcsec;
  const dir = margin === undefined ? staging.output : join(staging.output, name);
  const parquet = parquetOptions(options, makings.columns);
  const partitions = await placePieces(
    makings.pieces,
    {
      executor: space.executor,
      dir,
      maxRows: maxRowsOf(options, makings.columns),
      parquet,
      signal: options.signal,
      onProgress: options.onProgress,
    },
    space.stats,
  );
  const finished = await finishCatalog({
    dir,
    name,
    type: makings.type,
    raColumn: makings.raColumn,
    decColumn: makings.decColumn,
    partitions,
    columns: makings.columns,
    map: makings.map,
    extraProperties: makings.properties,
    maxRows: Math.max(0, ...partitions.map(({ rows }) => rows)),
  });
  if (margin === undefined) return { partitions: partitions.length, bytes: finished.bytes };
  const written = await addMargin(dir, name, margin, staging, space, { ...options, parquet });
  return { partitions: partitions.length, bytes: finished.bytes + written };
}

async function addMargin(
  dir: string,
  name: string,
  thresholdArcsec: number,
  staging: Staging,
  space: Workspace,
  options: WriteHatsOptions & { readonly parquet: ParquetOptions },
): Promise<number> {
  const folder = marginName(name, thresholdArcsec);
  const info = await openCatalogInfo(dir, { margin: 'none' });
  const target = join(staging.output, folder);
  const margin = await writeMargin(info, target, thresholdArcsec, space, {
    ...options,
    name: folder,
  });
  await finishCollection({
    dir: staging.output,
    name,
    primary: name,
    margins: [{ name: folder, thresholdArcsec }],
  });
  return margin.bytes;
}
