/**
 * Outputs appear whole or not at all: they are made in a hidden folder beside the target, on the same file
 * system, and renamed when complete. The folder is named after the target and the plan's digest, so an
 * interrupted run finds what it left, and only what it left.
 *
 *     .<name>.crosshatch-<digest>/plan.json   what is being made, and by which process
 *                                 pieces/     what finished cells left (pieces.ts)
 *                                 output/     the catalog, or the file, as it is put together
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CrosshatchError, requestError } from '../partitioning/error.ts';
import { EarlyFlush, syncFile, syncTree } from './flush.ts';
import { makeFolder } from './make-folder.ts';
import { checkTarget, type OutputKind, resolveTarget } from './output-target.ts';
import { absolutePath, isRemote } from './path.ts';
import { finishedPieces, removeParts } from './pieces.ts';
import { isRunningElsewhere, ownIdentity, type ProcessIdentity } from './run-lock.ts';
import type { Staging, StagingOptions } from './staging-port.ts';
import { VERSION } from './version.ts';
import { isMissing, writeError, writing } from './write-error.ts';

export { checkNotInside } from './output-target.ts';
export type { Staging, StagingOptions } from './staging-port.ts';

interface StoredPlan {
  readonly digest: string;
  readonly version: string;
  readonly created: string;
  readonly plan: Readonly<Record<string, string>>;
  /** Who is writing; absent once that run has ended. */
  readonly process?: ProcessIdentity;
}

/**
 * Opens the staging of a folder output (a catalog or collection), having checked that it can be written.
 * @throws the `request` error when the target exists without `overwrite`, is a file or a folder that is no
 * catalog, its parent is missing or not writable, another run is making it, or `resume` finds the work of a
 * different plan; the `storage` error when making the folder fails
 */
export function openStaging(target: string, options: StagingOptions): Promise<Staging> {
  return openOutput('folder', target, options);
}

/** The same for an output that is one file. */
export function openFileStaging(target: string, options: StagingOptions): Promise<Staging> {
  return openOutput('file', target, options);
}

async function openOutput(kind: OutputKind, to: string, options: StagingOptions): Promise<Staging> {
  if (isRemote(to)) {
    const target = absolutePath(to);
    const { openRemoteStaging } = await import('./remote-staging.ts');
    return openRemoteStaging(target, kind, options, (local, how) => openOutput(kind, local, how));
  }
  if (!DIGEST.test(options.digest)) {
    throw new CrosshatchError({ tag: 'internal', what: `'${options.digest}' is no plan digest` });
  }
  const target = await resolveTarget(to);
  const backup = besideOf(target, BACKUP);
  await restoreBackup(target, backup);
  await checkTarget(target, kind, options.overwrite === true);
  const root = besideOf(target, options.digest);
  const resumed = await clearOld(target, root, options);
  const piecesDir = path.join(root, 'pieces');
  const outputDir = path.join(root, 'output');
  const output = kind === 'folder' ? outputDir : path.join(outputDir, path.basename(target));
  await makeRoot(root);
  await writing(root, async () => {
    // The output is put together again from the pieces, so nothing half-done of it is of use.
    await rm(outputDir, { recursive: true, force: true });
    for (const dir of [piecesDir, outputDir]) await mkdir(dir, { recursive: true });
    await removeParts(piecesDir);
    await writePlan(root, options, ownIdentity());
  });
  const early = new EarlyFlush();
  return {
    target,
    root,
    piecesDir,
    output,
    resumed,
    finishedPieces: () => finishedPieces(piecesDir),
    flushSoon: (files) =>
      writing(target, async () => {
        if (options.sync !== false) early.add(files);
      }),
    async commit() {
      await writing(target, () => early.stop());
      await checkTarget(target, kind, options.overwrite === true);
      await writing(target, async () => {
        if (options.sync !== false) await syncTree(output);
        await putInPlace(output, target, backup);
        if (options.sync !== false) await syncFile(path.dirname(target));
      });
      // The output is complete now: what cannot be removed is no reason to call it failed.
      for (const rest of [backup, root]) await removeQuietly(rest);
    },
    async keep() {
      // What could not be flushed is not there any more.
      await early.stop().catch(() => undefined);
      await writing(root, () => writePlan(root, options));
    },
    async discard() {
      await early.stop().catch(() => undefined);
      await writing(root, () => rm(root, { recursive: true, force: true }));
    },
  };
}

/** Some file systems, such as `/proc`, make no folders, whatever their permissions say. */
async function makeRoot(root: string): Promise<void> {
  try {
    await makeFolder(root);
  } catch (error) {
    if (!isMissing(error)) throw writeError(error, root);
    const what = 'the output cannot be written: no folder can be made there';
    throw requestError(what, 'choose another folder', path.dirname(root));
  }
}

const DIGEST = /^[A-Za-z0-9_-]{1,64}$/;
/** In the place of a digest: an output about to be replaced. No digest has a dot. */
const BACKUP = 'replaced.old';

function besideOf(target: string, suffix: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.crosshatch-${suffix}`);
}

/**
 * Removes the staging folders of earlier runs with this target, but for the one to resume.
 * @returns true when that one is there
 */
async function clearOld(target: string, root: string, options: StagingOptions): Promise<boolean> {
  const prefix = besideOf(target, '');
  const old: { dir: string; stored: StoredPlan | undefined }[] = [];
  for (const name of await writing(target, () => readdir(path.dirname(target)))) {
    const dir = path.join(path.dirname(target), name);
    if (!dir.startsWith(prefix) || !DIGEST.test(dir.slice(prefix.length))) continue;
    const stored = await readPlan(dir);
    if (stored?.process !== undefined && isRunningElsewhere(stored.process)) {
      const hint = `wait for process ${stored.process.pid} to end, or give another output`;
      throw requestError('another run is writing this output', hint, target);
    }
    old.push({ dir, stored });
  }
  const own = old.find(({ dir, stored }) => dir === root && stored?.version === VERSION);
  if (options.resume && own === undefined) {
    const other = old.find(({ stored }) => stored !== undefined)?.stored;
    if (other !== undefined) throw otherPlanError(other, options, target);
  }
  for (const { dir } of old) {
    if (options.resume && dir === own?.dir) continue;
    await writing(dir, () => rm(dir, { recursive: true, force: true }));
  }
  return options.resume === true && own !== undefined;
}

function otherPlanError(
  stored: StoredPlan,
  options: StagingOptions,
  target: string,
): CrosshatchError {
  const differences: string[] = [];
  if (stored.version !== VERSION) differences.push(`version ${stored.version}, now ${VERSION}`);
  const plan = options.plan ?? {};
  for (const key of new Set([...Object.keys(stored.plan), ...Object.keys(plan)])) {
    const [before, now] = [stored.plan[key], plan[key]];
    if (before !== now) differences.push(`${key} ${before ?? 'not set'}, now ${now ?? 'not set'}`);
  }
  if (differences.length === 0) differences.push(`plan ${stored.digest}, now ${options.digest}`);
  return requestError(
    `the unfinished output was made by a different request: ${differences.join('; ')}`,
    'repeat the first request to resume it, or leave --resume out to start afresh',
    target,
  );
}

async function writePlan(
  root: string,
  options: StagingOptions,
  process?: ProcessIdentity,
): Promise<void> {
  const stored: StoredPlan = {
    digest: options.digest,
    version: VERSION,
    created: new Date().toISOString(),
    plan: options.plan ?? {},
    process,
  };
  const file = path.join(root, 'plan.json');
  await writeFile(`${file}.part`, `${JSON.stringify(stored, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

/** `undefined` for a folder whose plan is missing or torn: nothing there can be trusted. */
async function readPlan(root: string): Promise<StoredPlan | undefined> {
  try {
    const stored = JSON.parse(await readFile(path.join(root, 'plan.json'), 'utf8'));
    return typeof stored.digest === 'string' ? stored : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends what a run killed between its two renames left: the old output comes back when the new one never
 * took its place, and goes when it did.
 */
async function restoreBackup(target: string, backup: string): Promise<void> {
  if (!(await exists(backup))) return;
  await writing(target, async () => {
    if (await exists(target)) await rm(backup, { recursive: true, force: true });
    else await rename(backup, target);
  });
}

/** A file replaces another in one rename; a folder needs its place to be free. */
async function putInPlace(output: string, target: string, backup: string): Promise<void> {
  const isFolder = (await stat(output)).isDirectory();
  if (!isFolder || !(await exists(target))) return rename(output, target);
  await rename(target, backup);
  try {
    await rename(output, target);
  } catch (error) {
    await rename(backup, target).catch((second) => {
      const what = `the old output could not be put back: ${writeError(second, backup).what}`;
      throw new CrosshatchError({ tag: 'storage', what, where: target, hint: `it is ${backup}` });
    });
    throw error;
  }
}

async function exists(location: string): Promise<boolean> {
  try {
    await stat(location);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw writeError(error, location);
  }
}

async function removeQuietly(location: string): Promise<void> {
  await rm(location, { recursive: true, force: true }).catch(() => undefined);
}
