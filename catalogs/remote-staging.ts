/**
 * Outputs in a bucket: made in a local staging folder like any other, then sent file by file, and what makes them
 * visible as a catalog comes last. There are no renames in a bucket, so an output that is replaced stays as it is
 * until the new one is whole beside it:
 *
 *     <output>/.crosshatch-new-<run>/…   the new files, while they are sent
 *     <output>/.crosshatch-unfinished    there while the folder holds neither the old nor the new output whole
 *
 * Then the old one is made invisible, from the outside in, the new files are copied to their places within the
 * bucket, and those that make it visible come last again. Whoever looks meanwhile finds one of the two, or none, and never parts of both.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CrosshatchError, requestError } from '../partitioning/error.ts';
import { makeFolder } from './make-folder.ts';
import { nameOf, schemeOf } from './path.ts';
import { remoteStore } from './remote/remote-store.ts';
import { digest } from './spool/folder.ts';
import { spoolSettings } from './spool/settings.ts';
import type { Staging, StagingOptions } from './staging-port.ts';
import { writing } from './write-error.ts';

/** Files that make a folder a catalog or a collection, the outermost last. */
const VISIBLE = ['properties', 'hats.properties', 'collection.properties'];
const NEW = '.crosshatch-new-';
const UNFINISHED = '.crosshatch-unfinished';
/** Files sent, or copied, at a time. */
const UPLOADS_IN_FLIGHT = 4;
const COPIES_IN_FLIGHT = 16;

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
  // What is sent away from here need not survive a power failure here.
  const here = { ...options, overwrite: true, sync: false };
  const local = await openLocal(path.join(home, nameOf(target)), here);
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
  const isUnfinished = entries.some(({ name }) => name === UNFINISHED);
  const isCatalog = entries.some(({ name }) => VISIBLE.includes(name));
  if (!overwrite) {
    throw requestError(
      isUnfinished && !isCatalog
        ? 'another run is writing the output, or was interrupted when it did'
        : 'output exists',
      'use --overwrite to replace it, or another name',
      target,
    );
  }
  if (kind === 'folder' && !isCatalog && !isUnfinished) {
    throw requestError(
      'the output exists and is not a HATS catalog, so it is not replaced',
      'give another name, or remove the folder yourself',
      target,
    );
  }
}

/** Makes the files of a folder the output at `target`, in the place of what is there. */
async function sendFolder(folder: string, target: string): Promise<void> {
  const { abortUploadsBelow } = await import('./remote/s3-upload.ts');
  const files = await filesOf(folder);
  const old = await objectsBelow(target);
  // What an interrupted run began to send is paid for until it is taken back.
  if (old.some(isOurs)) await abortUploadsBelow(target).catch(() => {});
  if (old.some(isVisible) || old.some(isBeside)) await replace(folder, files, target, old);
  else await sendFirst(folder, files, target, old);
}

/** Sends the first output to a place; when that fails, what was sent is taken back, and what others left there. */
async function sendFirst(
  folder: string,
  files: readonly string[],
  target: string,
  old: readonly string[],
): Promise<void> {
  await remoteStore.write(`${target}/${UNFINISHED}`, new Uint8Array(0));
  const put = (file: string) => send(path.join(folder, file), `${target}/${file}`);
  try {
    await inTurns(files, UPLOADS_IN_FLIGHT, put);
  } catch (error) {
    // The first error is the one to report.
    const sent = files.map((file) => `${target}/${file}`);
    await takeBack(target, [...sent, ...old]).catch(() => {});
    throw error;
  }
  await clearUp(target, files, old);
}

/** Removes what was sent; where it stays visible, because nothing may be deleted, it stays whole as well. */
async function takeBack(target: string, objects: readonly string[]): Promise<void> {
  const { deleteObjects } = await import('./remote/s3-upload.ts');
  await makeInvisible(objects);
  await deleteObjects(objects);
  await deleteObjects([`${target}/${UNFINISHED}`]);
}

/** Outermost first, one after the other: a collection must not be there when one of its members is not. */
async function makeInvisible(objects: readonly string[]): Promise<void> {
  const { deleteObjects } = await import('./remote/s3-upload.ts');
  for (const object of visibleLast(objects.filter(isVisible)).reverse()) {
    await deleteObjects([object]);
  }
}

/** Puts a new output in the place of another: the old one goes when all of the new one is in the bucket. */
async function replace(
  folder: string,
  files: readonly string[],
  target: string,
  old: readonly string[],
): Promise<void> {
  const { copyObject, deleteObjects } = await import('./remote/s3-upload.ts');
  // A name of its own: what an earlier run left there may be the only whole output there is.
  const place = `${target}/${NEW}${randomBytes(4).toString('hex')}`;
  const beside = (file: string) => `${place}/${file}`;
  try {
    await inTurns(files, UPLOADS_IN_FLIGHT, (file) => send(path.join(folder, file), beside(file)));
  } catch (error) {
    // The first error is the one to report.
    await deleteObjects(files.map(beside)).catch(() => {});
    throw error;
  }
  try {
    await remoteStore.write(`${target}/${UNFINISHED}`, new Uint8Array(0));
    await makeInvisible(old);
    await inTurns(files, COPIES_IN_FLIGHT, async (file) => {
      const at = `${target}/${file}`;
      if (!(await copyObject(beside(file), at))) await send(path.join(folder, file), at);
    });
  } catch (error) {
    if (!(error instanceof CrosshatchError)) throw error;
    const hint = `The new output is whole below ${place}; run again with --overwrite to put it in place.`;
    throw new CrosshatchError({ ...error.toData(), hint }, { cause: error });
  }
  await clearUp(target, files, [...old, ...files.map(beside)]);
}

/** Removes what does not belong to the output that is in place now. */
async function clearUp(
  target: string,
  files: readonly string[],
  others: readonly string[],
): Promise<void> {
  const { deleteObjects } = await import('./remote/s3-upload.ts');
  const now = new Set(files.map((file) => `${target}/${file}`));
  await deleteObjects(others.filter((object) => !now.has(object)));
  // An output is visible with it, too: who may not delete may still write.
  await deleteObjects([`${target}/${UNFINISHED}`]).catch(() => {});
}

async function send(file: string, target: string): Promise<void> {
  const { uploadFile } = await import('./remote/s3-upload.ts');
  await uploadFile(file, target);
}

/** Puts data a few at a time, then one by one what makes them visible. */
async function inTurns(
  files: readonly string[],
  atOnce: number,
  put: (file: string) => Promise<void>,
): Promise<void> {
  const data = files.filter((file) => !isVisible(file));
  for (let i = 0; i < data.length; i += atOnce) {
    await settled(data.slice(i, i + atOnce).map(put));
  }
  for (const file of visibleLast(files.filter(isVisible))) await put(file);
}

/** Like Promise.all, but when it fails nothing is on its way any more: what is taken back must not come after. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function isVisible(file: string): boolean {
  return VISIBLE.includes(nameOf(file)) && !isBeside(file);
}

function isBeside(object: string): boolean {
  return object.includes(`/${NEW}`);
}

function isOurs(object: string): boolean {
  return object.endsWith(`/${UNFINISHED}`) || isBeside(object);
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
  return ((await remoteStore.listDeep!(folder)) ?? []).map((entry) => entry.path);
}
