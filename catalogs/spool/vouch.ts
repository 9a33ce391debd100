/**
 * Entries that were found whole, or were written whole, since the machine was started. What was written to a file and left
 * alone since is lost with the power, or with its disk; until the next start the checksums need not be worked out again, which
 * for a second run of a small query takes longer than reading. Where the system does not tell of its start, every process does.
 */
import { readFileSync } from 'node:fs';
import { readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';

/** Says of the system's start; null where it does not tell of it: then nothing is vouched for. */
function bootId(): string | null {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return /^[0-9a-f-]{36}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

const thisBoot = bootId();

/** Where that is noted of a shared entry. */
export const wholeNote = (entry: string) => `${entry}.whole`;

export const isWholeNote = (name: string) => name.endsWith('.whole');

/** What changes when anybody writes to the file, or puts another in its place. */
async function stateOf(own: string, boot: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(own, { bigint: true });
  return [boot, dev, ino, size, mtimeNs].join(' ');
}

/**
 * Notes that an entry is whole, best effort.
 * @param own the name under which this process has looked at it: the shared one may be another file by now
 * @param draft a name in the folder of this process, for the note while it is written
 */
export async function vouch(
  entry: string,
  own: string,
  draft: string,
  boot = thisBoot,
): Promise<void> {
  if (boot === null) return;
  try {
    const { atime, mtimeMs } = await stat(own);
    // Whole seconds survive being set again, when the entry is marked as used.
    await utimes(own, atime, Math.floor(mtimeMs / 1000));
    await writeFile(draft, await stateOf(own, boot));
    await rename(draft, wholeNote(entry));
  } catch {
    // The disk may be full: it is checked the next time.
  }
}

/** Whether that was noted since the machine was started of the file that this process knows as `own`, and it is as it was. */
export async function isVouched(entry: string, own: string, boot = thisBoot): Promise<boolean> {
  if (boot === null) return false;
  try {
    return (await readFile(wholeNote(entry), 'utf8')) === (await stateOf(own, boot));
  } catch {
    return false;
  }
}
