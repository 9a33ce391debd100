/**
 * Parquet data sets that are cut by HEALPix pixel in hive folders (`healpix_k0=0/healpix_k5=12/part0.parquet`) and
 * have no HATS files, as IRSA publishes AllWISE, NEOWISE and unWISE: opened as catalogs. The layout is that of the
 * AllWISE notebook in Caltech-IPAC/irsa-tutorials (2023-07-27): pixels are NESTED, folders give the pixel columns.
 */
import { dataError } from '../partitioning/error.ts';
import { checkPixel, type Pixel, pixelText } from '../partitioning/pixel.ts';
import { decodedPath } from './leaf-files.ts';
import { readMetadataLeaves } from './metadata-rows.ts';
import { readFooter, TAIL_BYTES } from './parquet-footer.ts';
import { sortedPixels } from './partition-info.ts';
import { countedPartitions, metadataPath } from './partition-rows.ts';
import { joinPath, nameOf } from './path.ts';
import type { Store, StoreEntry } from './store.ts';
import type { CatalogInfo, Column, LeafFile } from './types.ts';

/** The last pixel that a path names. */
const PIXEL = /.*healpix_k(\d+)=(\d+)\//s;
const PIXEL_COLUMN = /^healpix_k\d+$/;
/** Without listings the files are found in `_metadata`, which for large data sets is too large to be worth it. */
const MAX_METADATA_BYTES = 64 << 20;
const LISTS_IN_FLIGHT = 32;

/** The catalog at `path`, or `undefined` where there is no such data set. */
export async function openHiveTable(path: string, store: Store): Promise<CatalogInfo | undefined> {
  const common = joinPath(path, '_common_metadata');
  const [schema, metadata] = await Promise.all([
    sizeOf(common, store),
    sizeOf(joinPath(path, '_metadata'), store),
  ]);
  if (schema === undefined && metadata === undefined) return undefined;
  const files = await findFiles(path, store);
  if (files.size === 0) return undefined;
  const pixels = sortedPixels(
    [...files.values()].map(({ pixel }) => pixel),
    path,
  );
  const leaves = pixels.map((pixel) => files.get(pixelText(pixel))!.files);
  const schemaFile = schema === undefined ? leaves[0]![0]!.path : common;
  const columns = await columnsOf(schemaFile, leaves[0]![0]!, store);
  const partitions = await countedPartitions(pixels, leaves, { datasetDirectory: path }, store);
  const named = (name: string) =>
    columns.find((column) => column.name.toLowerCase() === name)?.name;
  const [raColumn, decColumn] = [named('ra'), named('dec')];
  if (raColumn === undefined || decColumn === undefined) {
    const names = columns.map(({ name }) => name).join(', ');
    throw dataError('the data set has no columns ra and dec', path, `its columns are ${names}`);
  }
  const index = columns.find(({ name, type }) => name === '_healpix_29' && type === 'BIGINT');
  return {
    path,
    name: nameOf(path).replace(/\.parquet$/, ''),
    type: 'object',
    raColumn,
    decColumn,
    ...(index === undefined ? {} : { healpix: { name: index.name, order: 29 } }),
    columns,
    ...(schema === undefined ? {} : { schemaFile }),
    partitions,
    marginsAvailable: [],
    indexes: {},
    properties: {},
  };
}

async function sizeOf(file: string, store: Store): Promise<number | undefined> {
  const stat =
    store.readTail === undefined
      ? await store.stat(file)
      : (await store.readTail(file, TAIL_BYTES))?.stat;
  return stat?.size;
}

/** The columns that files store; those that only folders give are left out. */
async function columnsOf(
  schemaFile: string,
  leaf: LeafFile,
  store: Store,
): Promise<readonly Column[]> {
  const { schema } = await readFooter(schemaFile, store);
  if (!schema.some(({ name }) => PIXEL_COLUMN.test(name))) return schema;
  const stored = (await readFooter(leaf.path, store, leaf.bytes)).schema;
  const names = new Set(stored.map(({ name }) => name));
  return schema.filter(({ name }) => !PIXEL_COLUMN.test(name) || names.has(name));
}

type Found = Map<string, { readonly pixel: Pixel; readonly files: LeafFile[] }>;

async function findFiles(path: string, store: Store): Promise<Found> {
  const found: Found = new Map();
  const listed = await allFiles(path, store);
  const files: readonly LeafFile[] = listed ?? (await filesOfMetadata(path, store));
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const match = PIXEL.exec(decodedPath(file.path).slice(path.length));
    if (match === null || /^[._]/.test(nameOf(file.path))) continue;
    const pixel = checkPixel(Number(match[1]), Number(match[2]));
    const known = found.get(pixelText(pixel));
    if (known === undefined) found.set(pixelText(pixel), { pixel, files: [file] });
    else known.files.push(file);
  }
  return found;
}

/** Every file below the pixel folders; `undefined` where nothing can be listed. */
async function allFiles(path: string, store: Store): Promise<LeafFile[] | undefined> {
  if (store.listDeep !== undefined) {
    return (await store.listDeep(path))?.map(leafOf);
  }
  const entries = await store.list(path);
  if (entries === undefined) return undefined;
  const files: LeafFile[] = [];
  let folders = entries.filter(isPixelFolder);
  while (folders.length > 0) {
    const next: StoreEntry[] = [];
    for (let i = 0; i < folders.length; i += LISTS_IN_FLIGHT) {
      const some = folders.slice(i, i + LISTS_IN_FLIGHT);
      const lists = await Promise.all(some.map((folder) => store.list(folder.path)));
      for (const entry of lists.flatMap((list) => list ?? [])) {
        if (entry.directory) next.push(entry);
        else files.push(leafOf(entry));
      }
    }
    folders = next.filter(isPixelFolder);
  }
  return files;
}

function isPixelFolder({ directory, name }: StoreEntry): boolean {
  return directory && /^healpix_k\d+=\d+$/.test(decodedPath(name));
}

function leafOf({ path, size, etag }: StoreEntry): LeafFile {
  return etag === undefined ? { path, bytes: size } : { path, bytes: size, etag };
}

async function filesOfMetadata(path: string, store: Store): Promise<LeafFile[]> {
  const file = joinPath(path, '_metadata');
  const stat = await store.stat(file);
  if (stat === undefined) return [];
  if (stat.size > MAX_METADATA_BYTES) {
    throw dataError(
      `the files can only be found in _metadata, which has ${stat.size} bytes`,
      file,
      'Open the data set at an s3:// path, where files can be listed.',
    );
  }
  const leaves = readMetadataLeaves(await store.readAll(file), file);
  return leaves.map((leaf) => ({ path: metadataPath(path, leaf.file), bytes: leaf.end }));
}
