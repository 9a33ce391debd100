/**
 * Entries of the spool: small, complete Parquet files made of some column chunks of a remote one. The footer carries
 * a note of what is in it, with a checksum of every piece; the footer's own checksum is in the entry's name. An entry
 * is therefore known to be whole whatever the file system kept of it when a process was killed or the power failed,
 * and nothing has to be flushed to disk before it can be used.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { keyValueOf, metadataLength, splitFooter } from '../parquet-footer-parts.ts';
import { digest } from './folder.ts';

/** Key of the note among a footer's key-value entries. */
export const NOTE_KEY = 'crosshatch.spool';

export interface EntryNote {
  readonly url: string;
  readonly version: string;
  /** Numbers of the row groups, ascending. */
  readonly groups: readonly number[];
  /** Numbers of the leaf columns whose chunks are there, ascending. */
  readonly leaves: readonly number[];
  /** Length and CRC-32 of each piece between the opening mark and the footer, in file order. */
  readonly sums: readonly number[];
}

/** What is known of an entry by its name. */
export interface EntryName {
  readonly name: string;
  readonly groups: string;
  readonly sum: number;
}

/** Names row groups in an entry's name. */
export function groupsKey(groups: readonly number[]): string {
  return digest(groups.join(',')).slice(0, 12);
}

export function entryName(note: EntryNote, footer: Uint8Array): string {
  const leaves = digest(note.leaves.join(',')).slice(0, 12);
  return `${groupsKey(note.groups)}.${leaves}.${hex(crc32(footer))}.parquet`;
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}

/** `null` for files that are no entries. */
export function parseEntryName(name: string): EntryName | null {
  const match = /^([0-9a-f]{12})\.[0-9a-f]{12}\.([0-9a-f]{8})\.parquet$/.exec(name);
  if (match === null) return null;
  return { name, groups: match[1]!, sum: Number.parseInt(match[2]!, 16) };
}

/** Bytes read at a time while checking: between them, the thread is free for other things. */
const CHECK_BYTES = 1 << 20;
/** Buffers of checks that have ended: as many as ever ran at a time. */
const spareBuffers: Uint8Array[] = [];
const MARK_BYTES = 4;

/** An opened entry whose footer is sound. */
export interface SoundEntry {
  readonly note: EntryNote;
  /** The whole footer, closing bytes included. */
  readonly footer: Uint8Array;
}

/** The note of an entry, or null where its footer is not the one that its name tells of. */
export async function readNote(file: string, sum: number): Promise<SoundEntry | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    return await noteOf(handle, sum);
  } catch {
    // A torn footer fails in many ways; all mean the same.
    return null;
  } finally {
    await handle.close();
  }
}

async function noteOf(handle: FileHandle, sum: number): Promise<SoundEntry | null> {
  const { size } = await handle.stat();
  const tail = await readAt(handle, size - 8, size);
  const length = metadataLength(tail) + 8;
  const footer = await readAt(handle, size - length, size);
  if (crc32(footer) !== sum) return null;
  const text = keyValueOf(splitFooter(footer.subarray(0, length - 8)), NOTE_KEY);
  if (text === undefined) return null;
  const note = JSON.parse(text) as EntryNote;
  let pieces = MARK_BYTES;
  for (let i = 0; i < note.sums.length; i += 2) pieces += note.sums[i]!;
  return pieces + length === size ? { note, footer } : null;
}

/** True when every piece of an entry has the checksum that its note tells. */
export async function isSound(file: string, { sums }: EntryNote): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return false;
  // Fresh memory for every piece would cost more than reading and summing up.
  const buffer = spareBuffers.pop() ?? new Uint8Array(CHECK_BYTES);
  try {
    let at = MARK_BYTES;
    for (let i = 0; i < sums.length; i += 2) {
      const end = at + sums[i]!;
      let sum = 0;
      while (at < end) {
        const next = Math.min(end, at + CHECK_BYTES);
        sum = crc32(await readInto(handle, at, buffer.subarray(0, next - at)), sum);
        at = next;
      }
      if (sum !== sums[i + 1]) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    spareBuffers.push(buffer);
    await handle.close();
  }
}

/** Bytes [start, end) of an open file. Throws RangeError where it ends before. */
export async function readAt(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  if (start < 0) throw new RangeError('the file is too short');
  return readInto(handle, start, new Uint8Array(end - start));
}

/** Fills `bytes` from `start` on, as {@link readAt} does. */
async function readInto(handle: FileHandle, start: number, bytes: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new RangeError('the file is too short');
    filled += bytesRead;
  }
  return bytes;
}
