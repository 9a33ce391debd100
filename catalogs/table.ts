/** Opens one HATS table: a catalog of any type, without the collection around it. */
import { dataError, requestError } from '../partitioning/error.ts';
import { type Pixel, pixelText } from '../partitioning/pixel.ts';
import { type CatalogProperties, readCatalogProperties } from './catalog-properties.ts';
import {
  checkComplete,
  findLeaves,
  type LeafNaming,
  leafPath,
  listPixels,
  pixelOfPath,
} from './leaf-files.ts';
import { type Located, textOf } from './locate.ts';
import { type MetadataLeaf, readMetadataLeaves } from './metadata-rows.ts';
import { TAIL_BYTES } from './parquet-footer.ts';
import {
  MAX_PARTITION_LIST_BYTES,
  PARTITION_LIST,
  parsePartitionInfo,
  sortedPixels,
} from './partition-info.ts';
import { countedPartitions, metadataPath } from './partition-rows.ts';
import { joinPath } from './path.ts';
import { startReads } from './remembered-reads.ts';
import { readSchema } from './schema-file.ts';
import type { Store } from './store.ts';
import type {
  CatalogInfo,
  Column,
  HealpixColumn,
  LeafFile,
  OpenOptions,
  Partition,
} from './types.ts';

/** A larger `_metadata` costs more to read than it saves. */
const MAX_METADATA_BYTES = 32 * 1024 * 1024;
/** The same over a network, where it is read only to say rows exactly: one request of moderate size. */
const MAX_REMOTE_METADATA_BYTES = 1024 * 1024;

/**
 * Reads everything that {@link CatalogInfo} needs; margins and indexes of a collection are left empty.
 * @throws the `data` error when files are missing or contradict each other, the `request` error for an index
 */
export async function openTable(
  located: Located,
  options: OpenOptions,
  store: Store,
): Promise<CatalogInfo> {
  const properties = readCatalogProperties(located.text, located.propertiesFile);
  if (properties.type === 'index') throw indexError(properties, located.directory);
  const list = joinPath(located.directory, PARTITION_LIST);
  if (properties.hasLeafFiles) startReads(located.directory, store);
  const listed = await textOf(list, store, MAX_PARTITION_LIST_BYTES);
  const pixels = listed === undefined ? undefined : parsePartitionInfo(listed, list);
  if (!properties.hasLeafFiles) {
    const partitions = (pixels ?? []).map((pixel) => ({
      pixel,
      files: [],
      rows: 0,
      rowsExact: false,
    }));
    return { ...identity(located, properties), columns: [], partitions };
  }
  const data = await readData(located.directory, pixels, properties, options, store);
  const healpix = healpixColumn(properties, data.columns);
  checkPositions(properties, data.columns, located.directory);
  return {
    ...identity(located, properties),
    ...(healpix === undefined ? {} : { healpix }),
    columns: data.columns,
    ...defaultColumns(properties, data.columns),
    ...(data.schemaFile === undefined ? {} : { schemaFile: data.schemaFile }),
    ...(data.schemaEtag === undefined ? {} : { schemaEtag: data.schemaEtag }),
    partitions: data.partitions,
  };
}

interface TableData {
  readonly columns: readonly Column[];
  readonly schemaFile: string | undefined;
  readonly schemaEtag?: string | undefined;
  readonly partitions: readonly Partition[];
}

async function readData(
  catalog: string,
  listed: readonly Pixel[] | undefined,
  properties: CatalogProperties,
  options: OpenOptions,
  store: Store,
): Promise<TableData> {
  const naming: LeafNaming = { suffix: properties.npixSuffix, template: options.pathTemplate };
  const datasetDirectory = joinPath(catalog, 'dataset');
  const metadata = await readMetadata(
    joinPath(datasetDirectory, '_metadata'),
    listed === undefined,
    store,
  );
  const pixels = listed ?? (await unlistedPixels(catalog, naming, metadata?.leaves, store));
  const leaves = await findLeaves(catalog, pixels, naming, store);
  if (metadata !== undefined && naming.template === undefined && leaves.includes(undefined)) {
    await followMetadata(pixels, leaves, { datasetDirectory, leaves: metadata.leaves }, store);
  }
  // A template that finds nothing would otherwise be reported as a schema that is missing.
  if (naming.template !== undefined) checkComplete(catalog, pixels, leaves, naming);
  const commonMetadata = await commonFile(joinPath(datasetDirectory, '_common_metadata'), store);
  const leaf = leaves.find((files) => files !== undefined)?.[0];
  const schema = await readSchema({ commonMetadata, metadata, leaf, catalog }, store);
  if (listed === undefined && pixels.length === 0 && !isEmpty(properties, metadata?.leaves)) {
    const what = 'no partitions found: partition_info.csv is missing, and there are no leaf files';
    throw dataError(
      what,
      datasetDirectory,
      `they would be named like ${leafPath({ order: 1, pixel: 44 }, naming.suffix)}`,
    );
  }
  checkComplete(catalog, pixels, leaves, naming);
  const partitions = await countedPartitions(
    pixels,
    leaves,
    {
      datasetDirectory,
      metadata: metadata?.leaves,
      totalRows: properties.rows,
      ...totalBytes(properties),
    },
    store,
  );
  const schemaEtag = schema.file === commonMetadata?.path ? commonMetadata.etag : undefined;
  // Leaves are read along with it: any other file would bring its own rows.
  const schemaFile = schema.file === commonMetadata?.path ? schema.file : undefined;
  return { columns: schema.columns, schemaFile, schemaEtag, partitions };
}

async function commonFile(path: string, store: Store): Promise<LeafFile | undefined> {
  if (store.readTail === undefined) {
    const stat = await store.stat(path);
    return stat === undefined ? undefined : { path, bytes: stat.size };
  }
  const tail = await store.readTail(path, TAIL_BYTES);
  return tail === undefined ? undefined : { path, bytes: tail.stat.size, etag: tail.stat.etag };
}

/** `hats_estsize` is in kibibytes. */
function totalBytes({ all }: CatalogProperties): { totalBytes?: number } {
  const estimate = Number(all.hats_estsize ?? Number.NaN);
  return estimate > 0 ? { totalBytes: estimate * 1024 } : {};
}

/** Margins without rows are legal: they have no files. */
function isEmpty(
  properties: CatalogProperties,
  metadata: readonly MetadataLeaf[] | undefined,
): boolean {
  return properties.rows === 0 || metadata?.length === 0;
}

interface MetadataFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly leaves: readonly MetadataLeaf[];
}

/** `needed`: nothing else tells where the partitions are. */
async function readMetadata(
  path: string,
  needed: boolean,
  store: Store,
): Promise<MetadataFile | undefined> {
  const bytes =
    store.readTail === undefined
      ? await localMetadata(path, store)
      : await remoteMetadata(path, needed, store);
  return bytes === undefined ? undefined : { path, bytes, leaves: readMetadataLeaves(bytes, path) };
}

async function localMetadata(path: string, store: Store): Promise<Uint8Array | undefined> {
  const stat = await store.stat(path);
  if (stat === undefined || stat.size >= MAX_METADATA_BYTES) return undefined;
  return store.readAll(path);
}

/** Its tail in one request, which is all of a small file; the rest where that is worth it. */
async function remoteMetadata(
  path: string,
  needed: boolean,
  store: Store,
): Promise<Uint8Array | undefined> {
  const tail = await store.readTail!(path, TAIL_BYTES);
  if (tail === undefined) return undefined;
  const { size, etag } = tail.stat;
  if (tail.bytes.length === size) return tail.bytes;
  if (size > (needed ? MAX_METADATA_BYTES : MAX_REMOTE_METADATA_BYTES)) return undefined;
  const whole = new Uint8Array(size);
  const missing = size - tail.bytes.length;
  whole.set(await store.readRange(path, 0, missing, { etag }));
  whole.set(tail.bytes, missing);
  return whole;
}

/** Pixels of a catalog without `partition_info.csv`: those of its files, or of the files `_metadata` names. */
async function unlistedPixels(
  catalog: string,
  naming: LeafNaming,
  metadata: readonly MetadataLeaf[] | undefined,
  store: Store,
): Promise<Pixel[]> {
  if (naming.template !== undefined) {
    throw dataError(
      'a path template needs a partition list, and partition_info.csv is missing',
      catalog,
    );
  }
  const found = await listPixels(catalog, naming.suffix, store);
  if (found.length > 0 || metadata === undefined) return sortedPixels(found, catalog);
  const named = new Map<string, Pixel>();
  for (const { file } of metadata) {
    const pixel = pixelOfPath(file);
    if (pixel !== undefined) named.set(pixelText(pixel), pixel);
  }
  return sortedPixels([...named.values()], catalog);
}

/** Fills in partitions whose files are not where the rule says, when `_metadata` knows where they are. */
async function followMetadata(
  pixels: readonly Pixel[],
  leaves: (LeafFile[] | undefined)[],
  metadata: { datasetDirectory: string; leaves: readonly MetadataLeaf[] },
  store: Store,
): Promise<void> {
  const paths = new Map<string, string[]>();
  for (const { file } of metadata.leaves) {
    const pixel = pixelOfPath(file);
    if (pixel === undefined) continue;
    const known = paths.get(pixelText(pixel)) ?? [];
    paths.set(pixelText(pixel), [...known, metadataPath(metadata.datasetDirectory, file)]);
  }
  for (let i = 0; i < pixels.length; i += 1) {
    if (leaves[i] !== undefined) continue;
    const named = paths.get(pixelText(pixels[i]!)) ?? [];
    const found: LeafFile[] = [];
    for (const path of named) {
      const stat = await store.stat(path);
      if (stat === undefined) break;
      found.push({ path, bytes: stat.size });
    }
    // The paths are only a hint: either all files of a partition are there, or it counts as missing.
    if (found.length > 0 && found.length === named.length) leaves[i] = found;
  }
}

function identity(located: Located, properties: CatalogProperties) {
  const { all } = properties;
  return {
    path: located.directory,
    name: properties.name,
    type: properties.type,
    raColumn: properties.raColumn,
    decColumn: properties.decColumn,
    totalRows: properties.rows,
    marginsAvailable: [],
    indexes: {},
    marginThresholdArcsec: properties.marginThresholdArcsec,
    frame: all.hats_frame,
    epoch: all.hats_coordinate_epoch,
    properties: all,
  };
}

const INTEGER_TYPE = /^U?(INTEGER|BIGINT)$/;

/**
 * The spatial index: the column the properties name if the schema has it, else `_healpix_29`. A column that
 * is not made of integers has lost digits and counts as absent; positions give the index then.
 */
function healpixColumn(
  properties: CatalogProperties,
  columns: readonly Column[],
): HealpixColumn | undefined {
  const usable = (name: string | undefined) =>
    columns.some((column) => column.name === name && INTEGER_TYPE.test(column.type));
  if (usable(properties.healpixColumn)) {
    return { name: properties.healpixColumn!, order: properties.healpixOrder };
  }
  return usable('_healpix_29') ? { name: '_healpix_29', order: 29 } : undefined;
}

function checkPositions(
  properties: CatalogProperties,
  columns: readonly Column[],
  catalog: string,
): void {
  for (const name of [properties.raColumn, properties.decColumn]) {
    if (name === undefined || columns.some((column) => column.name === name)) continue;
    const what = `the properties name ${name} as a position column, but the schema has none of that name`;
    throw dataError(what, catalog, `its columns are ${columns.map((c) => c.name).join(', ')}`);
  }
}

/** Default columns that exist; names may lead into nested columns. */
function defaultColumns(
  properties: CatalogProperties,
  columns: readonly Column[],
): { defaultColumns?: readonly string[] } {
  const names = new Set(columns.map((column) => column.name));
  const found = (properties.defaultColumns ?? []).filter(
    (name) => names.has(name) || names.has(name.split('.')[0]!),
  );
  return found.length === 0 ? {} : { defaultColumns: found };
}

function indexError(properties: CatalogProperties, directory: string) {
  return requestError(
    `${directory} is an index catalog: it tells in which partitions of ${properties.primary} ` +
      `each ${properties.indexColumn} lies, and has no positions of its own`,
    'open the catalog or collection it belongs to',
  );
}
