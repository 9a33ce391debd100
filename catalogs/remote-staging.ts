/**
 * Outputs in a bucket: made in a local staging folder like any other, then sent file by file, and what makes them
 * visible as a catalog comes last. There are no renames in a bucket, so an output that is replaced is taken apart
 * first, again starting with what makes it visible.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { requestError } from '../partitioning/error.ts';
import { makeFolder } from './make-folder.ts';
import { nameOf, schemeOf } from './path.ts';
import { remoteStore } from './remote/remote-store.ts';
import { digest } from './spool/folder.ts';
import { spoolSettings } from './spool/settings.ts';
import type { Staging, StagingOptions } from './staging-port.ts';
import { writing } from './write-error.ts';

/** Files that make a folder a catalog or a collection, the outermost last. */
const VISIBLE = ['properties', 'hats.properties', 'collection.properties'];
/** Files sent at a time. */
const UPLOADS_IN_FLIGHT = 4;

/** Opens a local staging for a local target. */
export type OpenLocal = (target: string, options: StagingOptions) => Promise<Staging>;

/**
 * Staging whose commit sends the output to `target`, an `s3://` path.
 * @throws the `request` error when it cannot be written there
 */
export async function openRemoteStaging(
  target: string,
  kind: 'folder' | 'file',
  options: StagingOptions,
  openLocal: OpenLocal,
): Promise<Staging> {
  if (schemeOf(target) !== 's3' || !/^s3:\/\/[^/]+\/./i.test(target)) {
    const hint = 'Give a local path or s3://BUCKET/PATH.';
    throw requestError('this is no place to write to', hint, target);
  }
  await checkFree(target, kind, options.overwrite === true);
  const home = path.join(spoolSettings().dir, '..', 'staging', digest(target));
  await writing(home, () => makeFolder(home));
  const local = await openLocal(path.join(home, nameOf(target)), { ...options, overwrite: true });
  return {
    ...local,
    target,
    async commit() {
      await checkFree(target, kind, options.overwrite === true);
      if (kind === 'folder') await sendFolder(local.output, target);
      else await send(local.output, target);
      await local.discard();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function checkFree(
  target: string,
  kind: 'folder' | 'file',
  overwrite: boolean,
): Promise<void> {
  const isFile = (await remoteStore.stat(target)) !== undefined;
  const entries = (await remoteStore.list(target)) ?? [];
  if (!isFile && entries.length === 0) return;
  if (kind === 'folder' && isFile) {
    const hint = 'a catalog is a folder: give another name, or remove the object';
    throw requestError('the output is an object', hint, target);
  }
  if (kind === 'file' && entries.length > 0) {
    throw requestError('the output is a folder', 'give the name of a file', target);
  }
  if (!overwrite) {
    throw requestError('output exists', 'use --overwrite to replace it, or another name', target);
  }
  if (kind === 'folder' && !entries.some(({ name }) => VISIBLE.includes(name))) {
    throw requestError(
      'the output exists and is not a HATS catalog, so it is not replaced',
      'give another name, or remove the folder yourself',
      target,
    );
  }
}

/** Sends all files of a folder; when that fails, what was sent is taken back. */
async function sendFolder(folder: string, target: string): Promise<void> {
  const { deleteObjects } = await import('./remote/s3-upload.ts');
  const files = await filesOf(folder);
  const old = await objectsBelow(target);
  await deleteObjects(old.filter(isVisible));
  const sent: string[] = [];
  try {
    const data = files.filter((file) => !isVisible(file));
    for (let i = 0; i < data.length; i += UPLOADS_IN_FLIGHT) {
      const some = data.slice(i, i + UPLOADS_IN_FLIGHT);
      sent.push(...some.map((file) => `${target}/${file}`));
      await Promise.all(some.map((file) => send(path.join(folder, file), `${target}/${file}`)));
    }
    for (const file of visibleLast(files.filter(isVisible))) {
      sent.push(`${target}/${file}`);
      await send(path.join(folder, file), `${target}/${file}`);
    }
  } catch (error) {
    // The first error is the one to report.
    await deleteObjects(sent.reverse()).catch(() => {});
    throw error;
  }
  const now = new Set(sent);
  await deleteObjects(old.filter((object) => !now.has(object) && !isVisible(object)));
}

async function send(file: string, target: string): Promise<void> {
  const { uploadFile } = await import('./remote/s3-upload.ts');
  await uploadFile(file, target);
}

function isVisible(file: string): boolean {
  return VISIBLE.includes(nameOf(file));
}

/** Members before the collection that lists them. */
function visibleLast(files: readonly string[]): string[] {
  const rank = (file: string) => -file.split('/').length * 10 + VISIBLE.indexOf(nameOf(file));
  return [...files].sort((a, b) => rank(a) - rank(b));
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await writing(folder, () => readdir(folder, { recursive: true }));
  const files: string[] = [];
  for (const entry of entries.sort()) {
    if ((await stat(path.join(folder, entry))).isFile())
      files.push(entry.split(path.sep).join('/'));
  }
  return files;
}

async function objectsBelow(folder: string): Promise<string[]> {
  const objects: string[] = [];
  for (const entry of (await remoteStore.list(folder)) ?? []) {
    if (entry.directory) objects.push(...(await objectsBelow(entry.path)));
    else objects.push(entry.path);
  }
  return objects;
}
