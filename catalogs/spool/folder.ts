/**
 * The folder of the spool on disk, shared by all threads and processes without locks:
 *
 *     files/<object>/…           what was fetched of one version of one object, complete and checksummed by name, and
 *                                notes of what was found whole
 *     urls/<url>                 the version of an object that was met last
 *     holds/<process>-<n>/…      hard links of one process to what it uses, and what it is fetching
 *
 * Whatever may be taken away by another process is used through a link of one's own: a file stays for as long as any
 * link to it does. Folders of processes that have ended are removed by whoever comes next.
 */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rm, stat, statfs, unlink, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requestError, storageError } from '../../partitioning/error.ts';
import { makeFolder } from '../make-folder.ts';
import { isRunningElsewhere, ownIdentity, type ProcessIdentity } from '../run-lock.ts';
import { writeError } from '../write-error.ts';
import type { SpoolSettings } from './settings.ts';
import { isWholeNote, wholeNote } from './vouch.ts';

/** One file that may be evicted. */
interface SharedFile {
  readonly file: string;
  readonly bytes: number;
  readonly usedMs: number;
}

export interface SpoolUse {
  readonly dir: string;
  readonly limitBytes: number;
  readonly files: number;
  readonly bytes: number;
  /** Other running processes that use it. */
  readonly processes: number;
}

/** The total is counted anew after so much has come: other processes add and evict, too. */
const RECOUNT_SHARE = 0.05;

/** Folders of holds of this process: nobody holds anything any more when it ends. */
const removedAtExit = new Set<string>();
process.once('exit', () => {
  for (const dir of removedAtExit) rmSync(dir, { recursive: true, force: true });
});

export class SpoolFolder {
  readonly dir: string;
  readonly limitBytes: number;
  readonly holdDir: string;
  #counted: number | null = null;
  /** Bytes that came since the last count. */
  #landedSince = 0;
  #inFlight = 0;
  #turn: Promise<void> = Promise.resolve();
  #links = 0;

  private constructor(dir: string, limitBytes: number) {
    this.dir = dir;
    this.limitBytes = limitBytes;
    const unique = randomBytes(4).toString('hex');
    this.holdDir = path.join(dir, 'holds', `${identityName(ownIdentity())}-${unique}`);
  }

  /** Makes the folder where needed, and cleans up after processes that have died. */
  static async open(settings: SpoolSettings): Promise<SpoolFolder> {
    const dir = await usableDir(settings);
    const folder = new SpoolFolder(dir, settings.limitBytes);
    await mkdir(folder.holdDir, { recursive: true }).catch((error) => {
      throw spoolError(error, dir);
    });
    removedAtExit.add(folder.holdDir);
    await removeDead(path.join(dir, 'holds'));
    return folder;
  }

  /** Folder of one version of an object. */
  objectDir(url: string, version: string): string {
    return path.join(this.dir, 'files', digest(`${url}\0${version}`));
  }

  urlFile(url: string): string {
    return path.join(this.dir, 'urls', digest(url));
  }

  /** A new name in this process's own folder. */
  privatePath(): string {
    this.#links++;
    return path.join(this.holdDir, `${this.#links}.parquet`);
  }

  /** A link of one's own to a shared file, which marks it as used; null when it is gone. */
  async take(shared: string): Promise<string | null> {
    const own = this.privatePath();
    try {
      await linkOrCopy(shared, own);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw spoolError(error, shared);
    }
    // When it was written stays: that tells whether anybody has written to it since.
    const found = await stat(own).catch(() => null);
    if (found !== null) await utimes(own, new Date(), found.mtime).catch(() => {});
    return own;
  }

  /** Shares a complete file under `name` in an object's folder; it stays private where that is not possible. */
  async share(own: string, objectDir: string, name: string): Promise<void> {
    const target = path.join(objectDir, name);
    try {
      await mkdir(objectDir, { recursive: true });
      await linkOrCopy(own, target);
    } catch {
      // Somebody else may have shared the same, or the disk is full: nobody depends on it.
    }
  }

  /** Removes a shared file, with what is noted of it. */
  async remove(shared: string): Promise<void> {
    for (const file of [shared, wholeNote(shared)]) await unlink(file).catch(() => {});
  }

  async drop(own: string): Promise<void> {
    await unlink(own).catch(() => {});
  }

  /**
   * Evicts what was used least lately until `bytes` more fit, beside all that is still on its way; what is held by
   * anybody is freed only when it is let go. The bytes count as on their way until {@link landed}.
   */
  makeRoom(bytes: number): Promise<void> {
    this.#inFlight += bytes;
    // One after the other: two at once would both count on the same files to go.
    const turn = this.#turn.then(() => this.#evict());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Bytes that room was made for have been written, or have failed to come. */
  landed(bytes: number): void {
    this.#inFlight -= bytes;
    this.#landedSince += bytes;
    if (this.#counted !== null) this.#counted += bytes;
  }

  async #evict(): Promise<void> {
    const known = (this.#counted ?? Number.POSITIVE_INFINITY) + this.#inFlight;
    const isStale = this.#landedSince > this.limitBytes * RECOUNT_SHARE;
    if (known <= this.limitBytes && !isStale) return;
    this.#landedSince = 0;
    const { shared, total } = await this.#count();
    let left = total;
    for (const { file, bytes: size } of shared) {
      if (left + this.#inFlight <= this.limitBytes) break;
      await this.remove(file);
      left -= size;
    }
    // What landed meanwhile may have been passed by already.
    this.#counted = left + this.#landedSince;
  }

  /** Evicts everything: after the disk was found full. */
  async makeAllRoom(): Promise<void> {
    const { shared } = await this.#count();
    for (const { file } of shared) await this.remove(file);
    this.#counted = null;
  }

  async use(): Promise<SpoolUse> {
    const { shared, total } = await this.#count();
    const others = (await namesIn(path.join(this.dir, 'holds'))).filter((name) => {
      const identity = identityOf(name);
      return identity !== null && isRunningElsewhere(identity);
    });
    const { dir, limitBytes } = this;
    return { dir, limitBytes, files: shared.length, bytes: total, processes: others.length };
  }

  async clear(): Promise<void> {
    for (const part of ['files', 'urls']) {
      await rm(path.join(this.dir, part), { recursive: true, force: true });
    }
    this.#counted = null;
  }

  /** Shared files, least lately used first, and the bytes of all files, each counted once. */
  async #count(): Promise<{ shared: SharedFile[]; total: number }> {
    const shared: SharedFile[] = [];
    const seen = new Set<number>();
    let total = 0;
    for (const part of ['files', 'holds']) {
      for (const folder of await namesIn(path.join(this.dir, part))) {
        for (const name of await namesIn(path.join(this.dir, part, folder))) {
          if (isWholeNote(name)) continue;
          const file = path.join(this.dir, part, folder, name);
          const found = await stat(file).catch(() => null);
          if (found === null) continue;
          if (part === 'files') shared.push({ file, bytes: found.size, usedMs: found.atimeMs });
          if (!seen.has(found.ino)) total += found.size;
          seen.add(found.ino);
        }
      }
    }
    shared.sort((a, b) => a.usedMs - b.usedMs);
    return { shared, total };
  }
}

async function usableDir({ dir, chosen }: SpoolSettings): Promise<string> {
  try {
    await makeFolder(path.join(dir, 'holds'));
    await statfs(dir);
    return dir;
  } catch (error) {
    if (chosen) {
      const { what } = writeError(error, dir);
      throw requestError(
        `the spool folder cannot be used: ${what}`,
        'Choose another --spool.',
        dir,
      );
    }
    const fallback = path.join(tmpdir(), 'crosshatch-spool');
    await mkdir(fallback, { recursive: true, mode: 0o700 }).catch((second) => {
      throw spoolError(second, fallback);
    });
    return fallback;
  }
}

/** A failed write in the spool, in words. */
export function spoolError(error: unknown, where: string): Error {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
    return storageError(
      'the disk of the spool is full',
      where,
      'Free some space, or choose another folder with --spool or a lower --spool-limit.',
    );
  }
  return writeError(error, where);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // File systems without hard links: a copy is used in the same way, and costs its bytes.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EXDEV'].includes(code))
      throw error;
    await copyFile(from, to);
  }
}

async function removeDead(holds: string): Promise<void> {
  const own = ownIdentity();
  for (const name of await namesIn(holds)) {
    const identity = identityOf(name);
    if (identity === null || identity.host !== own.host) continue;
    if (identity.pid === own.pid && identity.started === own.started) continue;
    if (isRunningElsewhere(identity)) continue;
    await rm(path.join(holds, name), { recursive: true, force: true }).catch(() => {});
  }
}

function identityName({ pid, started, host }: ProcessIdentity): string {
  return `${pid}-${started}-${Buffer.from(host).toString('base64url')}`;
}

function identityOf(name: string): ProcessIdentity | null {
  const match = /^(\d+)-(\d*)-([\w-]+)-[0-9a-f]{8}$/.exec(name);
  if (match === null) return null;
  const host = Buffer.from(match[3]!, 'base64url').toString();
  return { pid: Number(match[1]), started: match[2]!, host };
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
