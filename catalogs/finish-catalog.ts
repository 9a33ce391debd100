/** Turns leaf files that lie in place into a HATS catalog: everything but the rows. */
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CrosshatchError } from '../partitioning/error.ts';
import { compareNested, type Pixel, pixelText } from '../partitioning/pixel.ts';
import { leafPath } from './leaf-files.ts';
import { writeMergedMetadata } from './merged-metadata.ts';
import { formatPartitionInfo } from './partition-info.ts';
import { writeCatalogProperties } from './properties-write.ts';
import { type CountMap, writeCountMap } from './sky-map-file.ts';
import type { CatalogType, Column } from './types.ts';
import { VERSION } from './version.ts';
import { writing } from './write-error.ts';

export { leafPath } from './leaf-files.ts';
export { finishCollection, marginName, memberName } from './properties-write.ts';

export interface FinishOptions {
  /** The folder that becomes the catalog, with its leaf files at {@link leafPath}. */
  readonly dir: string;
  readonly name: string;
  readonly type: CatalogType;
  readonly raColumn: string;
  readonly decColumn: string;
  /** The leaf files and their rows, in any order; only those with rows have a file. */
  readonly partitions: readonly { readonly pixel: Pixel; readonly rows: number }[];
  /** All columns, in file order. */
  readonly columns: readonly Column[];
  /** Where the rows lie; absent for margins and other tables that have no map. */
  readonly map?: CountMap | undefined;
  /** Properties beyond those that follow from the other options, unescaped. */
  readonly extraProperties: Readonly<Record<string, string>>;
  readonly marginThresholdArcsec?: number;
  /** Name of the table that a margin belongs to. */
  readonly primary?: string;
  readonly defaultColumns?: readonly string[];
  /** Row limit the partitions were made with. */
  readonly maxRows?: number;
}

export interface FinishedCatalog {
  readonly rows: number;
  readonly partitions: number;
  /** Bytes of all files but the properties. */
  readonly bytes: number;
}

/**
 * Writes `partition_info.csv`, `dataset/_metadata`, `dataset/_common_metadata`, the maps and, last, the
 * properties. A catalog without rows gets all of them too, and no leaf files.
 * @throws the `data` error when a leaf file is damaged or does not agree with what is said of it, the
 * `storage` error when writing fails, the `internal` error when the options contradict each other
 */
export async function finishCatalog(options: FinishOptions): Promise<FinishedCatalog> {
  const { dir, columns, map } = options;
  const partitions = options.partitions
    .filter((partition) => partition.rows > 0)
    .sort((a, b) => compareNested(a.pixel, b.pixel));
  const pixels = partitions.map((partition) => partition.pixel);
  checkMap(options, partitions);
  const datasetDir = path.join(dir, 'dataset');
  await writing(datasetDir, () => mkdir(datasetDir, { recursive: true }));
  await checkLeafFiles(dir, pixels);

  const metadata = await writeMergedMetadata({
    datasetDir,
    leaves: partitions.map(({ pixel, rows }) => ({
      path: leafPath(pixel).slice('dataset/'.length),
      rows,
    })),
    columns,
    createdBy: `crosshatch version ${VERSION}`,
  });
  const list = path.join(dir, 'partition_info.csv');
  await writing(list, () => writeFile(list, formatPartitionInfo(pixels)));
  const mapBytes = map === undefined ? 0 : await writeMaps(dir, map);
  const bytes = metadata.leafBytes + metadata.bytes + mapBytes;
  await writeCatalogProperties(dir, {
    ...options,
    pixels,
    rows: metadata.rows,
    mapOrder: map?.order,
    bytes,
  });
  return { rows: metadata.rows, partitions: partitions.length, bytes };
}

/** `skymap.fits`, and the same under its older name: the only one from which LSDB makes a coverage map. */
async function writeMaps(dir: string, map: CountMap): Promise<number> {
  const file = path.join(dir, 'skymap.fits');
  const older = path.join(dir, 'point_map.fits');
  return writing(file, async () => {
    await writeCountMap(file, map);
    await copyFile(file, older);
    return 2 * (await stat(file)).size;
  });
}

function checkMap(options: FinishOptions, partitions: FinishOptions['partitions']): void {
  if (options.map === undefined) return;
  const rows = partitions.reduce((sum, partition) => sum + partition.rows, 0);
  let counted = 0;
  for (const count of options.map.counts) counted += Number(count);
  if (counted !== rows) throw internal(`the map counts ${counted} of ${rows} rows`, options.dir);
}

/** Leaf files lie in `Norder=…/Dir=…/`. */
const LEAF_DEPTH = 3;

/** Every partition has its file, and there are no others: a stray one would be read as part of the catalog. */
async function checkLeafFiles(dir: string, pixels: readonly Pixel[]): Promise<void> {
  const expected = new Map(pixels.map((pixel) => [path.normalize(leafPath(pixel)), pixel]));
  for (const name of await readdir(path.join(dir, 'dataset'), { recursive: true })) {
    if (name.split(path.sep).length < LEAF_DEPTH) continue;
    const file = path.join('dataset', name);
    if (expected.delete(file)) continue;
    throw internal('a file belongs to no partition', path.join(dir, file));
  }
  for (const [file, pixel] of expected) {
    throw internal(`the file of partition ${pixelText(pixel)} is missing`, path.join(dir, file));
  }
}

function internal(what: string, where: string): CrosshatchError {
  return new CrosshatchError({ tag: 'internal', what, where });
}
