/** Makes folders for whatever place a user may name. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder, and those above it where they are missing; one that is there already is fine. Node's own
 * recursive way never ends on a file system that makes no folders, such as `/proc`.
 */
export async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && (await isFolder(dir))) return;
    const above = path.dirname(dir);
    if (code !== 'ENOENT' || above === dir || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeFolder(dir);
  }
}

async function isFolder(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
