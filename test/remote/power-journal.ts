/**
 * What a file system may hold after the power failed: the calls that change it are written down as they happen, and
 * any number of them from the first on can be done again elsewhere, with data that were never flushed lost or not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import type { Random } from '../query/hard-sky.ts';

type Change =
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'link' | 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string };

/** The calls that change files, of everything that runs meanwhile in this process. */
export async function changesDuring(work: () => Promise<void>): Promise<Change[]> {
  const changes: Change[] = [];
  const paths = new WeakMap<FileHandle, string>();
  const own = { ...fs };
  const probe = await fs.open('/dev/null', 'r');
  const handles = Object.getPrototypeOf(probe) as { write: (...args: never[]) => Promise<unknown> };
  await probe.close();
  const write = handles.write;
  const note = <A extends unknown[], R>(
    call: (...args: A) => Promise<R>,
    changesOf: (...args: A) => readonly Change[],
  ) => {
    return async (...args: A): Promise<R> => {
      const result = await call(...args);
      changes.push(...changesOf(...args));
      return result;
    };
  };
  const text = (name: unknown) => String(name);
  Object.assign(fs, {
    mkdir: note(own.mkdir, (name) => [{ kind: 'mkdir', path: text(name) }]),
    link: note(own.link, (name, to) => [{ kind: 'link', path: text(name), to: text(to) }]),
    rename: note(own.rename, (name, to) => [{ kind: 'rename', path: text(name), to: text(to) }]),
    unlink: note(own.unlink, (name) => [{ kind: 'remove', path: text(name) }]),
    rm: note(own.rm, (name) => [{ kind: 'remove', path: text(name) }]),
    writeFile: note(own.writeFile, (name, data) => [
      { kind: 'create', path: text(name) },
      { kind: 'write', path: text(name), at: 0, bytes: Buffer.from(data as Uint8Array) },
    ]),
    open: async (name: string, flags: string) => {
      const handle = await own.open(name, flags);
      if (flags === 'wx') {
        changes.push({ kind: 'create', path: name });
        paths.set(handle, name);
      }
      return handle;
    },
  });
  handles.write = async function (this: FileHandle, ...args: never[]) {
    const name = paths.get(this);
    const [data, offset, length, at] = args as unknown as [Uint8Array, number, number, number];
    if (name !== undefined) {
      const bytes = Buffer.from(data.subarray(offset, offset + length));
      changes.push({ kind: 'write', path: name, at, bytes });
    }
    return write.apply(this, args);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(fs, own);
    handles.write = write;
    syncBuiltinESMExports();
  }
  return changes;
}

interface File {
  bytes: Buffer;
}

/**
 * Does `changes` again, with what lies below `from` below `to`. Names are as the calls left them; of each
 * written piece the data arrived, or only zeros did, or nothing at all, as `random` has it.
 */
export function replay(changes: readonly Change[], from: string, to: string, random: Random): void {
  const files = new Map<string, File>();
  const folders = new Set<string>([from]);
  for (const change of changes) apply(change, files, folders, random);
  for (const folder of folders) mkdirSync(moved(folder, from, to), { recursive: true });
  for (const [name, { bytes }] of files) {
    const target = moved(name, from, to);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

function moved(name: string, from: string, to: string): string {
  return path.join(to, path.relative(from, name));
}

function apply(
  change: Change,
  files: Map<string, File>,
  folders: Set<string>,
  random: Random,
): void {
  switch (change.kind) {
    case 'mkdir':
      folders.add(change.path);
      break;
    case 'create':
      files.set(change.path, { bytes: Buffer.alloc(0) });
      break;
    case 'write':
      writeInto(files.get(change.path)!, change, random());
      break;
    case 'link':
      // One file under two names: what is lost of it is lost to both.
      files.set(change.to, files.get(change.path)!);
      break;
    case 'rename':
      files.set(change.to, files.get(change.path)!);
      files.delete(change.path);
      break;
    case 'remove':
      for (const names of [files, folders]) {
        for (const name of [...names.keys()]) {
          if (name === change.path || name.startsWith(`${change.path}/`)) names.delete(name);
        }
      }
      break;
    default:
      throw new Error(`unknown change ${JSON.stringify(change satisfies never)}`);
  }
}

/** Of ten writes seven arrive, two leave zeros, one does not even make the file longer. */
function writeInto(
  file: File,
  { at, bytes }: Extract<Change, { kind: 'write' }>,
  fate: number,
): void {
  if (fate < 0.1) return;
  const end = at + bytes.length;
  if (file.bytes.length < end) {
    file.bytes = Buffer.concat([file.bytes, Buffer.alloc(end - file.bytes.length)]);
  }
  if (fate >= 0.3) bytes.copy(file.bytes, at);
}
