/** The Parquet files of a catalog's partitions: where they should be, and what is really there. */
import { dataError, requestError } from '../partitioning/error.ts';
import { checkPixel, type Pixel, pixelText } from '../partitioning/pixel.ts';
import { directoryOf, joinPath, nameOf } from './path.ts';
import type { Store, StoreEntry } from './store.ts';
import type { LeafFile } from './types.ts';

/** How the leaf files of a catalog are named. */
export interface LeafNaming {
  /** `hats_npix_suffix`; `/` for a directory of files per partition. */
  readonly suffix: string;
  /** Path below the catalog with `{order}`, `{dir}` and `{pixel}`; goes before the suffix. */
  readonly template?: string;
}

/** Value of `Dir=`: the pixel number rounded down to ten thousands. */
export function directoryNumber(pixel: number): number {
  return Math.floor(pixel / 10_000) * 10_000;
}

/** Path of a partition below its catalog: `dataset/Norder=1/Dir=0/Npix=44.parquet`. */
export function leafPath(pixel: Pixel, suffix = '.parquet'): string {
  const end = suffix === '/' ? '' : suffix;
  const directory = `dataset/Norder=${pixel.order}/Dir=${directoryNumber(pixel.pixel)}`;
  return `${directory}/Npix=${pixel.pixel}${end}`;
}

/** The pixel that a leaf path names by its last `Norder=` and `Npix=`; `undefined` when it names none. */
export function pixelOfPath(path: string): Pixel | undefined {
  const match = /.*Norder=(\d+).*Npix=(\d+)/s.exec(decodedPath(path));
  if (match === null) return undefined;
  try {
    return checkPixel(Number(match[1]), Number(match[2]));
  } catch {
    return undefined;
  }
}

/** Paths of web listings and of some `_metadata` files are percent-encoded. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * The files of each pixel, sorted by name; `undefined` where there are none. Every directory is listed once,
 * which gives the sizes too. Where nothing can be listed, the files are taken to be where the rule says.
 */
export async function findLeaves(
  catalog: string,
  pixels: readonly Pixel[],
  naming: LeafNaming,
  store: Store,
): Promise<(LeafFile[] | undefined)[]> {
  const isDirectory = naming.template === undefined && naming.suffix === '/';
  const paths = pixels.map((pixel) => joinPath(catalog, expectedPath(pixel, naming)));
  const parents = new Set(isDirectory ? paths : paths.map(directoryOf));
  const listings = new Map<string, Map<string, StoreEntry>>();
  let canList = true;
  await inTurns([...parents], async (parent) => {
    const entries = canList ? await store.list(parent) : undefined;
    if (entries === undefined) canList = false;
    else listings.set(parent, new Map(entries.map((entry) => [entry.name, entry])));
  });
  if (!canList) return paths.map((path) => (isDirectory ? undefined : [{ path, bytes: 0 }]));
  return paths.map((path) => {
    if (isDirectory) return nonEmpty([...listings.get(path)!.values()].filter(isDataFile));
    const entry = listings.get(directoryOf(path))!.get(nameOf(path));
    return entry === undefined || entry.directory ? undefined : nonEmpty([entry]);
  });
}

/** Directories listed at the same time. */
const LISTS_IN_FLIGHT = 8;

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += LISTS_IN_FLIGHT) {
    await Promise.all(items.slice(i, i + LISTS_IN_FLIGHT).map(work));
  }
}

/** Everything in a partition's directory is data, except what writers leave there hidden. */
function isDataFile(entry: StoreEntry): boolean {
  return !entry.directory && !/^[._]/.test(entry.name);
}

function nonEmpty(entries: StoreEntry[]): LeafFile[] | undefined {
  if (entries.length === 0) return undefined;
  return entries.map(({ path, size, etag }) =>
    etag === undefined ? { path, bytes: size } : { path, bytes: size, etag },
  );
}

function expectedPath(pixel: Pixel, naming: LeafNaming): string {
  if (naming.template === undefined) return leafPath(pixel, naming.suffix);
  return naming.template
    .replaceAll('{order}', String(pixel.order))
    .replaceAll('{dir}', String(directoryNumber(pixel.pixel)))
    .replaceAll('{pixel}', String(pixel.pixel));
}

/** Refuses a `--path-template` that cannot tell partitions apart. */
export function checkTemplate(template: string | undefined): void {
  if (template === undefined) return;
  const unknown = /\{(?!order\}|dir\}|pixel\})[^}]*\}?/.exec(template)?.[0];
  if (unknown !== undefined || !template.includes('{order}') || !template.includes('{pixel}')) {
    const what =
      unknown === undefined ? 'lacks {order} or {pixel}' : `has the unknown part ${unknown}`;
    throw requestError(
      `the path template '${template}' ${what}`,
      `give the path of a leaf file below the catalog, such as ${TEMPLATE_EXAMPLE}`,
    );
  }
}

/** What a template looks like, for hints. */
const TEMPLATE_EXAMPLE = 'dataset/Norder={order}/Dir={dir}/Npix={pixel}.parquet';

/** Pixels of all leaf files under `dataset/`, for catalogs without a partition list. */
export async function listPixels(catalog: string, suffix: string, store: Store): Promise<Pixel[]> {
  const end = suffix === '/' ? '' : suffix;
  const pixels: Pixel[] = [];
  const orders = await directoriesIn(joinPath(catalog, 'dataset'), /^Norder=\d+$/, store);
  for (const orderDirectory of orders) {
    const directories = await directoriesIn(orderDirectory, /^Dir=\d+$/, store);
    await inTurns(directories, async (directory) => {
      for (const entry of (await store.list(directory)) ?? []) {
        const number = /^Npix=(\d+)/.exec(entry.name)?.[1];
        const isLeaf =
          entry.directory === (suffix === '/') && entry.name === `Npix=${number}${end}`;
        const pixel = isLeaf ? pixelOfPath(entry.path) : undefined;
        if (pixel !== undefined) pixels.push(pixel);
      }
    });
  }
  return pixels;
}

async function directoriesIn(parent: string, pattern: RegExp, store: Store): Promise<string[]> {
  const entries = (await store.list(parent)) ?? [];
  return entries.filter((e) => e.directory && pattern.test(e.name)).map((e) => e.path);
}

/** Refuses a catalog that lists partitions it has no files for: an answer would silently lack their rows. */
export function checkComplete(
  catalog: string,
  pixels: readonly Pixel[],
  leaves: readonly (LeafFile[] | undefined)[],
  naming: LeafNaming,
): asserts leaves is readonly LeafFile[][] {
  const missing = pixels.filter((_, i) => leaves[i] === undefined);
  const first = missing[0];
  if (first === undefined) return;
  const others =
    missing.length === 1 ? '' : `, and so are those of ${missing.length - 1} other partitions`;
  throw dataError(
    `partition ${pixelText(first)} is listed but its file is missing${others}`,
    joinPath(catalog, expectedPath(first, naming)),
    naming.template === undefined
      ? `if the files have other names, say so with --path-template, such as ${TEMPLATE_EXAMPLE}`
      : 'check the path template',
  );
}
