/** Checks of an output's place, made before any work. */
import type { Stats } from 'node:fs';
import { access, constants, lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { requestError } from '../partitioning/error.ts';
import { absolutePath, isRemote } from './path.ts';
import { isMissing, writeError } from './write-error.ts';

/** An output is a folder (a catalog or a collection) or one file. */
export type OutputKind = 'folder' | 'file';

/** A folder holding all files of one of these lists may be replaced with `--overwrite`; no other may. */
const CATALOG_FILES = [
  ['hats.properties'],
  ['collection.properties'],
  ['properties', 'dataset'],
  ['properties', 'partition_info.csv'],
];

/**
 * The real absolute path of an output: its folder's links are resolved, and its own when it exists, so that
 * staging beside it is on the same file system.
 * @throws the `request` error when the target is remote, its folder is missing or no folder, or it is a link
 * that leads nowhere
 */
export async function resolveTarget(target: string): Promise<string> {
  if (isRemote(target)) {
    const hint = 'write to a local folder and copy the result';
    throw requestError('outputs can only be written to the local disk', hint, target);
  }
  const wanted = absolutePath(target);
  const name = path.basename(wanted);
  if (name === '') throw requestError('the output needs a name', undefined, target);
  const parent = path.dirname(wanted);
  const found = await statOf(parent);
  if (found === undefined) {
    throw requestError('the folder of the output does not exist', `create ${parent} first`, wanted);
  }
  if (!found.isDirectory()) {
    throw requestError('the output lies below a file', `${parent} is not a folder`, wanted);
  }
  try {
    return await realpath(wanted);
  } catch (error) {
    if (!isMissing(error)) throw writeError(error, wanted);
  }
  if (await isLink(wanted)) {
    throw requestError('the output is a link that leads nowhere', 'remove the link first', wanted);
  }
  return path.join(await realpath(parent), name);
}

/**
 * Refuses a target that cannot or must not be written.
 * @param target as {@link resolveTarget} gives it
 */
export async function checkTarget(
  target: string,
  kind: OutputKind,
  overwrite: boolean,
): Promise<void> {
  const found = await statOf(target);
  if (found !== undefined) await checkExisting(target, found, kind, overwrite);
  const parent = path.dirname(target);
  try {
    await access(parent, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { what } = writeError(error, parent);
    throw requestError(`the output cannot be written: ${what}`, 'choose another folder', parent);
  }
}

async function checkExisting(
  target: string,
  found: Stats,
  kind: OutputKind,
  overwrite: boolean,
): Promise<void> {
  const isFolder = found.isDirectory();
  if (kind === 'folder' && !isFolder) {
    const hint = 'a catalog is a folder: give another name, or remove the file';
    throw requestError('the output is a file', hint, target);
  }
  if (kind === 'file' && isFolder) {
    throw requestError('the output is a folder', 'give the name of a file', target);
  }
  if (!overwrite) {
    throw requestError('output exists', 'use --overwrite to replace it, or another name', target);
  }
  if (isFolder) await checkReplaceable(target);
}

/** Deleting a folder that no catalog writer made is never what `--overwrite` was meant for. */
async function checkReplaceable(target: string): Promise<void> {
  const names = await readdir(target).catch((error) => {
    throw writeError(error, target);
  });
  const isCatalog = CATALOG_FILES.some((files) => files.every((file) => names.includes(file)));
  if (names.length === 0 || isCatalog) return;
  throw requestError(
    'the output exists and is not a HATS catalog, so it is not replaced',
    'give another name, or remove the folder yourself',
    target,
  );
}

/**
 * Refuses an output that is an input, lies inside one, or holds one: replacing it, or writing to it, would
 * change what is being read. Give a collection's folder as well as its catalogs'. URLs and local paths never clash.
 * @throws the `request` error that names both
 */
export async function checkNotInside(target: string, inputs: readonly string[]): Promise<void> {
  const output = await realPlace(target);
  for (const input of inputs) {
    if (isRemote(input) !== isRemote(target)) continue;
    const problem = clash(output, await realPlace(input));
    if (problem !== undefined) {
      throw requestError(`${problem}: ${input}`, 'choose an output outside every input', target);
    }
  }
}

/** Where a path leads; URLs of one store are compared as the paths in them. */
function realPlace(location: string): Promise<string> | string {
  const place = absolutePath(location);
  return isRemote(place) ? place.replace(/^([a-z0-9+.-]+):\/\//i, '/$1/') : nearestReal(place);
}

function clash(output: string, input: string): string | undefined {
  if (output === input) return 'the output is also an input';
  if (isBelow(output, input)) return 'the output lies inside an input';
  if (isBelow(input, output)) return 'the output holds an input';
  return undefined;
}

function isBelow(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..';
}

/** The path with the links of its existing part resolved. */
async function nearestReal(wanted: string): Promise<string> {
  try {
    return await realpath(wanted);
  } catch {
    const parent = path.dirname(wanted);
    if (parent === wanted) return wanted;
    return path.join(await nearestReal(parent), path.basename(wanted));
  }
}

async function isLink(wanted: string): Promise<boolean> {
  return lstat(wanted).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

async function statOf(location: string): Promise<Stats | undefined> {
  try {
    return await stat(location);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw requestError(`the output cannot be looked at: ${writeError(error, location).what}`);
  }
}
