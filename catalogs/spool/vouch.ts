/**
 * Entries that were found whole, or were written whole, since the machine was started. Only a failure of the power can take
 * from a file what was written to it and left alone since; until the next start the checksums need not be worked out again,
 * which for a second run of a small query takes longer than reading.
 */
import { readFileSync } from 'node:fs';
import { readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';

/** Says of the system's start; null where it does not tell of it: then nothing is vouched for. */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

const thisBoot = bootId();

const noteOf = (entry: string) => `${entry}.whole`;

/** What changes when anybody writes to the file, or puts another in its place. */
async function stateOf(entry: string, boot: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(entry, { bigint: true });
  return [boot, dev, ino, size, mtimeNs].join(' ');
}

/**
 * Notes that a shared entry is whole, best effort.
 * @param own a name in the folder of this process, for the note while it is written
 */
export async function vouch(entry: string, own: string, boot = thisBoot): Promise<void> {
  if (boot === null) return;
  try {
    const { atime, mtimeMs } = await stat(entry);
    // Whole seconds survive being set again, when the entry is marked as used.
    await utimes(entry, atime, Math.floor(mtimeMs / 1000));
    await writeFile(own, await stateOf(entry, boot));
    await rename(own, noteOf(entry));
  } catch {
    // It may have been evicted, or the disk be full: it is checked the next time.
  }
}

/** Whether that was noted since the machine was started, and the file is as it was. */
export async function isVouched(entry: string, boot = thisBoot): Promise<boolean> {
  if (boot === null) return false;
  try {
    return (await readFile(noteOf(entry), 'utf8')) === (await stateOf(entry, boot));
  } catch {
    return false;
  }
}
