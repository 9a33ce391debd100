/** Makes folders for whatever place a user may name. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder, and those above it where they are missing; one that is there already is fine. Node's own
 * recursive way never ends on a file system that makes no folders, such as `/proc`.
 */
export async function makeFolder(dir: string): Promise<void> {
  const refusal = await tryMake(dir);
  if (refusal === null) return;
  const above = path.dirname(dir);
  if (refusal.code !== 'ENOENT' || above === dir) throw refusal;
  if (!(await isFolder(above))) await makeFolder(above);
  // Other processes make the same ones: the one above may have come just after the first try.
  const second = await tryMake(dir);
  if (second !== null) throw second;
}

/** Null when the folder is there. */
async function tryMake(dir: string): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(dir);
    return null;
  } catch (error) {
    const refusal = error as NodeJS.ErrnoException;
    return refusal.code !== 'ENOENT' && (await isFolder(dir)) ? null : refusal;
  }
}

async function isFolder(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
